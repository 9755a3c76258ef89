//! Secrets in what actions print: seen by whoever runs the build, and by nobody who asks over the API.
//!
//! A build overwrites them in its log once a command has ended. Whoever reads along meanwhile, or reads
//! the log of a build that was killed, reads through here.

/// What a secret is overwritten with, byte for byte, so that places in the text stay where they are.
const ASTERISK: u8 = b'*';

/// Shorter values are no secrets: they would mask half of what a build prints.
const SECRET_BYTES_MIN: usize = 4;

/// The values that must not be shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets(Vec<Vec<u8>>);

/// A part of a text, its secrets masked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Masked {
    /// The part that was asked for, as far as it can be shown.
    pub(super) bytes: Vec<u8>,
    /// How many bytes at its end may be the beginning of a secret that is still being printed.
    pub(super) held_back: usize,
}

impl Secrets {
    /// Takes the values; each line of one counts as well, since tools print them line by line.
    pub(super) fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let whole_and_lines = values.into_iter().flat_map(|value| {
            let lines = value.lines().map(str::trim);
            std::iter::once(value.trim_end_matches('\n')).chain(lines)
        });
        let long = whole_and_lines.filter(|value| value.len() >= SECRET_BYTES_MIN);
        let mut values: Vec<_> = long.map(|value| value.as_bytes().to_vec()).collect();
        // The longest first, so that one that holds another is masked as a whole.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Self(values)
    }

    /// Returns how many bytes before a part must be read to see a secret that began there.
    pub(super) fn reach(&self) -> usize {
        self.0.first().map_or(0, |longest| longest.len() - 1)
    }

    /// Masks `text`, of which the first `before` bytes were read only to see what began there. Where more
    /// may be printed, an end that may be the beginning of a secret is held back.
    pub(super) fn mask(&self, mut text: Vec<u8>, before: usize, may_go_on: bool) -> Masked {
        for secret in &self.0 {
            let mut from = 0;
            while let Some(at) = find(&text[from..], secret) {
                let place = from + at..from + at + secret.len();
                text[place.clone()].fill(ASTERISK);
                from = place.end;
            }
        }
        let held_back = if may_go_on { self.begun(&text) } else { 0 };
        let held_back = held_back.min(text.len().saturating_sub(before));
        text.truncate(text.len() - held_back);
        text.drain(..before.min(text.len()));
        Masked { bytes: text, held_back }
    }

    /// Returns how much of the end of a text is the beginning of a secret.
    fn begun(&self, text: &[u8]) -> usize {
        let of = |secret: &Vec<u8>| {
            let most = (secret.len() - 1).min(text.len());
            (1..=most).rev().find(|count| text.ends_with(&secret[..*count])).unwrap_or(0)
        };
        self.0.iter().map(of).max().unwrap_or(0)
    }
}

fn find(text: &[u8], secret: &[u8]) -> Option<usize> {
    text.windows(secret.len()).position(|window| window == secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(secrets: &Secrets, text: &[u8], offset: usize, count: usize) -> (Vec<u8>, usize) {
        let from = offset.saturating_sub(secrets.reach());
        let to = (offset + count).min(text.len());
        let masked = secrets.mask(text[from..to].to_vec(), offset - from, to < text.len());
        let next = to - masked.held_back;
        (masked.bytes, next)
    }

    #[test]
    fn however_a_text_is_cut_no_part_of_a_secret_is_shown() {
        let secrets = Secrets::new(["hunter2-hunter2", "first line\nsecond line", "abc"]);
        let text = b"say hunter2-hunter2 and first line; second line; hunter2-hunte, abc".to_vec();
        let whole = secrets.mask(text.clone(), 0, false).bytes;
        assert_eq!(whole, b"say *************** and **********; ***********; hunter2-hunte, abc");
        for count in 1..text.len() {
            let (mut shown, mut offset) = (Vec::new(), 0);
            let mut size = count;
            while offset < text.len() {
                let (bytes, next) = read(&secrets, &text, offset, size);
                shown.extend(bytes);
                // Whoever gets nothing new asks for more.
                size = if next == offset { size + 1 } else { count };
                offset = next;
            }
            assert_eq!(
                String::from_utf8_lossy(&shown),
                String::from_utf8_lossy(&whole),
                "by {count}"
            );
        }
        for offset in 0..text.len() {
            let (bytes, _) = read(&secrets, &text, offset, text.len());
            assert_eq!(bytes, whole[offset..], "from {offset}");
        }
    }

    #[test]
    fn without_secrets_a_text_is_shown_as_it_is() {
        let masked = Secrets::default().mask(b"plain".to_vec(), 0, true);
        assert_eq!(masked, Masked { bytes: b"plain".to_vec(), held_back: 0 });
    }
}
