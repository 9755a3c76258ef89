//! The question to STS, signed in advance and not asked.

use std::error::Error;
use std::time::{Duration, UNIX_EPOCH};

use access::bridge::{AUDIENCE_HEADER, NONCE_HEADER};
use aws_sdk_codepipeline::config::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use model::time::Timestamp;

/// How long the question is good, which is as long as STS takes it.
const GOOD: Duration = Duration::from_mins(15);

/// Signs "who am I?" to STS of a Region, for the deployment behind one host. A nonce that was
/// never used makes it another question than the one of the same second. Returns the query.
pub(super) fn sign_query(
    source: &Credentials,
    region: &str,
    audience: &str,
    nonce: &str,
    now: Timestamp,
) -> Result<String, Box<dyn Error + Send + Sync>> {
    let identity: Identity = source.clone().into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(GOOD);
    let millis = u64::try_from(now.millis()).unwrap_or_default();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(UNIX_EPOCH + Duration::from_millis(millis))
        .settings(settings)
        .build()?
        .into();
    let ending = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let asked = "Action=GetCallerIdentity&Version=2011-06-15";
    let url = format!("https://sts.{region}.{ending}/?{asked}");
    let headers = [(AUDIENCE_HEADER, audience), (NONCE_HEADER, nonce)];
    let signable =
        SignableRequest::new("GET", &url, headers.into_iter(), SignableBody::Bytes(&[]))?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    let signed =
        instructions.params().iter().map(|(name, value)| format!("&{name}={}", encode(value)));
    Ok(std::iter::once(asked.to_owned()).chain(signed).collect())
}

/// Encodes what the signer leaves as it is.
fn encode(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let spell = |byte: u8| match byte {
        byte if is_plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    value.bytes().map(spell).collect()
}

#[cfg(test)]
mod tests {
    use access::bridge::{Terms, check};

    use super::*;

    #[test]
    fn a_deployment_takes_the_question_that_was_signed_for_it_and_no_other_does() {
        let now = Timestamp::from_millis(1_795_687_200_000);
        let token = Some("IQoJ/b3+JpZ==".to_owned());
        let source = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", token, None, "tests");
        for (region, host) in [("eu-west-1", "a.lambda-url.eu-west-1.on.aws"), ("cn-north-1", "b")]
        {
            let nonce = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
            let query = sign_query(&source, region, host, nonce, now).unwrap();
            let members =
                [("region", region), ("query", &query), ("audience", host), ("nonce", nonce)];
            let body: serde_json::Value = members.into_iter().collect();
            let body = body.to_string();
            let terms = Terms { audiences: &[host], region, now };
            let question = check(body.as_bytes(), &terms).unwrap();
            assert!(question.query.contains("X-Amz-Security-Token=IQoJ%2Fb3%2BJpZ%3D%3D"));
            assert!(check(body.as_bytes(), &Terms { audiences: &["other"], ..terms }).is_err());
        }
    }

    #[test]
    fn what_is_signed_twice_in_one_second_is_two_questions() {
        let now = Timestamp::from_millis(1_795_687_200_000);
        let source = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "tests");
        let sign = |nonce| sign_query(&source, "eu-west-1", "a.example", nonce, now).unwrap();
        assert_eq!(sign("0123456789abcdef"), sign("0123456789abcdef"));
        assert_ne!(sign("0123456789abcdef"), sign("0123456789abcdee"));
    }
}
