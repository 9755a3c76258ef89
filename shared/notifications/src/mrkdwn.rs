//! The markup of chat programs, and how words of others get through it unharmed.
//!
//! Slack reads `<!channel>`, `<@U…>` and `<https://…|…>` wherever they stand, and `*`, `_`, `~` and backticks at
//! the edges of words; Teams reads `[…](…)`. `&`, `<` and `>` have escapes. The others have none, so a sign that
//! looks the same takes their place. Nothing that others wrote can call a channel together.

use crate::text::{ELLIPSIS, Piece, Text, clean};

/// Goes where a mark would otherwise be read; it shows nothing.
const JOINER: char = '\u{2060}';

/// The words that call everybody together behind an `@`.
const CALLS: [&str; 4] = ["channel", "here", "everyone", "group"];

/// Returns a text in the markup of chat programs, of no more than so many characters. Names lose their end,
/// commands and links are whole or not there.
pub(crate) fn mrkdwn(text: &Text, characters_max: usize) -> String {
    let mut room = Room { text: String::new(), left: characters_max.saturating_sub(1) };
    for piece in &text.0 {
        let is_whole = match piece {
            Piece::Ours(text) | Piece::Theirs(text) => room.words(text),
            Piece::Name(text) => room.bold(text),
            Piece::Command(command) => room.whole(&format!("`{}`", code(command))),
            Piece::Link { url, label } => {
                let label = escaped(label, usize::MAX).replace('|', "¦");
                room.whole(&format!("<{}|{label}>", url.replace('&', "&amp;")))
            }
        };
        if !is_whole {
            room.text.push(ELLIPSIS);
            break;
        }
    }
    room.text
}

/// Returns somebody's words, of no more than so many characters.
pub(crate) fn escaped(text: &str, characters_max: usize) -> String {
    let mut room = Room { text: String::new(), left: characters_max.saturating_sub(1) };
    if !room.words(&clean(text)) {
        room.text.push(ELLIPSIS);
    }
    room.text
}

/// Returns a command as code: only what the markup reads even there is escaped.
fn code(command: &str) -> String {
    let harmless = command.replace('`', "ˋ");
    harmless.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A text that is being written, and how many characters it may still have.
struct Room {
    text: String,
    left: usize,
}

impl Room {
    /// Adds all of it or nothing, and says whether there was room.
    fn whole(&mut self, text: &str) -> bool {
        let characters = text.chars().count();
        if characters > self.left {
            return false;
        }
        self.left -= characters;
        self.text.push_str(text);
        true
    }

    fn bold(&mut self, text: &str) -> bool {
        // A name that is empty would leave two stars, which are none.
        if text.is_empty() {
            return true;
        }
        if self.left < 4 {
            return false;
        }
        self.left -= 2;
        self.text.push('*');
        let is_whole = self.words(text);
        self.text.push('*');
        is_whole
    }

    /// Adds words, as many of their characters as there is room for.
    fn words(&mut self, text: &str) -> bool {
        let mut before = ' ';
        for (index, character) in text.char_indices() {
            let rest = &text[index + character.len_utf8()..];
            let after = rest.chars().next().unwrap_or(' ');
            let mut own = [0; 4];
            let written = match character {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '*' => "∗",
                '~' => "∼",
                '`' => "ˋ",
                // Inside of a word it is a part of the word: `UPDATE_COMPLETE`.
                '_' if !(before.is_alphanumeric() && after.is_alphanumeric()) => "ˍ",
                other => other.encode_utf8(&mut own),
            };
            if !self.whole(written) {
                return false;
            }
            let calls = character == '@' && CALLS.iter().any(|call| begins(rest, call));
            let links = character == ']' && after == '(';
            if (calls || links) && !self.whole(JOINER.encode_utf8(&mut [0; 4])) {
                return false;
            }
            before = character;
        }
        true
    }
}

fn begins(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_stay_words() {
        for (text, expected) in [
            ("<!channel> look", "&lt;!channel&gt; look"),
            ("<@U024BE7LH>", "&lt;@U024BE7LH&gt;"),
            ("@here @Channel @ana", "@\u{2060}here @\u{2060}Channel @ana"),
            ("*bold* ~gone~ `code`", "∗bold∗ ∼gone∼ ˋcodeˋ"),
            ("_sly_ UPDATE_FAILED a_b", "ˍslyˍ UPDATE_FAILED a_b"),
            ("[x](https://evil.example)", "[x]\u{2060}(https://evil.example)"),
            ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
        ] {
            assert_eq!(escaped(text, 1_000), expected);
        }
    }

    #[test]
    fn a_command_cannot_be_left_early() {
        let text = Text::default().command("towpath show 'a` <!channel> `b'");
        assert_eq!(mrkdwn(&text, 1_000), "`towpath show 'aˋ &lt;!channel&gt; ˋb'`");
    }

    #[test]
    fn a_cut_never_halves_an_escape_a_link_or_a_command() {
        let text = Text::new("ab").quote("<<<<", 10);
        assert_eq!(mrkdwn(&text, 8), "ab&lt;…");
        let text = Text::new("see ").link("https://example.com/x", "the log");
        assert_eq!(mrkdwn(&text, 20), "see …");
        let text = Text::new("type ").command("towpath show web");
        assert_eq!(mrkdwn(&text, 20), "type …");
        let text = Text::new("in ").name("Production");
        assert_eq!(mrkdwn(&text, 10), "in *Prod*…");
        for room in 0..60 {
            assert!(mrkdwn(&text, room).chars().count() <= room.max(1), "{room}");
        }
    }
}
