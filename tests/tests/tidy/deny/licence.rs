//! Licence expressions: names, `OR`, `AND`, `WITH` and parentheses.

/// Says whether `expression` can be met by licences that `is_let_in` lets in. What cannot be read is
/// not met.
pub(crate) fn is_allowed(expression: &str, is_let_in: &dyn Fn(&str) -> bool) -> bool {
    // Before SPDX expressions, `/` said OR.
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, is_let_in };
    let is_met = reader.alternatives();
    is_met && reader.words.is_empty()
}

struct Reader<'text> {
    words: &'text [&'text str],
    is_let_in: &'text dyn Fn(&str) -> bool,
}

impl Reader<'_> {
    /// `a OR b`: one of them is enough.
    fn alternatives(&mut self) -> bool {
        let mut is_met = self.conjunction();
        while self.takes("OR") {
            is_met |= self.conjunction();
        }
        is_met
    }

    /// `a AND b`: both hold, and AND binds tighter than OR.
    fn conjunction(&mut self) -> bool {
        let mut is_met = self.one();
        while self.takes("AND") {
            is_met &= self.one();
        }
        is_met
    }

    fn one(&mut self) -> bool {
        if self.takes("(") {
            let is_met = self.alternatives();
            return self.takes(")") && is_met;
        }
        let Some((name, rest)) = self.words.split_first() else { return false };
        self.words = rest;
        if !self.takes("WITH") {
            return (self.is_let_in)(name);
        }
        let Some((exception, rest)) = self.words.split_first() else { return false };
        self.words = rest;
        // An exception only ever gives more than its licence.
        (self.is_let_in)(name) || (self.is_let_in)(&format!("{name} WITH {exception}"))
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        if is_next {
            self.words = &self.words[1..];
        }
        is_next
    }
}

#[test]
fn expressions_are_met_as_spdx_means_them() {
    let is_let_in = |name: &str| ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"].contains(&name);
    for met in [
        "MIT",
        "GPL-3.0 OR MIT",
        "GPL-3.0/MIT",
        "(MIT OR GPL-3.0) AND Zlib",
        "MIT WITH Autoconf-exception-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        "GPL-3.0 AND GPL-2.0 OR MIT",
    ] {
        assert!(is_allowed(met, &is_let_in), "{met}");
    }
    for unmet in ["GPL-3.0", "Apache-2.0", "MIT AND GPL-3.0", "", "(MIT", "MIT)", "MIT Zlib"] {
        assert!(!is_allowed(unmet, &is_let_in), "{unmet}");
    }
}
