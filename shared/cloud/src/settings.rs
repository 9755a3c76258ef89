//! What the template hands to a function, by the names of the environment.

/// A setting of the environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `TOWPATH_TABLE`: the table's name.
    pub table: String,
    /// `TOWPATH_HINTS_QUEUE`: the URL of the queue that carries hints.
    pub hints_queue: String,
    /// `TOWPATH_DEPLOYMENT`: names this deployment. Roles ask for it as their external id, and a token made
    /// for another deployment is refused.
    pub deployment: String,
    /// `TOWPATH_ACCOUNT`: the account's 12 digits.
    pub account: String,
    /// `TOWPATH_PUBLIC_URL`: where people reach pages, and hosts their webhooks, if that is known.
    pub public_url: Option<String>,
    /// `AWS_REGION`, which Lambda sets.
    pub region: String,
}

/// A setting that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {0} is not set; the template sets it for every function")]
pub struct Missing(pub &'static str);

/// A setting that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {name} says {value:?}; it takes {allowed}")]
pub struct Unfit {
    /// Which one.
    pub name: &'static str,
    /// What it says.
    pub value: String,
    /// What it may say.
    pub allowed: &'static str,
}

impl Settings {
    /// Reads what every function needs.
    pub fn read() -> Result<Self, Missing> {
        Ok(Self {
            table: required("TOWPATH_TABLE")?,
            hints_queue: required("TOWPATH_HINTS_QUEUE")?,
            deployment: required("TOWPATH_DEPLOYMENT")?,
            account: required("TOWPATH_ACCOUNT")?,
            public_url: optional("TOWPATH_PUBLIC_URL"),
            region: required("AWS_REGION")?,
        })
    }
}

/// Returns a setting that must be there.
pub fn required(name: &'static str) -> Result<String, Missing> {
    optional(name).ok_or(Missing(name))
}

/// Returns a setting that may be there; an empty one counts as none.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a function reads its environment"
)]
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
