//! Who checks a request, and so what it is signed for.
//!
//! A deployment has two addresses that look alike. At one, AWS lets in whom IAM lets in, signed for `lambda`;
//! at the other, anybody may knock, and the deployment itself checks signatures with keys that it gave. A
//! question without a signature tells them apart, and what was found is kept.

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

use crate::client::address::Address;
use crate::client::kept::Kept;
use crate::client::place::Environment;
use crate::client::wire::{self, Answered};
use crate::ending::Ending;

/// Who checks what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Whoever answers, with keys of its own that we have.
    Own,
    /// AWS, with keys of IAM: a function URL that asks for `AWS_IAM`.
    Aws,
    /// The deployment, with keys that it gives to identities of IAM.
    Bridge,
}

impl Door {
    /// Returns the service that requests are signed for.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Own | Self::Bridge => "codepipeline",
            Self::Aws => "lambda",
        }
    }

    /// Says whose answer this is to a question that nobody signed.
    pub(crate) fn of(answer: &Answered) -> Option<Self> {
        let told: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        match answer.status {
            // Ours would name the error in the body, as the API does.
            403 if answer.error_kind.is_some() && told["__type"].is_null() => Some(Self::Aws),
            405 if told["__type"] == "MethodNotAllowedException" => Some(Self::Bridge),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Aws => "aws",
            Self::Bridge => "bridge",
        }
    }
}

/// Finds out whose door is at an address.
pub(super) async fn find(
    address: &Address,
    said_by: &str,
    connector: &SharedHttpConnector,
    variable: Environment<'_>,
) -> Result<Door, Ending> {
    let kept = kept(address, variable);
    let name = kept.as_ref().and_then(Kept::read);
    let known =
        [Door::Aws, Door::Bridge].into_iter().find(|door| Some(door.name()) == name.as_deref());
    if let Some(door) = known {
        return Ok(door);
    }
    let door = knock(address, said_by, connector).await?;
    if let Some(kept) = kept {
        kept.write(door.name());
    }
    Ok(door)
}

/// Asks again the next time: AWS's "no" looks the same where the deployment's own door is shut.
pub(super) fn forget(address: &Address, variable: Environment<'_>) {
    if let Some(kept) = kept(address, variable) {
        kept.forget();
    }
}

fn kept(address: &Address, variable: Environment<'_>) -> Option<Kept> {
    Kept::find(variable, "doors", &address.host)
}

async fn knock(
    address: &Address,
    said_by: &str,
    connector: &SharedHttpConnector,
) -> Result<Door, Ending> {
    let url = address.url();
    let failed = |what: String| Ending::Failed(Some(format!("{url} ({said_by}): {what}")));
    let mut request = HttpRequest::get(format!("{url}/token"))
        .map_err(|error| Ending::BadInput(format!("{url} ({said_by}) is no address: {error}")))?;
    let set = request.headers_mut().try_insert("host", address.host.clone());
    set.map_err(|error| failed(error.to_string()))?;
    let answer = wire::send(connector, request).await.map_err(|error| {
        failed(format!(
            "{error}\n  check the address, and that this machine reaches it; HTTPS_PROXY names a proxy, \
             SSL_CERT_FILE the certificates of one that looks inside"
        ))
    })?;
    match (Door::of(&answer), answer.status) {
        (Some(door), _) => Ok(door),
        (None, 429 | 500..=599) => Err(failed(format!(
            "it cannot answer just now (status {}); try again, or see `towpath doctor`",
            answer.status
        ))),
        (None, 300..=399) => Err(failed(format!(
            "it sends us elsewhere (status {}), where nothing of yours goes; name the deployment's own \
             address, its output ApiIamEndpoint",
            answer.status
        ))),
        (None, status) => Err(Ending::BadInput(format!(
            "what answers at {url} ({said_by}) is no deployment of Towpath (status {status})\n  name the \
             deployment's output ApiIamEndpoint or ApiEndpoint, or say --stack NAME"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, kind: Option<&str>, body: &str) -> Option<Door> {
        let error_kind = kind.map(str::to_owned);
        Door::of(&Answered { status, error_kind, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn the_two_doors_are_told_apart_by_how_they_refuse() {
        let forbidden = r#"{"Message":"Forbidden. For troubleshooting, see the documentation"}"#;
        assert_eq!(answered(403, Some("AccessDeniedException"), forbidden), Some(Door::Aws));
        let ours =
            r#"{"__type":"MethodNotAllowedException","message":"keys are given for POST only"}"#;
        assert_eq!(answered(405, None, ours), Some(Door::Bridge));
        // Somebody's else, however it refuses.
        for (status, body) in [(403, forbidden), (405, "no"), (405, "{}"), (200, ours), (404, "")] {
            assert_eq!(answered(status, None, body), None, "{status} {body}");
        }
        let denied = r#"{"__type":"AccessDeniedException","message":"not you"}"#;
        assert_eq!(answered(403, Some("AccessDeniedException"), denied), None);
    }

    #[test]
    fn each_door_has_its_own_signature() {
        let services = [Door::Own, Door::Aws, Door::Bridge].map(Door::service);
        assert_eq!(services, ["codepipeline", "lambda", "codepipeline"]);
    }
}
