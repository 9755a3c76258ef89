//! Words of ours and words of others, kept apart until a channel writes them down.
//!
//! What others wrote (a commit's message, a provider's error, a reviewer's comment) may hold anything: sequences
//! that steer a terminal, marks that reorder text, `<!channel>`, a backtick that ends our code. Each channel
//! writes such words so that they stay words. [`clean`] takes out what is dangerous everywhere.

use std::iter::Peekable;
use std::str::Chars;

/// What stands where the rest of a text was.
pub const ELLIPSIS: char = '…';

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Our own words; they hold nothing that any channel understands as more than a word.
    Ours(String),
    /// Somebody else's words.
    Theirs(String),
    /// A name that stands out: of a stage, an action, an execution.
    Name(String),
    /// A command, to be typed as it stands.
    Command(String),
    /// A link, and what it is called.
    Link {
        /// Where it leads.
        url: String,
        /// What is shown, where a channel can hide the address.
        label: String,
    },
}

/// A sentence, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Piece>);

impl Text {
    /// Begins with our own words.
    pub fn new(ours: impl Into<String>) -> Self {
        Self::default().say(ours)
    }

    /// Goes on with our own words.
    #[must_use]
    pub fn say(mut self, ours: impl Into<String>) -> Self {
        let ours = ours.into();
        if !ours.is_empty() {
            self.0.push(Piece::Ours(ours));
        }
        self
    }

    /// Goes on with somebody else's words, on one line and no longer than a limit.
    #[must_use]
    pub fn quote(mut self, theirs: &str, characters_max: usize) -> Self {
        self.0.push(Piece::Theirs(clip(&clean(theirs), characters_max)));
        self
    }

    /// Goes on with a name that stands out.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.0.push(Piece::Name(clip(&clean(name), NAME_CHARACTERS_MAX)));
        self
    }

    /// Goes on with a command.
    #[must_use]
    pub fn command(mut self, command: &str) -> Self {
        self.0.push(Piece::Command(command.to_owned()));
        self
    }

    /// Goes on with a link, unless the address is none that may be followed: then only with its name.
    #[must_use]
    pub fn link(mut self, url: &str, label: &str) -> Self {
        let label = clip(&clean(label), NAME_CHARACTERS_MAX);
        self.0.push(match safe_url(url) {
            Some(url) => Piece::Link { url, label },
            None => Piece::Theirs(label),
        });
        self
    }

    /// Goes on with another text.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Returns the bare words, without any markup and without addresses.
    pub fn words(&self) -> String {
        let words = self.0.iter().map(|piece| match piece {
            Piece::Ours(text)
            | Piece::Theirs(text)
            | Piece::Name(text)
            | Piece::Command(text)
            | Piece::Link { label: text, .. } => text.as_str(),
        });
        words.collect()
    }
}

/// How much of a name is shown; AWS allows 100 characters.
pub const NAME_CHARACTERS_MAX: usize = 100;

/// How long an address may be. A longer one is left out, since half an address leads elsewhere.
const URL_CHARACTERS_MAX: usize = 2_000;

/// Returns an address that a person may follow: of the web, and without anything that could end it early.
pub fn safe_url(url: &str) -> Option<String> {
    let is_web = ["https://", "http://"].iter().any(|scheme| {
        let start = url.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme)) && url.len() > scheme.len()
    });
    let is_plain = url.chars().all(|c| c.is_ascii_graphic() && !"<>|\"`\\^{}".contains(c));
    (is_web && is_plain && url.len() <= URL_CHARACTERS_MAX).then(|| url.to_owned())
}

/// Returns the text on one line: sequences that steer a terminal vanish, other control characters, ends of
/// lines and runs of spaces become one space, and marks that hide or reorder text vanish.
pub fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_space = character.is_whitespace() || character.is_control();
        if character == '\u{1b}' {
            skip_sequence(&mut characters);
        } else if is_space {
            if !clean.is_empty() && !clean.ends_with(' ') {
                clean.push(' ');
            }
        } else if !is_invisible(character) {
            clean.push(character);
        }
    }
    clean.truncate(clean.trim_end().len());
    clean
}

/// Returns the first lines of a text, each of them [`clean`], without empty ones.
pub fn clean_lines(text: &str, lines_max: usize, characters_max: usize) -> Vec<String> {
    let lines = text.split(['\n', '\r']).map(clean).filter(|line| !line.is_empty());
    lines.take(lines_max).map(|line| clip(&line, characters_max)).collect()
}

/// Whether a character shows nothing and changes how others are read.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Passes over the rest of an escape sequence.
fn skip_sequence(characters: &mut Peekable<Chars<'_>>) {
    if characters.next_if(|next| matches!(next, '[' | ']' | '(' | ')')).is_some() {
        while let Some(next) = characters.next_if(|next| !next.is_control()) {
            if next.is_ascii_alphabetic() || next == '~' {
                return;
            }
        }
    }
}

/// Returns no more than so many characters, the last of them an ellipsis where something was cut.
pub fn clip(text: &str, characters_max: usize) -> String {
    let mut positions = text.char_indices();
    let Some((_, _)) = positions.clone().nth(characters_max) else { return text.to_owned() };
    let end = positions.nth(characters_max.saturating_sub(1)).map_or(0, |(index, _)| index);
    let kept = text[..end].trim_end();
    if characters_max == 0 { String::new() } else { format!("{kept}{ELLIPSIS}") }
}

/// Returns no more than so many bytes of UTF-8, the last character an ellipsis where something was cut.
pub fn clip_bytes(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let room = bytes_max.saturating_sub(ELLIPSIS.len_utf8());
    let end = text.floor_char_boundary(room);
    if bytes_max < ELLIPSIS.len_utf8() {
        String::new()
    } else {
        format!("{}{ELLIPSIS}", text[..end].trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_hides_or_reorders_vanishes() {
        for (text, expected) in [
            ("a\nb\r\n\tc", "a b c"),
            ("\u{1b}[31mred\u{1b}[0m alert", "red alert"),
            ("left\u{202e}thgir", "leftthgir"),
            ("in\u{200b}vis\u{feff}ible", "invisible"),
            ("bell\u{7} and null\0", "bell and null"),
            ("  both ends  ", "both ends"),
            ("\u{1b}", ""),
        ] {
            assert_eq!(clean(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_cut_leaves_whole_characters_and_says_so() {
        assert_eq!(clip("canal", 5), "canal");
        assert_eq!(clip("canals", 5), "cana…");
        assert_eq!(clip("äöüß", 3), "äö…");
        assert_eq!(clip("a b", 2), "a…".to_owned());
        assert_eq!(clip("ab", 0), "");
        assert_eq!(clip_bytes("äöü", 6), "äöü");
        assert_eq!(clip_bytes("äöüß", 6), "ä…");
        assert_eq!(clip_bytes("äöüß", 2), "");
    }

    #[test]
    fn only_addresses_of_the_web_are_followed() {
        for url in ["https://example.com/a?b=c#d", "HTTP://example.com"] {
            assert_eq!(safe_url(url).as_deref(), Some(url));
        }
        let long = format!("https://example.com/{}", "x".repeat(URL_CHARACTERS_MAX));
        for url in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "//example.com",
            "https://example.com/|evil>",
            "https://example.com/\u{202e}",
            "https://example.com/a b",
            "https://exämple.com",
            &long,
        ] {
            assert_eq!(safe_url(url), None, "{url}");
        }
    }
}
