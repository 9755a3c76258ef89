//! Rust without its comments and the contents of its strings.

/// Returns `text` with comments, strings and characters blanked. Lines keep their numbers.
pub(crate) fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = String::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let length = blank_length(text, at);
        if length == 0 {
            // Code outside of strings is ASCII but for rare names, whose letters do not matter here.
            code.push(if bytes[at].is_ascii() { char::from(bytes[at]) } else { '_' });
            at += 1;
        } else {
            let blanked = &bytes[at..(at + length).min(bytes.len())];
            code.extend(blanked.iter().map(|byte| if *byte == b'\n' { '\n' } else { ' ' }));
            at += length;
        }
    }
    code
}

/// How much is to be blanked at `at`; 0 if code goes on there.
fn blank_length(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at..];
    if rest.starts_with(b"//") {
        return rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }
    if rest.starts_with(b"/*") {
        return block_comment_length(rest);
    }
    let is_in_word = at > 0 && is_word(text.as_bytes()[at - 1]);
    if let Some(length) = raw_string_length(rest).filter(|_| !is_in_word) {
        return length;
    }
    match rest[0] {
        b'"' => quoted_length(rest, b'"'),
        b'\'' if is_character(rest) => quoted_length(rest, b'\''),
        _ => 0,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn block_comment_length(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The length of `r"…"`, `r#"…"#`, `br"…"` and so on, if one starts here.
fn raw_string_length(rest: &[u8]) -> Option<usize> {
    let prefix = rest.iter().position(|byte| !matches!(byte, b'b' | b'c'))?;
    let hashes = rest.get(prefix..)?.strip_prefix(b"r")?;
    let count = hashes.iter().position(|byte| *byte != b'#')?;
    let body = hashes.get(count..)?.strip_prefix(b"\"")?;
    let end = [b"\"".as_slice(), &vec![b'#'; count]].concat();
    let length = body.windows(end.len()).position(|window| window == end)?;
    Some(prefix + 1 + count + 1 + length + end.len())
}

/// A quote begins a character, not a lifetime, if it closes after one (escaped) character.
fn is_character(rest: &[u8]) -> bool {
    match str::from_utf8(&rest[1..]).unwrap_or_default().chars().next() {
        Some('\\') => true,
        Some(first) => rest.get(1 + first.len_utf8()) == Some(&b'\''),
        None => false,
    }
}

fn quoted_length(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

#[test]
fn comments_strings_and_characters_are_blanked_and_lines_kept() {
    let text = "a /* b /* c */ d */ e // f\n\"g \\\" h\" i r#\"j\" k\"# l 'm' '\\'' 'n: &'n x\n";
    let code = code_of(text);
    let words: Vec<&str> = code.split_whitespace().collect();
    assert_eq!(words, ["a", "e", "i", "l", "'n:", "&'n", "x"]);
    assert_eq!(code.lines().count(), 2);
}
