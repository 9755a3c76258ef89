//! AWS's file of credentials: sections of a profile's name and what belongs to it.

/// Writes a profile.
pub(super) fn section(name: &str, access_key: &str, secret: &str, region: &str) -> String {
    format!(
        "[{name}]\naws_access_key_id = {access_key}\naws_secret_access_key = {secret}\nregion = {region}\n"
    )
}

/// A name that reads back as it was written.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.@+".contains(letter);
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(format!(
            "--profile {name}: a profile's name has letters, digits and -_.@+ only"
        ));
    }
    Ok(())
}

/// Puts a profile in the place of the one of that name, or at the end. Every other line stays.
pub(super) fn with_section(text: &str, name: &str, section: &str) -> String {
    let mut lines = Vec::new();
    let mut is_inside = false;
    let mut is_placed = false;
    for line in text.lines() {
        if let Some(of) = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_inside = of.trim() == name;
            if is_inside && !is_placed {
                lines.extend(section.lines());
                is_placed = true;
            }
        }
        // What a person wrote beside the old key is kept apart from it by an empty line.
        if !is_inside || line.trim().is_empty() {
            lines.push(line);
        }
    }
    if !is_placed {
        if lines.last().is_some_and(|line| !line.trim().is_empty()) {
            lines.push("");
        }
        lines.extend(section.lines());
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = "[towpath]\nnew = 1\n";

    #[test]
    fn a_profile_is_put_in_its_own_place_and_nothing_else_changes() {
        assert_eq!(with_section("", "towpath", NEW), NEW);
        assert_eq!(
            with_section("[a]\nx = 1", "towpath", NEW),
            "[a]\nx = 1\n\n[towpath]\nnew = 1\n"
        );
        let before = "# mine\n[a]\nx = 1\n\n[towpath]\nold = 2\nolder = 3\n\n[b]\ny = 1\n";
        let after = "# mine\n[a]\nx = 1\n\n[towpath]\nnew = 1\n\n[b]\ny = 1\n";
        assert_eq!(with_section(before, "towpath", NEW), after);
        assert_eq!(with_section(after, "towpath", NEW), after);
    }

    #[test]
    fn a_name_that_would_not_read_back_is_refused() {
        assert!(check_name("team-a.prod").is_ok());
        for bad in ["", "a b", "a]", "a\nb", "[a"] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }
}
