//! A request as a function URL hands it over (payload format 2.0).

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use protocol::wire::REQUEST_BYTES_MAX;
use serde::Deserialize;

use crate::reply::Refusal;

/// What Lambda is given.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    request_context: Context,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// What AWS says of the request, as opposed to what its sender says.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(default)]
    domain_name: String,
    http: Line,
    #[serde(default)]
    authorizer: Option<Authorizer>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    method: String,
    source_ip: String,
}

#[derive(Clone, Deserialize)]
struct Authorizer {
    #[serde(default)]
    iam: Option<Iam>,
}

/// Whom AWS identified, where the function URL asks it to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Iam {
    /// The key that signed.
    pub access_key: String,
    /// The caller's account.
    pub account_id: String,
    /// The caller: a user, or a session of a role.
    pub user_arn: String,
}

/// A request, its body decoded.
pub struct Request {
    /// Method, path and headers.
    pub parts: Parts,
    /// The bytes that were sent.
    pub body: Bytes,
    /// Where the connection came from.
    pub peer: IpAddr,
    /// The host that it was sent to, as AWS knows it.
    pub host: String,
    /// Whom AWS identified.
    pub iam: Option<Iam>,
}

/// Headers and bodies hold signatures and tokens.
impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event").field("raw_path", &self.raw_path).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("uri", &self.parts.uri).finish_non_exhaustive()
    }
}

impl Event {
    /// Makes a request of it, or says why it is none. `own_host` is a name that the deployer put before the
    /// function URL, if there is one.
    pub(crate) fn read(self, own_host: Option<&str>) -> Result<Request, Refusal> {
        let Context { domain_name, http, authorizer } = self.request_context;
        let peer = http.source_ip.parse().map_err(|_| unreadable("no address"))?;
        let method = Method::from_bytes(http.method.as_bytes());
        let method = method.map_err(|_| unreadable("no method"))?;
        let mut parts = http::Request::new(()).into_parts().0;
        parts.method = method;
        parts.uri = uri(&self.raw_path, &self.raw_query_string)?;
        parts.headers = headers(self.headers, &self.cookies)?;
        let host = host(&parts.headers, &domain_name, own_host)?;
        let body = body(self.body, self.is_base64_encoded)?;
        Ok(Request { parts, body, peer, host, iam: authorizer.and_then(|known| known.iam) })
    }
}

fn uri(path: &str, query: &str) -> Result<Uri, Refusal> {
    let path = if path.is_empty() { "/" } else { path };
    let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    // What begins with a slash is a path and names no host.
    let uri = text.starts_with('/').then(|| text.parse::<Uri>().ok()).flatten();
    uri.ok_or_else(|| unreadable("its path has characters that a path does not have"))
}

/// Headers that came twice are one here, with a comma between: who reads them refuses what is not one value.
fn headers(named: BTreeMap<String, String>, cookies: &[String]) -> Result<HeaderMap, Refusal> {
    let mut headers = HeaderMap::new();
    let cookie = (!cookies.is_empty()).then(|| ("cookie".to_owned(), cookies.join("; ")));
    for (name, value) in named.into_iter().chain(cookie) {
        let name = HeaderName::from_bytes(name.as_bytes());
        let name = name.map_err(|_| unreadable("a header has no name"))?;
        let value = HeaderValue::from_str(&value);
        let value = value.map_err(|_| unreadable("a header has characters that none has"))?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// Returns the host that the request was sent to. A signature holds for the host that it names, so a
/// request that names another one than it was sent to was made for another deployment.
fn host(headers: &HeaderMap, sent_to: &str, own: Option<&str>) -> Result<String, Refusal> {
    let mut named = headers.get_all(http::header::HOST).iter();
    let first = named.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_ours = |host: &str| !host.is_empty() && first.eq_ignore_ascii_case(host);
    if named.next().is_none() && (is_ours(sent_to) || own.is_some_and(is_ours)) {
        return Ok(first.to_ascii_lowercase());
    }
    Err(Refusal::new(
        StatusCode::MISDIRECTED_REQUEST,
        "MisdirectedRequestException",
        "the request names another host than it was sent to",
    ))
}

fn body(text: Option<String>, is_encoded: bool) -> Result<Bytes, Refusal> {
    let text = text.unwrap_or_default();
    let bytes = if is_encoded {
        // Three bytes make four letters; what cannot fit is not decoded first.
        if text.len() / 4 * 3 > REQUEST_BYTES_MAX + 2 {
            return Err(too_large());
        }
        STANDARD.decode(&text).map_err(|_| unreadable("its body is no base 64"))?
    } else {
        text.into_bytes()
    };
    if bytes.len() > REQUEST_BYTES_MAX { Err(too_large()) } else { Ok(bytes.into()) }
}

fn too_large() -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLargeException",
        format!("a request is at most {REQUEST_BYTES_MAX} bytes long"),
    )
}

