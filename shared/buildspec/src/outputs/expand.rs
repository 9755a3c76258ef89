//! `$NAME` and `${NAME}` in the patterns of artifacts.

use std::collections::BTreeMap;

/// Returns the names that a text refers to.
pub(super) fn references(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    walk(text, |piece| {
        if let Piece::Reference(name) = piece {
            names.push(name.to_owned());
        }
    });
    names
}

/// Replaces references by values; what is not set is empty, as in a shell.
pub(super) fn expand(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut expanded = String::new();
    walk(text, |piece| match piece {
        Piece::Text(text) => expanded.push_str(text),
        Piece::Reference(name) => {
            expanded.push_str(values.get(name).map_or("", String::as_str));
        }
    });
    expanded
}

enum Piece<'a> {
    Text(&'a str),
    Reference(&'a str),
}

fn walk<'a>(text: &'a str, mut visit: impl FnMut(Piece<'a>)) {
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        visit(Piece::Text(&rest[..start]));
        let after = &rest[start + 1..];
        if let Some((name, length)) = name_at(after) {
            visit(Piece::Reference(name));
            rest = &after[length..];
        } else {
            // A lone dollar stands for itself.
            visit(Piece::Text("$"));
            rest = after;
        }
    }
    visit(Piece::Text(rest));
}

/// Returns the name that `after` starts with, and how many bytes it takes with its braces.
fn name_at(after: &str) -> Option<(&str, usize)> {
    let is_braced = after.starts_with('{');
    let start = usize::from(is_braced);
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let end = after[start..].find(|letter| !is_word(letter)).map_or(after.len(), |it| it + start);
    let name = &after[start..end];
    if name.is_empty() || name.as_bytes()[0].is_ascii_digit() {
        return None;
    }
    match (is_braced, after[end..].starts_with('}')) {
        (false, _) => Some((name, end)),
        (true, true) => Some((name, end + 1)),
        (true, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_and_everything_else_stays() {
        let values = [("A".to_owned(), "1".to_owned()), ("B_2".to_owned(), "x/y".to_owned())];
        let values = values.into();
        for (text, expanded) in [
            ("$A", "1"),
            ("${A}b/$B_2/*", "1b/x/y/*"),
            ("$UNSET.zip", ".zip"),
            ("a$", "a$"),
            ("$1 $( ${A", "$1 $( ${A"),
            ("${A-b}", "${A-b}"),
            ("plain ü", "plain ü"),
        ] {
            assert_eq!(expand(text, &values), expanded, "{text}");
        }
        assert_eq!(references("$A/${B_2}/$A$"), ["A", "B_2", "A"]);
    }
}
