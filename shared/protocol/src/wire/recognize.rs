//! Which operation a request asks for, and on which wire.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};

use super::Wire;
use crate::{Fault, Operation};

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const TARGET_OF_OLD: HeaderName = HeaderName::from_static("x-amzn-target");
const PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");

const SERVICE: &str = "CodePipeline_20150709";
const SERVICE_IN_FULL: &str = "com.amazonaws.codepipeline.CodePipeline_20150709";

/// Says which operation a request asks for, and on which wire, from its method, path and headers alone.
/// The fault, where there is one, is to be answered on the given wire.
///
/// A content type must be there and be the protocol's own: a page in a browser can make a form post
/// valid JSON, but only as a type that is refused here (`reference/security.md` §5).
pub fn recognize(
    method: &str,
    path: &str,
    headers: &HeaderMap,
) -> Result<(Wire, Operation), (Wire, Fault)> {
    let wire = wire_of(path, headers);
    let operation = match wire {
        Wire::Json => recognize_json(method, path, headers),
        Wire::Cbor => recognize_cbor(method, path, headers),
    };
    operation.map(|operation| (wire, operation)).map_err(|fault| (wire, fault))
}

/// Returns the wire that a client of CBOR or of JSON would read the answer on, however wrong its
/// request is: a CBOR client that is answered in JSON dies of it (wire.md §5).
fn wire_of(path: &str, headers: &HeaderMap) -> Wire {
    let says_cbor = |value: &http::HeaderValue| {
        value.as_bytes().to_ascii_lowercase().starts_with(b"application/cbor")
    };
    let is_cbor = headers.contains_key(PROTOCOL)
        || headers.get(CONTENT_TYPE).is_some_and(says_cbor)
        || service_and_operation(path).is_some();
    if is_cbor { Wire::Cbor } else { Wire::Json }
}

fn recognize_json(method: &str, path: &str, headers: &HeaderMap) -> Result<Operation, Fault> {
    check_method(method)?;
    if path != "/" {
        return Err(unknown("operations are asked for at the path /"));
    }
    let Some(target) = only(headers, &TARGET)? else {
        let message =
            format!("the header X-Amz-Target must name the operation: {SERVICE}.ListPipelines");
        return Err(unknown(message));
    };
    let Some((SERVICE, name)) = target.split_once('.') else {
        return Err(unknown(format!("X-Amz-Target must begin with {SERVICE} and a point")));
    };
    let operation = operation(name)?;
    check_content_type(headers, "application/x-amz-json-1.1", is_json)?;
    Ok(operation)
}

fn recognize_cbor(method: &str, path: &str, headers: &HeaderMap) -> Result<Operation, Fault> {
    check_method(method)?;
    match only(headers, &PROTOCOL)? {
        Some("rpc-v2-cbor") => {}
        Some(_) => return Err(unknown("the header smithy-protocol must be rpc-v2-cbor")),
        None => return Err(unknown("the header smithy-protocol: rpc-v2-cbor is missing")),
    }
    if headers.contains_key(TARGET) || headers.contains_key(TARGET_OF_OLD) {
        return Err(malformed(
            "a CBOR request names its operation in the path: leave X-Amz-Target out",
        ));
    }
    let Some((SERVICE | SERVICE_IN_FULL, name)) = service_and_operation(path) else {
        return Err(unknown(format!("the path must end in /service/{SERVICE}/operation/NAME")));
    };
    let operation = operation(name)?;
    check_content_type(headers, "application/cbor", |given| given == "application/cbor")?;
    Ok(operation)
}

/// Returns what the last four segments of a path name, if they name anything.
fn service_and_operation(path: &str) -> Option<(&str, &str)> {
    let mut segments = path.rsplit('/');
    let name = segments.next()?;
    let "operation" = segments.next()? else { return None };
    let service = segments.next()?;
    let "service" = segments.next()? else { return None };
    // Something must stand before the segment: a path begins with a slash.
    segments.next()?;
    Some((service, name))
}

fn check_method(method: &str) -> Result<(), Fault> {
    if method == "POST" { Ok(()) } else { Err(unknown("operations are asked for by POST")) }
}

fn operation(name: &str) -> Result<Operation, Fault> {
    Operation::parse(name).ok_or_else(|| {
        unknown(format!("`{}` is not an operation of CodePipeline", super::shorten(name)))
    })
}

fn check_content_type(
    headers: &HeaderMap,
    expected: &str,
    is_right: impl Fn(&str) -> bool,
) -> Result<(), Fault> {
    let content_type = only(headers, &CONTENT_TYPE)?.map(str::to_ascii_lowercase);
    if !content_type.as_deref().is_some_and(is_right) {
        return Err(unsupported(format!("the header Content-Type must be {expected}")));
    }
    match only(headers, &CONTENT_ENCODING)? {
        None | Some("" | "identity") => Ok(()),
        Some(_) => Err(unsupported("a body is taken as it is: leave Content-Encoding out")),
    }
}

/// Whether it is JSON of this protocol, with or without saying that JSON is UTF-8.
fn is_json(content_type: &str) -> bool {
    let (essence, parameter) = content_type.split_once(';').unwrap_or((content_type, ""));
    essence.trim_end() == "application/x-amz-json-1.1"
        && matches!(parameter.trim(), "" | "charset=utf-8" | "charset=\"utf-8\"")
}

/// Returns the value of a header that must not stand twice: two readers would take different ones.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Fault> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(malformed(format!("the header {name} stands more than once")));
    }
    match first.map(|value| value.to_str()) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value)),
        Some(Err(_)) => Err(malformed(format!("the header {name} is not plain text"))),
    }
}

fn unknown(message: impl Into<String>) -> Fault {
    Fault::new("UnknownOperationException", message)
}

fn malformed(message: impl Into<String>) -> Fault {
    Fault::new("SerializationException", message)
}

fn unsupported(message: impl Into<String>) -> Fault {
    Fault::new("UnsupportedMediaTypeException", message)
}