fn unreadable(reason: &str) -> Refusal {
    let message = format!("the request cannot be read: {reason}");
    Refusal::new(StatusCode::BAD_REQUEST, "SerializationException", message)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(change: impl FnOnce(&mut Value)) -> Result<Request, Refusal> {
        let mut event = json!({
            "version": "2.0",
            "rawPath": "/", "rawQueryString": "a=b&c=%2F",
            "cookies": ["one=1", "two=2"],
            "headers": {
                "host": "x.lambda-url.eu-west-1.on.aws",
                "x-forwarded-for": "203.0.113.9",
                "x-amz-target": "CodePipeline_20150709.ListPipelines",
            },
            "requestContext": {
                "domainName": "x.lambda-url.eu-west-1.on.aws",
                "http": {"method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"},
            },
            "body": "{}", "isBase64Encoded": false,
        });
        change(&mut event);
        serde_json::from_value::<Event>(event).unwrap().read(Some("towpath.example"))
    }

    #[test]
    fn a_request_is_what_was_sent_and_what_aws_says_of_it() {
        let request = event(|_| {}).unwrap();
        assert_eq!(request.parts.method, Method::POST);
        assert_eq!(request.parts.uri, "/?a=b&c=%2F");
        assert_eq!(request.parts.headers["cookie"], "one=1; two=2");
        assert_eq!(request.peer.to_string(), "192.0.2.7", "and not what a header claims");
        assert_eq!(request.body, "{}");
        assert_eq!(request.iam, None);
    }

    #[test]
    fn a_body_in_base_64_is_decoded_before_anybody_looks_at_it() {
        let sent = [0, 159, 146, 150, 255];
        let request = event(|event| {
            event["body"] = STANDARD.encode(sent).into();
            event["isBase64Encoded"] = true.into();
        });
        assert_eq!(request.unwrap().body, sent.as_slice());
        let broken = event(|event| {
            event["body"] = "AAA".into();
            event["isBase64Encoded"] = true.into();
        });
        assert_eq!(broken.unwrap_err().status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn a_body_has_its_limit_however_it_comes() {
        for (length, is_taken) in [(REQUEST_BYTES_MAX, true), (REQUEST_BYTES_MAX + 1, false)] {
            let plain = event(|event| event["body"] = "x".repeat(length).into());
            let encoded = event(|event| {
                event["body"] = STANDARD.encode("x".repeat(length)).into();
                event["isBase64Encoded"] = true.into();
            });
            for request in [plain, encoded] {
                match request {
                    Ok(request) => assert!(is_taken && request.body.len() == length),
                    Err(refusal) => {
                        assert!(!is_taken);
                        assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
                    }
                }
            }
        }
    }

    #[test]
    fn a_request_for_another_host_is_not_taken() {
        for (host, is_taken) in [
            ("x.lambda-url.eu-west-1.on.aws", true),
            ("X.lambda-url.eu-west-1.on.aws", true),
            ("towpath.example", true),
            ("y.lambda-url.eu-west-1.on.aws", false),
            ("x.lambda-url.eu-west-1.on.aws,towpath.example", false),
            ("x.lambda-url.eu-west-1.on.aws:443", false),
            ("", false),
        ] {
            let request = event(|event| event["headers"]["host"] = host.into());
            assert_eq!(request.is_ok(), is_taken, "{host}");
        }
        let absent = event(|event| drop(event["headers"].as_object_mut().unwrap().remove("host")));
        assert_eq!(absent.unwrap_err().status, StatusCode::MISDIRECTED_REQUEST);
    }

    #[test]
    fn what_is_no_request_is_refused_and_nothing_panics() {
        let changes: [fn(&mut Value); 7] = [
            |event| event["rawPath"] = "//evil.example\u{0}".into(),
            |event| event["rawPath"] = "http://evil.example/".into(),
            |event| event["rawPath"] = "/a b".into(),
            |event| event["headers"]["x y"] = "1".into(),
            |event| event["headers"]["x"] = "a\r\nb: c".into(),
            |event| event["requestContext"]["http"]["method"] = "PO ST".into(),
            |event| event["requestContext"]["http"]["sourceIp"] = "somewhere".into(),
        ];
        for change in changes {
            assert_eq!(event(change).unwrap_err().status, StatusCode::BAD_REQUEST);
        }
    }
}
