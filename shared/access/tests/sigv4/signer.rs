//! The independent party: requests signed by AWS's own signer.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use access::keys::{Key, NoKey};
use access::sigv4::{Expected, Signed, Unsigned, verify};
use access::{Identity, Keys};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request};
use model::time::Timestamp;

pub(crate) const ACCESS_KEY: &str = "TOWPAAAAAAAAAAAAAAAA";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI+K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const REGION: &str = "us-east-1";

/// 2015-08-30T12:36:00Z.
pub(crate) const SIGNED_AT: Timestamp = Timestamp::from_millis(1_440_938_160_000);

/// One request, before it is signed.
#[derive(Clone, Debug)]
pub(crate) struct Unsent<'a> {
    pub(crate) method: &'a str,
    /// Path and query.
    pub(crate) target: &'a str,
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: &'a [u8],
    pub(crate) session_token: Option<&'a str>,
    pub(crate) service: &'a str,
    pub(crate) payload: Payload,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// Only the signature speaks of it.
    Silent,
    /// A header says its digest.
    Named,
    /// The header says that it is not signed.
    Unsigned,
}

impl<'a> Unsent<'a> {
    pub(crate) fn get(target: &'a str) -> Self {
        Self {
            method: "GET",
            target,
            headers: vec![("host", "example.amazonaws.com")],
            body: b"",
            session_token: None,
            service: "codepipeline",
            payload: Payload::Silent,
        }
    }

    pub(crate) fn post(body: &'a [u8]) -> Self {
        let mut unsent = Self::get("/");
        unsent.method = "POST";
        unsent.body = body;
        unsent
            .with("content-type", "application/x-amz-json-1.1")
            .with("x-amz-target", "CodePipeline_20150709.GetPipeline")
    }

    pub(crate) fn with(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Signs it with the secret that everybody knows here.
    pub(crate) fn signed(&self) -> Parts {
        self.signed_with(SECRET, REGION)
    }

    pub(crate) fn signed_with(&self, secret: &str, region: &str) -> Parts {
        let token = self.session_token.map(str::to_owned);
        let identity = Credentials::new(ACCESS_KEY, secret, token, None, "test").into();
        let is_s3 = self.service == "s3";
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = match self.payload {
            Payload::Silent => PayloadChecksumKind::NoHeader,
            Payload::Named | Payload::Unsigned => PayloadChecksumKind::XAmzSha256,
        };
        if is_s3 {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        let millis = u64::try_from(SIGNED_AT.millis()).expect("a moment after 1970");
        let params = SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(self.service)
            .time(UNIX_EPOCH + Duration::from_millis(millis))
            .settings(settings)
            .build()
            .expect("parameters of a signature")
            .into();
        let body = match self.payload {
            Payload::Unsigned => SignableBody::UnsignedPayload,
            Payload::Silent | Payload::Named => SignableBody::Bytes(self.body),
        };
        let uri = format!("https://example.amazonaws.com{}", self.target);
        let signable = SignableRequest::new(self.method, uri, self.headers.iter().copied(), body);
        let signed = sign(signable.expect("a request that can be signed"), &params);
        let (instructions, _) = signed.expect("a signature").into_parts();

        let mut request = Request::builder().method(self.method).uri(self.target);
        for (name, value) in self.headers.iter().copied().chain(instructions.headers()) {
            request = request.header(name, value);
        }
        request.body(()).expect("a request").into_parts().0
    }
}

/// The keys of one person, whose session token is fixed if there is one.
pub(crate) struct OneKey {
    key: Arc<Key>,
    session_token: Option<&'static str>,
}

impl OneKey {
    pub(crate) fn new(session_token: Option<&'static str>) -> Self {
        let identity = Identity {
            arn: "arn:aws:iam::000000000000:user/ann".into(),
            account: "000000000000".into(),
            name: "ann".into(),
            roles: vec!["Admin".into()],
        };
        Self { key: Arc::new(Key::new(SECRET.into(), identity, None)), session_token }
    }

    pub(crate) fn scoped(scope: &str) -> Self {
        let identity = Self::new(None).key.identity.clone();
        let key = Key::new(SECRET.into(), identity, Some(scope.to_owned()));
        Self { key: Arc::new(key), session_token: None }
    }
}

impl Keys for OneKey {
    fn find(
        &self,
        access_key: &str,
        session_token: Option<&str>,
        _now: Timestamp,
    ) -> Result<Arc<Key>, NoKey> {
        match access_key {
            ACCESS_KEY if session_token == self.session_token => Ok(self.key.clone()),
            ACCESS_KEY => Err(NoKey::BadToken),
            "TOWPEXPIRED" => Err(NoKey::Expired),
            _ => Err(NoKey::Unknown),
        }
    }
}

pub(crate) fn expected<'a>(service: &'a str, regions: &'a [String]) -> Expected<'a> {
    Expected { service, regions, takes_unsigned_payload: service == "s3" }
}

/// Verifies a request as the API does, at the moment it was signed.
pub(crate) fn verified(parts: &Parts, body: &[u8]) -> Result<Signed, Unsigned> {
    let keys = OneKey::new(None);
    verify(parts, body, &keys, &expected("codepipeline", &[REGION.to_owned()]), SIGNED_AT)
}

/// Puts a header in place of whatever was there under this name.
pub(crate) fn set(parts: &mut Parts, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
    parts.headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
}

pub(crate) fn authorization(parts: &Parts) -> String {
    parts.headers["authorization"].to_str().expect("text").to_owned()
}
