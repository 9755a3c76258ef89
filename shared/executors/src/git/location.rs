//! Where a repository is: a path, or a URL that Git can reach.

use std::fs;
use std::path::{Path, PathBuf};

use model::outcome::Failure;

use crate::fault;

/// The transports that may be used. Others, such as `ext::`, run programs.
const SCHEMES: [&str; 6] = ["https", "http", "ssh", "git+ssh", "git", "file"];

/// A place that `git` may be told to talk to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    text: String,
    path: Option<PathBuf>,
}

impl Location {
    /// Reads what stands for the repository `name` on this machine.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Location, Failure> {
        let fix = format!("write `--repository {name}=PATH` or `--repository {name}=URL`");
        if text.is_empty() || text.starts_with('-') || text.chars().any(char::is_control) {
            return Err(fault::configuration(format!(
                "repository {name:?} is at {text:?}, which is neither a path nor a URL; {fix}"
            )));
        }
        if let Some((scheme, _)) = text.split_once("://") {
            if SCHEMES.contains(&scheme) {
                let path = text.strip_prefix("file://").map(PathBuf::from);
                return Ok(Location { text: text.to_owned(), path });
            }
            let schemes = SCHEMES.join(", ");
            return Err(fault::configuration(format!(
                "repository {name:?} uses the transport {scheme:?}, and only {schemes} are used; {fix}"
            )));
        }
        if let Ok(path) = fs::canonicalize(text) {
            return Location::at(name, path);
        }
        if is_remote_shorthand(text) {
            return Ok(Location { text: text.to_owned(), path: None });
        }
        Err(fault::configuration(format!("repository {name:?}: nothing is at {text:?}; {fix}")))
    }

    fn at(name: &str, path: PathBuf) -> Result<Location, Failure> {
        // Git takes a path with a colon for a host, unless it starts with a slash, as this one does.
        match path.to_str() {
            Some(text) => Ok(Location { text: text.to_owned(), path: Some(path) }),
            None => Err(fault::configuration(format!(
                "repository {name:?}: the path {} is not UTF-8; move the repository",
                path.display()
            ))),
        }
    }

    /// Returns what `git` is told.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the path, if it is on this machine.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns what people may see: without a user name and a password.
    pub(crate) fn shown(&self) -> String {
        match self.credentials() {
            Some(credentials) => self.text.replacen(&format!("{credentials}@"), "", 1),
            None => self.text.clone(),
        }
    }

    /// Removes the credentials of the location from a text.
    pub(crate) fn redact(&self, text: &str) -> String {
        let Some(credentials) = self.credentials() else { return text.to_owned() };
        let mut text = text.replace(credentials, "***");
        if let Some((_, password)) = credentials.split_once(':').filter(|(_, it)| !it.is_empty()) {
            text = text.replace(password, "***");
        }
        text
    }

    /// Returns the page of a commit, for locations that are web pages too.
    pub(crate) fn page_of(&self, commit: &str) -> Option<String> {
        let shown = self.shown();
        let is_page = shown.starts_with("https://") || shown.starts_with("http://");
        let base =
            is_page.then(|| shown.trim_end_matches('/').trim_end_matches(".git").to_owned())?;
        let word = if base.contains("bitbucket") { "commits" } else { "commit" };
        Some(format!("{base}/{word}/{commit}"))
    }

    fn credentials(&self) -> Option<&str> {
        let (scheme, rest) = self.text.split_once("://")?;
        let authority = rest.split('/').next().unwrap_or(rest);
        // The user of SSH is no secret, and without it nothing is reached.
        let is_web = matches!(scheme, "http" | "https");
        authority.rsplit_once('@').map(|(credentials, _)| credentials).filter(|_| is_web)
    }
}

/// Says whether a text is `host:path` or `user@host:path`, and not `transport::address`.
fn is_remote_shorthand(text: &str) -> bool {
    let Some((host, path)) = text.split_once(':') else { return false };
    let is_host = |character: char| character.is_ascii_alphanumeric() || "._-@".contains(character);
    !host.is_empty() && host.chars().all(is_host) && !path.is_empty() && !path.starts_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Location, String> {
        Location::parse("app", text).map_err(|failure| failure.message)
    }

    #[test]
    fn what_is_no_place_of_a_repository_is_refused() {
        for text in [
            "",
            "--upload-pack=touch /tmp/x",
            "ext::sh -c id",
            "fd::17",
            "ext://x",
            "/no/such/path",
            "no-such-path",
            "a\nb",
            "::x",
            "host:",
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains("--repository app=PATH"), "{text}: {message}");
        }
    }

    #[test]
    fn paths_and_urls_are_taken() {
        let directory = tempfile::tempdir().unwrap();
        let found = parse(directory.path().to_str().unwrap()).unwrap();
        assert_eq!(found.path(), Some(directory.path().canonicalize().unwrap().as_path()));
        for text in
            ["https://example.com/a.git", "git@example.com:a/b.git", "ssh://git@example.com/a"]
        {
            assert_eq!(parse(text).unwrap().text(), text);
            assert_eq!(parse(text).unwrap().shown(), text);
        }
    }

    #[test]
    fn credentials_are_shown_to_nobody() {
        let location = parse("https://ada:hunter2@example.com/a/b.git").unwrap();
        assert_eq!(location.shown(), "https://example.com/a/b.git");
        let said = location.redact("no access to https://ada:hunter2@example.com/ with hunter2");
        assert!(!said.contains("hunter2"), "{said}");
        assert_eq!(location.page_of("c0ffee").unwrap(), "https://example.com/a/b/commit/c0ffee");
        assert_eq!(parse("git@example.com:a/b.git").unwrap().page_of("c0ffee"), None);
    }
}
