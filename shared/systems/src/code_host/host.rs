//! The three kinds of host: their addresses, and where a token may go.

use std::fmt;

use url::{Host as Name, Url};

use crate::fault::Fault;

/// Which API a host speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    GitHub,
    Bitbucket,
    GitLab,
}

impl Kind {
    const ALL: [(Kind, &'static str, &'static str); 3] = [
        (Kind::GitHub, "github", "github.com"),
        (Kind::Bitbucket, "bitbucket", "bitbucket.org"),
        (Kind::GitLab, "gitlab", "gitlab.com"),
    ];

    /// Reads the word that a secret has for it.
    pub(super) fn parse(word: &str) -> Option<Kind> {
        Kind::ALL.iter().find(|(_, known, _)| *known == word).map(|(kind, _, _)| *kind)
    }

    /// Lists the words.
    pub(super) fn words() -> String {
        Kind::ALL.map(|(_, word, _)| word).join(", ")
    }

    /// Returns the host that everybody means.
    pub(super) fn public(self) -> &'static str {
        match self {
            Kind::GitHub => "github.com",
            Kind::Bitbucket => "bitbucket.org",
            Kind::GitLab => "gitlab.com",
        }
    }
}

/// What a host is shown.
pub(super) struct Credentials {
    /// For tokens that need a name beside them.
    pub(super) user: Option<String>,
    pub(super) token: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// A host, and what opens it.
#[derive(Debug)]
pub(super) struct Host {
    kind: Kind,
    /// Where people look at it: the scheme, the name and the port.
    origin: Url,
    pub(super) credentials: Credentials,
}

impl Host {
    /// Takes a host by its name. Over plain HTTP only this very machine is reached, and only where the
    /// deployment stands on it (`is_loopback`): that is how it is tested.
    pub(super) fn new(
        kind: Kind,
        name: &str,
        credentials: Credentials,
        is_loopback: bool,
    ) -> Result<Self, Fault> {
        let refused = || {
            Fault::configuration(format!(
                "the host {name:?} is no name of a code host; write it as its address has it, for \
                 example {}, without https://, and by its name rather than its number",
                kind.public()
            ))
        };
        let is_plain = |it: char| it.is_ascii_alphanumeric() || ".-:[]".contains(it);
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(refused());
        }
        let origin = Url::parse(&format!("https://{name}/")).map_err(|_| refused())?;
        if is_loopback && is_this_machine(&origin) {
            let origin = Url::parse(&format!("http://{name}/")).map_err(|_| refused())?;
            return Ok(Self { kind, origin, credentials });
        }
        match origin.host() {
            Some(Name::Domain(name)) if name.contains('.') => {}
            Some(_) | None => return Err(refused()),
        }
        if kind == Kind::Bitbucket && name != kind.public() {
            return Err(Fault::configuration(format!(
                "the host {name:?} is not bitbucket.org; of Bitbucket only the Cloud is known: use \
                 another kind of host, or a CodeBuild action that clones"
            )));
        }
        Ok(Self { kind, origin, credentials })
    }

    /// How sentences call it.
    pub(super) fn name(&self) -> &str {
        self.origin.host_str().unwrap_or_default()
    }

    fn is_public(&self) -> bool {
        self.origin.as_str() == format!("https://{}/", self.kind.public())
    }

    /// Whether anything may be asked of this address: of the host and of what belongs to it, over TLS.
    /// Answers may send us there and nowhere else.
    pub(super) fn takes(&self, url: &Url) -> bool {
        let is_same_door = url.scheme() == self.origin.scheme()
            && url.port_or_known_default() == self.origin.port_or_known_default();
        let is_plain = url.username().is_empty() && url.password().is_none();
        is_same_door && is_plain && (self.knows(url) || self.is_store(url))
    }

    /// Whether the credentials may be shown there.
    pub(super) fn knows(&self, url: &Url) -> bool {
        let Some(asked) = url.host_str() else { return false };
        asked == self.name() || (self.is_public() && asked == format!("api.{}", self.kind.public()))
    }

    /// Whether it is where GitHub keeps archives, whose addresses carry a token of their own.
    fn is_store(&self, url: &Url) -> bool {
        let Some(asked) = url.host_str() else { return false };
        self.kind == Kind::GitHub && asked == format!("codeload.{}", self.name())
    }

