//! Keys, and whose they are.
//!
//! Two kinds exist. Static keys of one machine live in a file ([`KeyFile`]). Session keys live nowhere:
//! their secret, their owner and their end are sealed in the session token that the client sends along
//! ([`SessionKeys`]). The same mechanism gives a job its keys for artifacts, with a scope.

mod any_of;
mod file;
mod letters;
mod session;

pub use any_of::AnyOf;
pub use file::{KeyFile, KeyFileError, Listed};
pub use session::{Issued, SessionKeys};

use std::fmt;
use std::sync::Arc;

use model::time::Timestamp;

use crate::sigv4::SigningKeys;

/// Fills a buffer with random bytes. Whoever calls us brings it, since we draw nothing ourselves.
pub type Draw<'a> = &'a mut dyn FnMut(&mut [u8]);

/// Whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// For example `arn:aws:iam::000000000000:user/admin`.
    pub arn: String,
    /// The account's 12 digits.
    pub account: String,
    /// The name to show to people.
    pub name: String,
    /// The names of the ready policies that apply: `Admin`, `Editor`, `Operator`, `Approver`, `Viewer`,
    /// `JobWorker`; and names of your own, for policies of your own.
    pub roles: Vec<String>,
}

impl Identity {
    /// Returns the ARN under which people are shown who did something: of a session of a role, with the
    /// session's name. Policies do not decide on it.
    pub fn shown_arn(&self) -> String {
        let session = || {
            let (start, role) = self.arn.split_once(":role/")?;
            let start = start.strip_suffix(&format!(":iam::{}", self.account))?;
            let Self { account, name, .. } = self;
            Some(format!("{start}:sts::{account}:assumed-role/{role}/{name}"))
        };
        session().unwrap_or_else(|| self.arn.clone())
    }
}

/// A key pair's secret half, and whose it is.
pub struct Key {
    /// Signs requests.
    pub secret: String,
    /// Whose it is.
    pub identity: Identity,
    /// What else it is limited to, in words of whoever issued it and whoever checks it. A static key
    /// has no such limit.
    pub scope: Option<String>,
    signing: SigningKeys,
}

impl Key {
    /// Takes the parts.
    pub fn new(secret: String, identity: Identity, scope: Option<String>) -> Self {
        Self { secret, identity, scope, signing: SigningKeys::default() }
    }

    /// Returns what this key made of its secret for some scopes of signatures. It lives as long as the
    /// key, so that a replaced secret cannot go on signing from here.
    pub(crate) fn signing(&self) -> &SigningKeys {
        &self.signing
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("identity", &self.identity)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// Why a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// Nobody has it.
    Unknown,
    /// Its session is over.
    Expired,
    /// Its session token is not ours.
    BadToken,
}

/// Where keys are found. Static keys of one machine live in a file; sessions of IAM identities unseal
/// theirs from the token.
pub trait Keys: Send + Sync {
    /// Finds the key that a request is signed with.
    fn find(
        &self,
        access_key: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<Key>, NoKey>;
}
