//! Which code means what. Services of AWS have no common list, so the families are named here.

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};

/// Codes besides the SDK's own lists that pass: credentials that are renewed, writers that meet.
const PASSING: &[&str] = &[
    "ConditionalRequestConflict",
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalError",
    "InternalFailure",
    "OperationAborted",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "ServiceUnavailable",
    "ServiceUnavailableException",
];

/// The role may not.
const FORBIDDING: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AccountProblem",
    "AllAccessDisabled",
    "AuthorizationError",
    "AuthorizationErrorException",
    "EncryptionKeyAccessDeniedException",
    "NotAuthorized",
    "OptInRequired",
    "UnauthorizedException",
    "UnauthorizedOperation",
    "UnauthorizedOperationException",
];

/// AWS does not know who asks.
const UNKNOWN_IDENTITY: &[&str] = &[
    "AuthFailure",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "NotSignedUp",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Says whether the same call may succeed later.
pub(super) fn passes(code: Option<&str>, status: Option<u16>) -> bool {
    // A quota that is used up goes by a code that the SDK takes for a throttle; waiting frees nothing.
    let is_quota = code == Some("LimitExceededException") && status != Some(429);
    let is_listed = code.is_some_and(|code| {
        [THROTTLING_ERRORS, TRANSIENT_ERRORS, PASSING].iter().any(|codes| codes.contains(&code))
    });
    // What a service does not do at all, it will not do later.
    let is_failing = status.is_some_and(|status| (status >= 500 && status != 501) || status == 429);
    !is_quota && !code.is_some_and(is_of_a_key) && (is_listed || is_failing)
}

/// Says whether the role is not allowed to do it. An answer without a body has no code.
pub(super) fn forbids(code: Option<&str>, status: Option<u16>) -> bool {
    match code {
        Some(code) => FORBIDDING.contains(&code.strip_prefix("Client.").unwrap_or(code)),
        None => matches!(status, Some(401 | 403)),
    }
}

/// Says whether a key stood in the way.
pub(super) fn is_of_a_key(code: &str) -> bool {
    (code.starts_with("KMS.") || code.starts_with("Kms"))
        && !code.contains("Throttl")
        && !code.contains("Internal")
        && !code.contains("Unavailable")
}

/// Says whether a refusal speaks of a key. What KMS did not allow, S3 refuses by a code of its own.
pub(super) fn speaks_of_a_key(said: &str) -> bool {
    ["perform: kms:", "customer master key"].iter().any(|words| said.contains(*words))
}

/// Says whether AWS does not know who asks.
pub(super) fn is_of_an_identity(code: &str) -> bool {
    UNKNOWN_IDENTITY.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttles_failures_of_the_service_and_renewable_credentials_pass() {
        for (code, status) in [
            (Some("ThrottlingException"), 400),
            (Some("SlowDown"), 503),
            (Some("ExpiredToken"), 400),
            (Some("RequestTimeout"), 400),
            (Some("AnythingNew"), 500),
            (None, 502),
            (None, 429),
        ] {
            assert!(passes(code, Some(status)), "{code:?} {status}");
        }
        for (code, status) in [
            (Some("ValidationError"), 400),
            (Some("LimitExceededException"), 400),
            (Some("NotImplemented"), 501),
            (Some("KMS.DisabledException"), 400),
            (None, 404),
        ] {
            assert!(!passes(code, Some(status)), "{code:?} {status}");
        }
    }

    #[test]
    fn a_key_is_told_from_what_it_seals_by_what_is_said() {
        assert!(speaks_of_a_key(
            "User: u is not authorized to perform: kms:Decrypt on resource: k"
        ));
        assert!(speaks_of_a_key(
            "The ciphertext refers to a customer master key that does not exist"
        ));
        assert!(!speaks_of_a_key("User: u is not authorized to perform: s3:GetObject"));
        assert!(!speaks_of_a_key("Access Denied"));
    }

    #[test]
    fn refusals_without_a_body_are_read_from_the_status() {
        assert!(forbids(None, Some(403)));
        assert!(forbids(Some("Client.UnauthorizedOperation"), Some(400)));
        assert!(!forbids(Some("InvalidObjectState"), Some(403)));
        assert!(!forbids(None, Some(404)));
    }
}
