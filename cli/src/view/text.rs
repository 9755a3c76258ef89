//! Text that is safe and fits: no control characters of others, no line longer than the terminal.

use std::iter::Peekable;
use std::str::Chars;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Takes out what could steer the terminal: escape sequences vanish, other control characters and
/// marks that reorder or hide text become visible as `�`.
pub(crate) fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_sequence(&mut characters),
            '\t' => safe.push_str("    "),
            control if control.is_control() => safe.push('\u{fffd}'),
            '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

/// Like [`safe`], but keeps the ends of lines.
pub(crate) fn safe_lines(text: &str) -> String {
    text.lines().map(safe).collect::<Vec<_>>().join("\n")
}

/// Returns what a line of a log shows: of a progress bar that overwrites itself, its newest state.
pub(crate) fn shown(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    safe(line.rsplit('\r').next().unwrap_or(line))
}

/// Passes over the rest of an escape sequence.
fn skip_sequence(characters: &mut Peekable<Chars<'_>>) {
    match characters.next_if(|next| !next.is_control()) {
        // A control sequence ends with a letter or one of `@[\]^_`{|}~`.
        Some('[') => {
            while let Some(next) = characters.next_if(|next| !next.is_control()) {
                if ('\u{40}'..='\u{7e}').contains(&next) {
                    return;
                }
            }
        }
        // A string sequence ends with a bell, or with an escape and `\`.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(next) = characters.next_if(|next| *next != '\u{1b}') {
                if next == '\u{7}' {
                    return;
                }
            }
        }
        Some(' '..='/') => {
            let _ = characters.next_if(|next| !next.is_control());
        }
        Some(_) | None => {}
    }
}

/// Returns how many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Cuts a line to a number of columns, saying so with an ellipsis.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut width = 0;
    for character in text.chars() {
        width += character.width().unwrap_or(0);
        if width >= columns {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    cut
}

/// Says how long something took, in the unit a person would choose.
pub(crate) fn duration(millis: i64) -> String {
    match millis {
        ..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {:02} s", millis / 60_000, millis / 1_000 % 60),
        3_600_000..86_400_000 => {
            format!("{} h {:02} min", millis / 3_600_000, millis / 60_000 % 60)
        }
        _ => format!("{} d {:02} h", millis / 86_400_000, millis / 3_600_000 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_cannot_steer_the_terminal() {
        assert_eq!(safe("a\u{1b}[2Jb\rc\u{7}"), "ab\u{fffd}c\u{fffd}");
        assert_eq!(safe("\u{1b}[1;31mred\u{1b}[0m"), "red");
        assert_eq!(safe("\u{1b}]0;title\u{7}text"), "text");
        assert_eq!(safe("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\"), "link");
        assert_eq!(safe("\u{1b}(Bx\u{1b}"), "x");
        assert_eq!(safe("\u{9b}2J"), "\u{fffd}2J");
        assert_eq!(safe("\u{202e}evil"), "\u{fffd}evil");
        assert_eq!(safe("cut \u{1b}[38;5"), "cut ");
    }

    #[test]
    fn a_progress_bar_shows_its_newest_state() {
        assert_eq!(shown("10%\r50%\r100%"), "100%");
        assert_eq!(shown("windows line\r"), "windows line");
    }

    #[test]
    fn long_lines_are_cut_by_columns_not_by_characters() {
        assert_eq!(fit("short", 10), "short");
        assert_eq!(fit("abcdefghij", 5), "abcd…");
        assert_eq!(fit("漢字漢字漢字", 5), "漢字…");
    }

    #[test]
    fn durations_read_naturally() {
        assert_eq!(duration(12), "12 ms");
        assert_eq!(duration(3_240), "3.2 s");
        assert_eq!(duration(192_000), "3 min 12 s");
        assert_eq!(duration(3_900_000), "1 h 05 min");
        assert_eq!(duration(100_000_000), "1 d 03 h");
    }
}
