//! A question as a client signs it, with AWS's own signer, to be varied.

use std::time::{Duration, UNIX_EPOCH};

use access::bridge::{AUDIENCE_HEADER, NONCE_HEADER, Question, Refusal, Terms, check};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use model::time::Timestamp;

/// 2026-11-26T10:00:00Z.
pub(crate) const MORNING: Timestamp = Timestamp::from_millis(1_795_687_200_000);

pub(crate) const HOST: &str = "towpath.example";

pub(crate) const NONCE: &str = "0193a1b2c3d47e5f8a9b0c1d2e3f4a5b";

/// Signs the question with a session's credentials, and returns the query.
pub(crate) fn signed(region: &str, audience: &str, at: Timestamp) -> String {
    signed_with(NONCE, region, audience, at)
}

fn signed_with(nonce: &str, region: &str, audience: &str, at: Timestamp) -> String {
    let identity =
        Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", Some("IQoJ/b3+JpZ==".into()), None, "");
    let identity = identity.into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_mins(15));
    let time = UNIX_EPOCH + Duration::from_millis(u64::try_from(at.millis()).unwrap());
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(time)
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let url =
        format!("https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15");
    let headers = [(AUDIENCE_HEADER, audience), (NONCE_HEADER, nonce)];
    let request =
        SignableRequest::new("GET", &url, headers.into_iter(), SignableBody::Bytes(&[])).unwrap();
    let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
    let mut http = http::Request::get(&url).body(()).unwrap();
    instructions.apply_to_request_http1x(&mut http);
    http.uri().query().unwrap().to_owned()
}

/// The whole request.
pub(crate) fn request(region: &str, query: &str, audience: &str) -> Vec<u8> {
    request_with(NONCE, region, query, audience)
}

/// The whole request, with another nonce.
pub(crate) fn request_with(nonce: &str, region: &str, query: &str, audience: &str) -> Vec<u8> {
    serde_json::json!({ "region": region, "query": query, "audience": audience, "nonce": nonce })
        .to_string()
        .into_bytes()
}

/// Checks a request for the deployment of these tests, an hour and some before `MORNING` is over.
pub(crate) fn checked(body: &[u8]) -> Result<Question, Refusal> {
    checked_at(body, MORNING)
}

pub(crate) fn checked_at(body: &[u8], now: Timestamp) -> Result<Question, Refusal> {
    let terms = Terms { audiences: &["towpath-1", HOST], region: "eu-west-1", now };
    check(body, &terms)
}

#[test]
fn what_awss_own_signer_signs_is_taken_and_spelled_again_as_it_was() {
    let query = signed("us-east-1", HOST, MORNING);
    let question = checked(&request("us-east-1", &query, HOST)).unwrap();
    assert_eq!(question.host, "sts.us-east-1.amazonaws.com");
    assert_eq!(question.audience, HOST);
    let sorted = |query: &str| {
        let mut pairs: Vec<_> = query.split('&').map(str::to_owned).collect();
        pairs.sort();
        pairs
    };
    assert_eq!(sorted(&question.query), sorted(&query), "what STS checks is what was signed");
    assert!(!format!("{question:?}").contains("Signature"), "it is as good as a password");
}

#[test]
fn the_deployments_own_region_is_one_even_if_it_is_new() {
    let query = signed("xx-new-9", HOST, MORNING);
    let terms = Terms { audiences: &[HOST], region: "xx-new-9", now: MORNING };
    let question = check(&request("xx-new-9", &query, HOST), &terms).unwrap();
    assert_eq!(question.host, "sts.xx-new-9.amazonaws.com");
    let terms = Terms { region: "eu-west-1", ..terms };
    assert!(check(&request("xx-new-9", &query, HOST), &terms).is_err());
}

#[test]
fn each_partition_has_its_own_regions_and_its_own_host() {
    let ask = |own: &str, region: &str| {
        let query = signed(region, HOST, MORNING);
        let terms = Terms { audiences: &[HOST], region: own, now: MORNING };
        check(&request(region, &query, HOST), &terms).map(|question| question.host)
    };
    assert_eq!(ask("cn-north-1", "cn-northwest-1").unwrap(), "sts.cn-northwest-1.amazonaws.com.cn");
    assert_eq!(ask("us-gov-west-1", "us-gov-east-1").unwrap(), "sts.us-gov-east-1.amazonaws.com");
    for (own, region) in
        [("cn-north-1", "us-east-1"), ("eu-west-1", "cn-north-1"), ("us-gov-west-1", "us-east-1")]
    {
        assert_eq!(ask(own, region).unwrap_err().code, "ValidationException", "{own} {region}");
    }
}

#[test]
fn the_mark_of_a_question_is_its_own_and_does_not_tell_it() {
    let first = signed("us-east-1", HOST, MORNING);
    let second = signed("us-east-1", HOST, MORNING.plus_minutes(-1));
    let mark = |query: &str| checked(&request("us-east-1", query, HOST)).unwrap().mark;
    assert_eq!(mark(&first), mark(&first));
    assert_ne!(mark(&first), mark(&second));
    assert!(!first.contains(&mark(&first)));
    // The moment of a signature is a whole second; the nonce is what differs within one.
    let nonce = "f193a1b2c3d47e5f8a9b0c1d2e3f4a5b";
    let third = signed_with(nonce, "us-east-1", HOST, MORNING);
    let question = checked(&request_with(nonce, "us-east-1", &third, HOST)).unwrap();
    assert_ne!(question.mark, mark(&first));
    assert_eq!(question.nonce, nonce);
    // Another order of the same parameters is the same question.
    let mut turned: Vec<_> = first.split('&').collect();
    turned.reverse();
    assert_eq!(mark(&turned.join("&")), mark(&first));
}