    fn api(&self) -> Url {
        let mut api = self.origin.clone();
        let prefix: &[&str] = match (self.kind, self.is_public()) {
            (Kind::GitHub, true) => &[],
            (Kind::GitHub, false) => &["api", "v3"],
            (Kind::Bitbucket, _) => &["2.0"],
            (Kind::GitLab, _) => &["api", "v4"],
        };
        if self.is_public() && self.kind != Kind::GitLab {
            // A name that was taken with another one in front is still a name.
            let _ = api.set_host(Some(&format!("api.{}", self.kind.public())));
        }
        extend(&mut api, prefix.iter().copied());
        api
    }

    /// Returns the address that tells of the head of a branch.
    pub(super) fn branch_url(&self, repository: &str, branch: &str) -> Url {
        let mut url = self.repository_url(repository);
        match self.kind {
            Kind::GitHub => {
                extend(&mut url, ["commits", "heads"].into_iter().chain(branch.split('/')));
            }
            Kind::Bitbucket => {
                extend(&mut url, ["refs", "branches"].into_iter().chain(branch.split('/')));
            }
            Kind::GitLab => extend(&mut url, ["repository", "branches", branch]),
        }
        url
    }

    /// Returns the address that tells of one commit.
    pub(super) fn commit_url(&self, repository: &str, commit: &str) -> Url {
        let mut url = self.repository_url(repository);
        match self.kind {
            Kind::GitHub => extend(&mut url, ["commits", commit]),
            Kind::Bitbucket => extend(&mut url, ["commit", commit]),
            Kind::GitLab => extend(&mut url, ["repository", "commits", commit]),
        }
        url
    }

    /// Returns the address of the archive of one commit.
    pub(super) fn archive_url(&self, repository: &str, commit: &str) -> Url {
        match self.kind {
            Kind::GitHub => {
                let mut url = self.repository_url(repository);
                extend(&mut url, ["zipball", commit]);
                url
            }
            Kind::Bitbucket => {
                let mut url = self.origin.clone();
                extend(&mut url, repository.split('/').chain(["get", &format!("{commit}.zip")]));
                url
            }
            Kind::GitLab => {
                let mut url = self.repository_url(repository);
                extend(&mut url, ["repository", "archive.zip"]);
                url.query_pairs_mut().append_pair("sha", commit);
                url
            }
        }
    }

    fn repository_url(&self, repository: &str) -> Url {
        let mut url = self.api();
        match self.kind {
            Kind::GitHub => extend(&mut url, ["repos"].into_iter().chain(repository.split('/'))),
            Kind::Bitbucket => {
                extend(&mut url, ["repositories"].into_iter().chain(repository.split('/')));
            }
            // A path with its groups is one part of the address here.
            Kind::GitLab => extend(&mut url, ["projects", repository]),
        }
        url
    }

    /// Returns the page of a commit, for people.
    pub(super) fn page_of(&self, repository: &str, commit: &str) -> String {
        let word = match self.kind {
            Kind::GitHub => "commit",
            Kind::Bitbucket => "commits",
            Kind::GitLab => "-/commit",
        };
        format!("{}{repository}/{word}/{commit}", self.origin)
    }

    /// Returns where Git clones the repository from.
    pub(super) fn clone_url(&self, repository: &str) -> String {
        format!("{}{repository}.git", self.origin)
    }

    /// Returns what CodeBuild calls this kind of source.
    pub(super) fn clone_kind(&self) -> &'static str {
        match (self.kind, self.is_public()) {
            (Kind::GitHub, true) => "GITHUB",
            (Kind::GitHub, false) => "GITHUB_ENTERPRISE",
            (Kind::Bitbucket, _) => "BITBUCKET",
            (Kind::GitLab, true) => "GITLAB",
            (Kind::GitLab, false) => "GITLAB_SELF_MANAGED",
        }
    }

    /// Returns what AWS calls the host behind a connection.
    pub(super) fn provider_type(&self) -> &'static str {
        match (self.kind, self.is_public()) {
            (Kind::GitHub, true) => "GitHub",
            (Kind::GitHub, false) => "GitHubEnterpriseServer",
            (Kind::Bitbucket, _) => "Bitbucket",
            (Kind::GitLab, true) => "GitLab",
            (Kind::GitLab, false) => "GitLabSelfManaged",
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }
}

/// Whether an address is this machine's own, by number: a name could be anybody's.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Name::Ipv4(number)) => number.is_loopback(),
        Some(Name::Ipv6(number)) => number.is_loopback(),
        Some(Name::Domain(_)) | None => false,
    }
}

fn extend<'a>(url: &mut Url, parts: impl IntoIterator<Item = &'a str>) {
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(parts);
    }
}
