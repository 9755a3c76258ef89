//! What clients sign, by AWS's own signer.

use std::time::{Duration, UNIX_EPOCH};

use access::bridge::{AUDIENCE_HEADER, NONCE_HEADER};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use model::time::Timestamp;

use crate::elsewhere::Asked;

/// A key pair, and the session's token if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

impl Pair {
    pub(crate) fn aws() -> Self {
        Self {
            key: "ASIAIOSFODNN7EXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG".into(),
            token: Some("IQoJb3JpZ2luX2VjE//8=".into()),
        }
    }

    fn identity(&self) -> aws_smithy_runtime_api::client::identity::Identity {
        Credentials::new(&self.key, &self.secret, self.token.clone(), None, "tests").into()
    }
}

fn settings(
    pair: &Pair,
    service: &str,
    region: &str,
    at: Timestamp,
    is_query: bool,
) -> impl FnOnce(SignableRequest<'_>) -> aws_sigv4::http_request::SigningInstructions {
    let identity = pair.identity();
    let (service, region) = (service.to_owned(), region.to_owned());
    let mut settings = SigningSettings::default();
    if is_query {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_mins(15));
    }
    let time = UNIX_EPOCH + Duration::from_millis(u64::try_from(at.millis()).unwrap());
    move |request| {
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&region)
            .name(&service)
            .time(time)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        sign(request, &parameters).unwrap().into_parts().0
    }
}

/// Signs the question to STS for an audience, and returns its query.
pub(crate) fn question(
    pair: &Pair,
    region: &str,
    audience: &str,
    nonce: &str,
    at: Timestamp,
) -> String {
    let url =
        format!("https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15");
    let headers = [(AUDIENCE_HEADER, audience), (NONCE_HEADER, nonce)];
    let request =
        SignableRequest::new("GET", &url, headers.into_iter(), SignableBody::Bytes(&[])).unwrap();
    let instructions = settings(pair, "sts", region, at, true)(request);
    let mut http = http::Request::get(&url).body(()).unwrap();
    instructions.apply_to_request_http1x(&mut http);
    http.uri().query().unwrap().to_owned()
}

/// Whether what STS was asked is what this pair signs for the audience that came along: as STS checks it.
pub(crate) fn is_signed(asked: &Asked, pair: &Pair, at: Timestamp) -> bool {
    let region = asked.header("host").split('.').nth(1).unwrap_or_default().to_owned();
    let expected =
        question(pair, &region, asked.header(AUDIENCE_HEADER), asked.header(NONCE_HEADER), at);
    let query = asked.line.split([' ', '?']).nth(2).unwrap_or_default();
    let sorted = |query: &str| {
        let mut pairs: Vec<_> = query.split('&').map(str::to_owned).collect();
        pairs.sort();
        pairs
    };
    sorted(query) == sorted(&expected)
}

/// Signs a call, and returns its headers.
pub(crate) fn headers(
    pair: &Pair,
    url: &str,
    sent: &[(&str, &str)],
    body: &[u8],
    at: Timestamp,
) -> Vec<(String, String)> {
    let request =
        SignableRequest::new("POST", url, sent.iter().copied(), SignableBody::Bytes(body)).unwrap();
    let instructions = settings(pair, "codepipeline", "eu-west-1", at, false)(request);
    let signed = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sent = sent.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    signed.chain(sent).collect()
}
