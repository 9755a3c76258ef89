//! What this deployment's tokens are sealed with: one secret, which nobody sees.
//!
//! The secret is a text of chance; the key is a digest of it. It is read once for each process. When it is
//! replaced, what the one before sealed still opens, in processes that begin after that; a process that is
//! older seals with the older one until it ends. So a secret is replaced at most once within the hour that
//! a session lasts, and whoever is told that their token is not known gets a new one.

use access::seal::Sealer;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_smithy_types::error::display::DisplayErrorContext;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A shorter secret could be guessed.
const SECRET_BYTES_MIN: usize = 32;

/// What the key is for.
const LABEL: &[u8] = b"towpath sealing key 1";

/// Why nothing can be sealed.
#[derive(Debug, thiserror::Error)]
pub enum Unsealed {
    /// It cannot be read.
    #[error("the secret {arn} cannot be read: {reason}")]
    Unreadable {
        /// Which.
        arn: String,
        /// What Secrets Manager said.
        reason: String,
    },
    /// It is none.
    #[error(
        "the secret {0} is no text of at least {SECRET_BYTES_MIN} characters; let Secrets Manager make one"
    )]
    Short(String),
}

/// Reads the secret, and the one before it.
pub async fn sealer(client: &Client, arn: &str) -> Result<Sealer, Unsealed> {
    let current = read(client, arn, "AWSCURRENT").await?;
    let current = current.ok_or_else(|| Unsealed::Short(arn.to_owned()))?;
    let sealer = Sealer::new(current);
    Ok(match read(client, arn, "AWSPREVIOUS").await? {
        Some(previous) => sealer.and_earlier(previous),
        None => sealer,
    })
}

/// Returns the key of one version of the secret; none if there is no such version.
async fn read(client: &Client, arn: &str, stage: &str) -> Result<Option<[u8; 32]>, Unsealed> {
    let asked = client.get_secret_value().secret_id(arn).version_stage(stage).send().await;
    let answer = match asked {
        Ok(answer) => answer,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetSecretValueError::is_resource_not_found_exception)
                && stage != "AWSCURRENT" =>
        {
            return Ok(None);
        }
        Err(error) => {
            let reason = DisplayErrorContext(error).to_string();
            return Err(Unsealed::Unreadable { arn: arn.to_owned(), reason });
        }
    };
    let secret = answer.secret_string().unwrap_or_default();
    if secret.len() < SECRET_BYTES_MIN {
        return Err(Unsealed::Short(arn.to_owned()));
    }
    let mut digest = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .expect("a key of this digest may have any length");
    digest.update(LABEL);
    Ok(Some(digest.finalize().into_bytes().into()))
}
