//! Names of entries, in their one plain form.

/// How long a name may be, as paths on Linux.
const NAME_BYTES_MAX: usize = 4095;
/// How long a part of a name may be, as in file systems.
const SEGMENT_BYTES_MAX: usize = 255;
/// How deep a name may lie.
const DEPTH_MAX: usize = 128;

/// A relative path without `.`, `..` or empty parts, separated by `/`; empty for the root itself.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Name {
    plain: String,
    /// Whether the name ended with `/`, which makes it a directory's.
    pub(super) is_directory: bool,
}

impl Name {
    /// Reads a name as an archive spells it, or says why it is refused.
    pub(super) fn parse(spelled: &str) -> Result<Name, &'static str> {
        if spelled.is_empty() {
            return Err("the name is empty");
        }
        if spelled.len() > NAME_BYTES_MAX {
            return Err("the name is longer than 4095 bytes");
        }
        if spelled.contains('\0') {
            return Err("the name has a NUL");
        }
        if spelled.contains('\\') {
            return Err("the name has a backslash; separate its parts by `/`");
        }
        if spelled.starts_with('/') {
            return Err("the name is absolute; name it relative to the archive");
        }
        if let [letter, b':', ..] = spelled.as_bytes()
            && letter.is_ascii_alphabetic()
        {
            return Err("the name begins with a drive letter; name it relative to the archive");
        }
        let path = spelled.strip_suffix('/');
        let mut segments = Vec::new();
        for segment in path.unwrap_or(spelled).split('/') {
            match segment {
                "" => return Err("the name has two `/` in a row"),
                ".." => return Err("the name climbs with `..`"),
                "." => {}
                long if long.len() > SEGMENT_BYTES_MAX => {
                    return Err("a part of the name is longer than 255 bytes");
                }
                segment => segments.push(segment),
            }
        }
        if segments.len() > DEPTH_MAX {
            return Err("the name lies deeper than 128 directories");
        }
        let is_directory = path.is_some() || segments.is_empty();
        Ok(Name { plain: segments.join("/"), is_directory })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.plain
    }

    pub(super) fn is_root(&self) -> bool {
        self.plain.is_empty()
    }

    pub(super) fn segments(&self) -> impl Iterator<Item = &str> {
        self.plain.split('/').filter(|segment| !segment.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_plain_form() {
        for (spelled, plain, is_directory) in [
            ("a", "a", false),
            ("a/b", "a/b", false),
            ("a/b/", "a/b", true),
            ("./a/./b", "a/b", false),
            ("./", "", true),
            (".", "", true),
            ("...", "...", false),
            (".hidden/..x", ".hidden/..x", false),
            ("ü/名", "ü/名", false),
            ("1:a", "1:a", false),
            ("ab:c", "ab:c", false),
        ] {
            let name = Name::parse(spelled).unwrap();
            assert_eq!((name.as_str(), name.is_directory), (plain, is_directory), "{spelled}");
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let segment = "a".repeat(256);
        let long = vec!["a".repeat(99); 50].join("/");
        let deep = ["a"; 129].join("/");
        for spelled in [
            "",
            "/",
            "//",
            "/etc/passwd",
            "//host/share",
            "..",
            "../a",
            "a/..",
            "a/../b",
            "a/../../b",
            "./..",
            "a//b",
            "a//",
            "a\\b",
            "..\\a",
            "\\\\host\\share",
            "C:",
            "C:/a",
            "c:a",
            "a\0",
            "\0",
            &segment,
            &long,
            &deep,
        ] {
            assert!(Name::parse(spelled).is_err(), "{spelled:?}");
        }
    }
}
