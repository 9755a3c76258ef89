//! A key, as the file spells it.

use serde::{Deserialize, Serialize};

use super::KeyFileError;
use crate::keys::{Identity, Key};

/// Names of people and roles are not longer.
const NAME_LENGTH_MAX: usize = 64;

/// The whole file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    pub(super) v: u32,
    pub(super) keys: Vec<Record>,
}

/// One key of it. AWS's own names are used for the two halves, so that people know them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    #[serde(rename = "AccessKeyId")]
    pub(super) access_key: String,
    #[serde(rename = "SecretAccessKey")]
    pub(super) secret: String,
    pub(super) name: String,
    pub(super) roles: Vec<String>,
}

impl Record {
    pub(super) fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "Admin")
    }

    pub(super) fn key(&self, account: &str) -> Key {
        let identity = Identity {
            arn: format!("arn:aws:iam::{account}:user/{}", self.name),
            account: account.to_owned(),
            name: self.name.clone(),
            roles: self.roles.clone(),
        };
        Key::new(self.secret.clone(), identity, None)
    }
}

/// Checks what becomes a part of ARNs and of policies.
pub(super) fn check_name(field: &'static str, name: &str) -> Result<(), KeyFileError> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "+=,.@_-".contains(letter);
    if (1..=NAME_LENGTH_MAX).contains(&name.len()) && name.chars().all(is_plain) {
        return Ok(());
    }
    let shown: String = name.chars().take(NAME_LENGTH_MAX).flat_map(char::escape_default).collect();
    let reason = format!(
        "may have 1 to {NAME_LENGTH_MAX} letters, digits and any of +=,.@_- and `{shown}` is not so"
    );
    Err(KeyFileError::Invalid { field, reason })
}
