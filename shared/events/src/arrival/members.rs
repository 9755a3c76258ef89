//! Members of JSON that somebody else wrote.

use serde_json::Value;

use super::Nothing;

/// How many characters of somebody else's text a reason repeats.
const CHARACTERS_MAX: usize = 100;

/// How long a name may be (contract §1.2).
const NAME_CHARACTERS_MAX: usize = 100;

/// Returns the text at the end of a path, which must be there and must not be empty.
pub(super) fn text<'a>(value: &'a Value, path: &[&str]) -> Result<&'a str, Nothing> {
    match text_if_any(value, path) {
        Some(text) => Ok(text),
        None => Err(Nothing::Malformed(format!("{} is missing or no text", path.join(".")))),
    }
}

/// Returns the text at the end of a path, unless there is none or it is empty.
pub(super) fn text_if_any<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    let found = path.iter().try_fold(value, |value, name| value.get(name))?;
    found.as_str().filter(|text| !text.is_empty())
}

/// Refuses a member of another name: it is a slip of the pen, and whoever passes over one does something else
/// than what was meant.
pub(super) fn check_members(what: &str, value: &Value, members: &[&str]) -> Result<(), Nothing> {
    let names = value.as_object().into_iter().flat_map(|members| members.keys());
    match names.into_iter().find(|name| !members.contains(&name.as_str())) {
        Some(unknown) => Err(Nothing::Malformed(format!(
            "{what} has no member {}; it has {}",
            short(unknown),
            members.join(", ")
        ))),
        None => Ok(()),
    }
}

/// Refuses what no pipeline, action or webhook can be called (contract §1.2).
pub(super) fn check_name(of: &str, name: &str) -> Result<(), Nothing> {
    let is_legal = name.len() <= NAME_CHARACTERS_MAX
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte));
    if is_legal {
        return Ok(());
    }
    let name = short(name);
    Err(Nothing::Malformed(format!("{name} cannot be the name of {of}")))
}

/// Returns the beginning of somebody else's text, for a reason that a person reads.
pub(super) fn short(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters
        .by_ref()
        .take(CHARACTERS_MAX)
        .map(|character| if character.is_control() { '·' } else { character })
        .collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_repeats_the_beginning_of_a_long_text_and_no_control_characters() {
        assert_eq!(short("main"), "main");
        assert_eq!(short("a\u{1b}[2Jb\n"), "a·[2Jb·");
        assert_eq!(short(&"ä".repeat(1_000_000)), "ä".repeat(100) + "…");
    }
}
