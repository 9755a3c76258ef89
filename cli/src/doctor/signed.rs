//! Two services of which the doctor wants one answer each: logs, and roles. Their SDKs would be larger
//! than the rest of this program.

use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_cloudformation::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};
use serde_json::Value;

use crate::doctor::finding::Unasked;

/// The version of IAM's query protocol.
const IAM_VERSION: &str = "2010-05-08";

/// How many empty pages of a log are turned before it counts as silent.
const PAGES_MAX: usize = 10;

/// Signs requests and sends them.
pub(crate) struct Signed {
    credentials: Credentials,
    region: String,
    endpoint: Option<String>,
    connector: SharedHttpConnector,
}

/// What AWS calls the part of the world that a Region is in: the end of its hosts' names, where IAM is,
/// and what requests to it are signed for.
struct Partition {
    suffix: &'static str,
    iam: &'static str,
    iam_region: &'static str,
}

impl Signed {
    /// Asks the services of a Region, or what is at the endpoint.
    pub(crate) fn new(
        credentials: Credentials,
        region: String,
        endpoint: Option<String>,
        connector: SharedHttpConnector,
    ) -> Self {
        Self { credentials, region, endpoint, connector }
    }

    /// Says whether a log group holds a line with a word in it that was written since a moment; any line where
    /// no word is given.
    pub(crate) async fn has_logged(
        &self,
        group: &str,
        word: &str,
        since_millis: i64,
    ) -> Result<bool, Unasked> {
        let permission = "logs:FilterLogEvents";
        let refused = |why| Unasked { permission, why };
        let mut next = Value::Null;
        for _ in 0..PAGES_MAX {
            let mut ask = serde_json::json!({
                "logGroupName": group, "startTime": since_millis, "limit": 1,
            });
            if !word.is_empty() {
                ask["filterPattern"] = word.into();
            }
            if next.is_string() {
                ask["nextToken"] = next.take();
            }
            let url = self.url(&format!(
                "https://logs.{}.{}",
                self.region,
                partition(&self.region).suffix
            ));
            let headers = [
                ("content-type", "application/x-amz-json-1.1"),
                ("x-amz-target", "Logs_20140328.FilterLogEvents"),
            ];
            let said = self.post(&url, "logs", &self.region, &headers, ask.to_string()).await;
            let said = said.map_err(refused)?;
            let mut page: Value = serde_json::from_slice(&said)
                .map_err(|error| refused(format!("what logs answers is not JSON: {error}")))?;
            if page["events"].as_array().is_some_and(|events| !events.is_empty()) {
                return Ok(true);
            }
            next = page["nextToken"].take();
            if !next.is_string() {
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// Returns who may take on a role, as the role's trust policy.
    pub(crate) async fn trust_of(&self, role: &str) -> Result<Value, Unasked> {
        let permission = "iam:GetRole";
        let refused = |why| Unasked { permission, why };
        let partition = partition(&self.region);
        let ask = form_urlencoded::Serializer::new(String::new())
            .append_pair("Action", "GetRole")
            .append_pair("Version", IAM_VERSION)
            .append_pair("RoleName", role)
            .finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let url = self.url(partition.iam);
        let said = self.post(&url, "iam", partition.iam_region, &headers, ask).await;
        trust_in(&said.map_err(refused)?)
            .ok_or_else(|| refused("what IAM answers holds no trust policy".to_owned()))
    }

    fn url(&self, otherwise: &str) -> String {
        format!("{}/", self.endpoint.as_deref().unwrap_or(otherwise).trim_end_matches('/'))
    }

    async fn post(
        &self,
        url: &str,
        service: &str,
        region: &str,
        headers: &[(&'static str, &str)],
        body: String,
    ) -> Result<Vec<u8>, String> {
        let request = self.sign(url, service, region, headers, body);
        let request = request.map_err(|error| format!("the request could not be made: {error}"))?;
        let answer = self.connector.call(request).await;
        let mut answer = answer.map_err(|error| format!("{url} does not answer: {error}"))?;
        let is_success = answer.status().is_success();
        let body = ByteStream::new(answer.take_body()).collect().await;
        let body = body.map_err(|error| format!("{url} broke off: {error}"))?.into_bytes();
        if is_success { Ok(body.to_vec()) } else { Err(refusal(&body)) }
    }

    fn sign(
        &self,
        url: &str,
        service: &str,
        region: &str,
        headers: &[(&'static str, &str)],
        body: String,
    ) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
        let identity: Identity = self.credentials.clone().into();
        let millis = u64::try_from(local::world::now().millis()).unwrap_or(0);
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(UNIX_EPOCH + Duration::from_millis(millis))
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signed = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", url, headers.iter().copied(), signed)?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST")?;
        request.set_uri(url.to_owned())?;
        for (name, value) in headers {
            request.headers_mut().try_insert(*name, (*value).to_owned())?;
        }
        for (name, value) in instructions.headers() {
            request.headers_mut().try_insert(name.to_owned(), value.to_owned())?;
        }
        Ok(request)
    }
}

fn partition(region: &str) -> Partition {
    if region.starts_with("cn-") {
        return Partition {
            suffix: "amazonaws.com.cn",
            iam: "https://iam.cn-north-1.amazonaws.com.cn",
            iam_region: "cn-north-1",
        };
    }
    if region.starts_with("us-gov-") {
        return Partition {
            suffix: "amazonaws.com",
            iam: "https://iam.us-gov.amazonaws.com",
            iam_region: "us-gov-west-1",
        };
    }
    Partition { suffix: "amazonaws.com", iam: "https://iam.amazonaws.com", iam_region: "us-east-1" }
}

/// Returns what a service says instead of an answer, in JSON or in XML.
fn refusal(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if let Ok(value) = serde_json::from_str::<Value>(&text) {
        let of = |names: &[&str]| names.iter().find_map(|name| value[*name].as_str());
        let code = of(&["__type", "code"]).unwrap_or("refused");
        return format!("{code}: {}", of(&["message", "Message"]).unwrap_or_default());
    }
    let found = |name| of_xml(&text, name).unwrap_or_default();
    format!("{}: {}", found("Code"), found("Message"))
}

/// Returns the trust policy in the answer to `GetRole`, where it stands as IAM writes it: JSON, with
/// everything escaped that a URL escapes.
fn trust_in(body: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(body);
    let escaped = of_xml(&text, "AssumeRolePolicyDocument")?;
    let pair = format!("policy={escaped}");
    let (_, policy) = form_urlencoded::parse(pair.as_bytes()).next()?;
    serde_json::from_str(&policy).ok()
}

/// Returns the text of the first element of a name.
fn of_xml(text: &str, name: &str) -> Option<String> {
    let mut document = Document::new(text);
    let mut root = document.root_element().ok()?;
    text_below(&mut root, name)
}

fn text_below(element: &mut ScopedDecoder<'_, '_>, name: &str) -> Option<String> {
    while let Some(mut inner) = element.next_tag() {
        if inner.start_el().matches(name) {
            return try_data(&mut inner).ok().map(std::borrow::Cow::into_owned);
        }
        if let Some(found) = text_below(&mut inner, name) {
            return Some(found);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_policy_is_read_out_of_what_iam_answers() {
        let answer = "<GetRoleResponse><GetRoleResult><Role><Path>/</Path><RoleName>r</RoleName>\
            <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D\
            </AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>";
        let trust = trust_in(answer.as_bytes()).unwrap();
        assert_eq!(trust["Version"], "2012-10-17");
        assert_eq!(trust_in(b"<GetRoleResponse/>"), None);
    }

    #[test]
    fn a_refusal_is_told_in_the_services_words() {
        let xml = b"<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no role</Message></Error></ErrorResponse>";
        assert_eq!(refusal(xml), "NoSuchEntity: no role");
        let json = br#"{"__type":"AccessDeniedException","message":"not you"}"#;
        assert_eq!(refusal(json), "AccessDeniedException: not you");
    }

    #[test]
    fn iam_is_one_for_a_whole_part_of_the_world() {
        assert_eq!(partition("eu-west-1").iam_region, "us-east-1");
        assert_eq!(partition("cn-northwest-1").iam_region, "cn-north-1");
        assert_eq!(partition("us-gov-east-1").iam, "https://iam.us-gov.amazonaws.com");
    }
}
