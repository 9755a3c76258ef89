//! The two wires.

mod recognize;

use model::shape::{Finding, Kind, Manner, fit};
use model::violation::{ErrorClass, Refusal};
use serde_json::{Map, Value};

use crate::{Fault, Operation, cbor, json, shapes};

pub use recognize::recognize;

/// How large a body may be.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// How deep objects and lists may be nested; the deepest shape of the API has 14 levels.
pub const DEPTH_MAX: usize = 64;

/// How many values a body may hold. The largest pipeline has half as many; a megabyte of nothing but
/// ones would have half a million, each of which costs many times the bytes that it was sent in.
pub const VALUES_MAX: usize = 100_000;

/// The namespace of the API's shapes, which CBOR's errors are told with.
const NAMESPACE: &str = "com.amazonaws.codepipeline";

const JSON_TYPE: (&str, &str) = ("Content-Type", "application/x-amz-json-1.1");
const CBOR_TYPE: (&str, &str) = ("Content-Type", "application/cbor");
const CBOR_PROTOCOL: (&str, &str) = ("smithy-protocol", "rpc-v2-cbor");

/// A wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// awsJson 1.1.
    Json,
    /// Smithy RPC v2 CBOR.
    Cbor,
}

/// An answer's parts, ready for whatever carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The HTTP status.
    pub status: u16,
    /// Headers besides `Content-Length` and the request id.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Makes a value of a body. A body that is not one is a `SerializationException`.
pub fn decode(wire: Wire, operation: Operation, body: &[u8]) -> Result<Value, Fault> {
    let refuse = |what: &str| {
        let message = format!("the body of {operation} cannot be read: {what}");
        Fault::new("SerializationException", message)
    };
    if body.len() > REQUEST_BYTES_MAX {
        return Err(refuse("it is larger than 1 MiB"));
    }
    let value = match wire {
        Wire::Json => json::read(body),
        Wire::Cbor => cbor::read(body),
    };
    match value {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => Err(refuse("it must be one object")),
        Err(what) => Err(refuse(&what)),
    }
}

/// Holds a request against its shape, and takes null and unknown members out of it (P5). Everything
/// that does not fit is told in one `ValidationException` (contract §1.7), up to a hundred things; what
/// has the wrong type is a `SerializationException`.
pub fn validate(operation: Operation, request: &mut Value) -> Result<(), Fault> {
    let (fitted, findings) =
        fit(std::mem::take(request), shapes::input(operation), Manner::Request);
    *request = fitted;
    let is_mistyped = |finding: &&Finding| matches!(finding.kind, Kind::Mistyped | Kind::Repeated);
    if let Some(Finding { violation, .. }) = findings.iter().find(is_mistyped) {
        let message = format!("{} {}", violation.path, violation.message);
        return Err(Fault::new("SerializationException", message));
    }
    let violations = findings.into_iter().map(|finding| finding.violation).collect();
    match Refusal::first_class(violations) {
        Some(refusal) => Err(Fault::new(ErrorClass::Shape.exception(), refusal.to_string())),
        None => Ok(()),
    }
}

/// Holds an answer against its shape: nothing that is required is missing, nothing is there that no
/// client knows, and types and words are right. For tests and debug builds.
pub fn check_answer(operation: Operation, answer: &Value) -> Result<(), String> {
    let Some(shape) = shapes::output(operation) else {
        let is_empty = answer.is_null() || *answer == Value::Object(Map::new());
        return if is_empty { Ok(()) } else { Err(format!("{operation} answers nothing")) };
    };
    let (_, findings) = fit(answer.clone(), shape, Manner::Typed);
    let wrongs: Vec<_> = findings
        .iter()
        .filter(|finding| finding.kind != Kind::Limit)
        .map(|finding| finding.violation.to_string())
        .collect();
    if wrongs.is_empty() { Ok(()) } else { Err(format!("{operation}: {}", wrongs.join("\n"))) }
}

/// Writes an answer. An operation that answers nothing has no body; in CBOR it then has no content type
/// either (wire.md §3, §5).
pub fn encode(wire: Wire, operation: Operation, answer: &Value) -> Encoded {
    let shape = shapes::output(operation);
    let nothing = Value::Object(Map::new());
    let answer = if answer.is_null() { &nothing } else { answer };
    let (headers, body) = match (wire, shape) {
        (Wire::Json, None) => (vec![JSON_TYPE], Vec::new()),
        (Wire::Json, Some(_)) => (vec![JSON_TYPE], json::write(answer)),
        (Wire::Cbor, None) => (vec![CBOR_PROTOCOL], Vec::new()),
        (Wire::Cbor, Some(_)) => (vec![CBOR_PROTOCOL, CBOR_TYPE], cbor::write(answer, shape)),
    };
    Encoded { status: 200, headers, body }
}

/// Writes a fault: in JSON with the bare name of its shape, in CBOR with the name in full.
pub fn encode_fault(wire: Wire, fault: &Fault) -> Encoded {
    let told = |name: String| serde_json::json!({"__type": name, "message": fault.message});
    let (headers, body) = match wire {
        Wire::Json => (vec![JSON_TYPE], json::write(&told(fault.code.to_string()))),
        Wire::Cbor => {
            let told = told(format!("{NAMESPACE}#{}", fault.code));
            (vec![CBOR_PROTOCOL, CBOR_TYPE], cbor::write(&told, None))
        }
    };
    Encoded { status: fault.status(), headers, body }
}

/// How much of a name that a client chose a message repeats.
pub(crate) fn shorten(name: &str) -> String {
    const CHARACTERS_MAX: usize = 80;
    let mut shown: String =
        name.chars().take(CHARACTERS_MAX).flat_map(char::escape_debug).collect();
    if name.chars().nth(CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
