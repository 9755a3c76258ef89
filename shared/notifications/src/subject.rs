//! The subject of a mail.

use crate::Notice;
use crate::story::Story;
use crate::text::{clean, clip};

/// How long a subject may be: SNS takes fewer than 100 characters of ASCII, without control characters.
pub const SUBJECT_CHARACTERS_MAX: usize = 99;

/// How much of a pipeline's name stands in a subject, so that the rest has room.
const PIPELINE_CHARACTERS_MAX: usize = 40;

/// How much of what happened stands in a subject, so that the cause has room.
const STATE_CHARACTERS_MAX: usize = 45;

/// Returns the subject: which pipeline, which execution, what happened where, and why.
pub(crate) fn subject(notice: &Notice, story: &Story) -> String {
    let pipeline = clip(&clean(&notice.event.pipeline), PIPELINE_CHARACTERS_MAX);
    let state = clip(&clean(&story.state), STATE_CHARACTERS_MAX);
    let number = match &notice.facts.execution {
        Some(execution) => format!("#{} ", execution.number),
        None => String::new(),
    };
    let cause = match story.gist.as_deref().map(clean).filter(|gist| !gist.is_empty()) {
        Some(gist) => format!(": {gist}"),
        None => String::new(),
    };
    ascii(&format!("[{pipeline}] {number}{state}{cause}"))
}

/// Returns the text in ASCII, short enough. It begins as ours do, with a bracket, so it begins as SNS wants.
pub(crate) fn ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in clean(text).chars() {
        match character {
            ' '..='~' => ascii.push(character),
            _ => match plain(character) {
                "" if ascii.ends_with('?') => {}
                "" => ascii.push('?'),
                plain => ascii.push_str(plain),
            },
        }
    }
    if ascii.len() > SUBJECT_CHARACTERS_MAX {
        ascii.truncate(SUBJECT_CHARACTERS_MAX - 3);
        ascii.truncate(ascii.trim_end().len());
        ascii.push_str("...");
    }
    ascii
}

/// Returns what stands for a character in ASCII, or nothing where nothing does.
fn plain(character: char) -> &'static str {
    match character {
        '‘' | '’' | '‚' | '′' => "'",
        '“' | '”' | '„' | '«' | '»' | '″' => "\"",
        '–' | '—' | '‐' | '‑' | '−' => "-",
        '…' => "...",
        '•' | '·' | '×' => "*",
        '→' => "->",
        '←' => "<-",
        'À'..='Å' => "A",
        'à'..='å' | 'ą' | 'ă' => "a",
        'Æ' => "AE",
        'æ' => "ae",
        'Ç' | 'Č' | 'Ć' => "C",
        'ç' | 'č' | 'ć' => "c",
        'È'..='Ë' => "E",
        'è'..='ë' | 'ě' | 'ę' | 'ė' => "e",
        'Ì'..='Ï' => "I",
        'ì'..='ï' => "i",
        'Ñ' => "N",
        'ñ' => "n",
        'Ò'..='Ö' | 'Ø' => "O",
        'ò'..='ö' | 'ø' | 'ő' => "o",
        'Ù'..='Ü' => "U",
        'ù'..='ü' | 'ů' | 'ű' => "u",
        'Ý' => "Y",
        'ý' | 'ÿ' => "y",
        'ß' => "ss",
        'Ł' => "L",
        'ł' => "l",
        'Ř' => "R",
        'ř' => "r",
        'Š' => "S",
        'š' => "s",
        'Ž' => "Z",
        'ž' => "z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_ascii_and_short() {
        assert_eq!(ascii("[a] Zoë’s “fix” – done…"), "[a] Zoe's \"fix\" - done...");
        assert_eq!(ascii("[a] 日本語 ok"), "[a] ? ok");
        assert_eq!(ascii("[a] two\r\nlines"), "[a] two lines");
        let long = ascii(&format!("[a] {}", "é".repeat(1_000)));
        assert_eq!(long.len(), SUBJECT_CHARACTERS_MAX);
        assert!(long.ends_with("..."));
    }
}
