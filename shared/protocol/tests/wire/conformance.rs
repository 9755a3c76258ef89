//! Smithy's own cases for both wires, as far as this API has what they speak of.
//!
//! The cases are not part of the project; where they are absent, there is nothing to show. Each brings
//! a model of its own, of which shapes are made; a case that uses a kind of value that no member of
//! CodePipeline has (bytes, fractions, documents, other spellings of moments) does not apply.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::shape::{Manner, Member, Range, Shape, Text, fit};
use protocol::{Fault, Operation, Wire, encode, encode_fault, recognize};
use serde_json::{Map, Value, json};

/// How deep shapes that contain themselves are unfolded.
const UNFOLDED_MAX: usize = 16;

/// Why a case says nothing about us.
type Inapplicable = &'static str;

const CLIENTS_ONLY: Inapplicable = "is about what clients make of a server that is not ours";

#[test]
fn requests_of_the_suite_are_read_as_they_were_meant() {
    for (file, wire) in
        [("input/json.json", Wire::Json), ("input/smithy-rpc-v2-cbor.json", Wire::Cbor)]
    {
        run(file, |suite, case| request(wire, suite, case));
    }
}

#[test]
fn answers_of_the_suite_are_written_as_they_were_meant() {
    for (file, wire) in
        [("output/json.json", Wire::Json), ("output/smithy-rpc-v2-cbor.json", Wire::Cbor)]
    {
        run(file, |suite, case| answer(wire, suite, case));
    }
}

/// Runs each case of a file and prints how many ran, and why the others did not.
#[expect(clippy::print_stdout, reason = "what did not run, and why, is part of the result")]
fn run(file: &str, check: impl Fn(&Value, &Value) -> Result<(), Inapplicable>) {
    let path = corpus().join("protocol-tests").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("{} is absent: nothing to compare", path.display());
        return;
    };
    let suites: Vec<Value> = serde_json::from_str(&text).expect("the suite is well-formed");
    let mut ran = 0;
    let mut others: BTreeMap<Inapplicable, Vec<&str>> = BTreeMap::new();
    for suite in &suites {
        for case in suite["cases"].as_array().expect("the suite is well-formed") {
            match check(suite, case) {
                Ok(()) => ran += 1,
                Err(reason) => others
                    .entry(reason)
                    .or_default()
                    .push(case["id"].as_str().expect("the suite is well-formed")),
            }
        }
    }
    println!("{file}: {ran} cases ran");
    for (reason, cases) in &others {
        println!("  {:2} not: {reason}: {}", cases.len(), cases.join(" "));
    }
    assert!(ran >= 4, "{file}: hardly a case ran");
}

fn request(wire: Wire, suite: &Value, case: &Value) -> Result<(), Inapplicable> {
    let id = case["id"].as_str().expect("the suite is well-formed");
    let sent = &case["serialized"];
    recognized(wire, suite, case)?;
    let body = sent["body"].as_str().unwrap_or_default();
    let read = match wire {
        Wire::Json => protocol::json::read(body.as_bytes()),
        Wire::Cbor => protocol::cbor::read(&unpacked(body)),
    };
    let params = without_nulls(case["params"].clone());
    let given = &case["given"];
    let Some(shape) = given["input"]["shape"].as_str() else {
        assert_eq!(read, Ok(json!({})), "{id}");
        return Ok(());
    };
    if given["input"].get("jsonvalue").is_some() {
        return Err("texts that are JSON inside");
    }
    applies(wire, &suite["shapes"], shape, &params)?;
    let shape = shape_of(suite, shape);
    let (read, findings) = fit(read.expect("the suite is well-formed"), shape, Manner::Request);
    assert_eq!((read, findings), (params, vec![]), "{id}");
    Ok(())
}

/// Has the headers and the path of a case recognized, once its service and operation are ours.
fn recognized(wire: Wire, suite: &Value, case: &Value) -> Result<(), Inapplicable> {
    let sent = &case["serialized"];
    let service = suite["metadata"]["targetPrefix"].as_str().expect("the suite is well-formed");
    let name = case["given"]["name"].as_str().expect("the suite is well-formed");
    let ours =
        |text: &str| text.replace(service, "CodePipeline_20150709").replace(name, "ListPipelines");
    let uri = ours(sent["uri"].as_str().unwrap_or("/"));
    if wire == Wire::Json && uri != "/" {
        return Err("an endpoint of JSON with a path of its own");
    }
    let mut headers = http::HeaderMap::new();
    for (name, value) in sent["headers"].as_object().into_iter().flatten() {
        if name.eq_ignore_ascii_case("content-encoding") {
            return Err("packed bodies, which no client of CodePipeline sends");
        }
        let name = http::HeaderName::from_bytes(name.as_bytes()).expect("the suite is well-formed");
        headers.insert(
            name,
            ours(value.as_str().expect("the suite is well-formed"))
                .parse()
                .expect("the suite is well-formed"),
        );
    }
    // Most cases of JSON list no header, for all of them have the same two.
    if wire == Wire::Json {
        let target = http::HeaderValue::from_static("CodePipeline_20150709.ListPipelines");
        headers.entry("x-amz-target").or_insert(target);
        let json = http::HeaderValue::from_static("application/x-amz-json-1.1");
        headers.entry("content-type").or_insert(json);
    }
    if case["given"].get("input").is_none() && wire == Wire::Cbor {
        return Err("an operation without input, of which CodePipeline has none");
    }
    let method = sent["method"].as_str().unwrap_or("POST");
    assert_eq!(recognize(method, &uri, &headers), Ok((wire, Operation::ListPipelines)), "{case}");
    Ok(())
}

fn answer(wire: Wire, suite: &Value, case: &Value) -> Result<(), Inapplicable> {
    let id = case["id"].as_str().expect("the suite is well-formed");
    let body = case["response"]["body"].as_str().unwrap_or_default();
    if case.get("errorCode").is_some() || case.get("error").is_some() {
        return fault(wire, case, body);
    }
    let result = without_nulls(case["result"].clone());
    let Some(shape) = case["given"]["output"]["shape"].as_str() else {
        let has_type = case["response"]["headers"].get("Content-Type").is_some();
        if !matches!(body, "" | "{}") || wire == Wire::Cbor && has_type {
            return Err(CLIENTS_ONLY);
        }
        let ours = encode(wire, Operation::DeletePipeline, &result);
        assert!(ours.body.is_empty(), "{id}");
        check_headers(case, &ours.headers);
        return Ok(());
    };
    applies(wire, &suite["shapes"], shape, &result)?;
    let theirs = match wire {
        _ if body.is_empty() => return Err(CLIENTS_ONLY),
        Wire::Json => protocol::json::read(body.as_bytes()),
        Wire::Cbor => protocol::cbor::read(&unpacked(body)),
    };
    let shape = shape_of(suite, shape);
    let ours = match wire {
        Wire::Json => protocol::json::read(&protocol::json::write(&result)),
        Wire::Cbor => protocol::cbor::read(&protocol::cbor::write(&result, Some(shape))),
    };
    let ours = ours.expect("what we write we read");
    let theirs = theirs.map_err(|refusal| {
        assert!(refusal.contains("not finite"), "{id}: {refusal}");
        "numbers that are not finite"
    })?;
    // What theirs has besides, such as members that nobody knows, fitting takes out.
    let (theirs, findings) = fit(without_nulls(theirs), shape, Manner::Request);
    assert_eq!(findings, [], "{id}");
    assert_eq!(ours, theirs, "{id}");
    check_headers(case, &encode(wire, Operation::ListPipelines, &json!({})).headers);
    Ok(())
}

fn fault(wire: Wire, case: &Value, body: &str) -> Result<(), Inapplicable> {
    let theirs = match wire {
        Wire::Json => serde_json::from_str(body).unwrap_or_default(),
        Wire::Cbor => protocol::cbor::read(&unpacked(body)).unwrap_or_default(),
    };
    let (Some(name), Some(message)) = (
        theirs["__type"].as_str(),
        theirs.get("message").or_else(|| theirs.get("Message")).and_then(Value::as_str),
    ) else {
        return Err("an error told in another way than ours");
    };
    if theirs.as_object().is_some_and(|members| members.len() > 2) {
        return Err("an error with members besides its message");
    }
    let name = name.rsplit('#').next().expect("the suite is well-formed");
    let ours = encode_fault(wire, &Fault::new(name.to_owned(), message));
    let told = match wire {
        Wire::Json => serde_json::from_slice(&ours.body).expect("the suite is well-formed"),
        Wire::Cbor => protocol::cbor::read(&ours.body).expect("the suite is well-formed"),
    };
    let expected = match wire {
        Wire::Json => json!({"__type": name, "message": message}),
        Wire::Cbor => {
            json!({"__type": format!("com.amazonaws.codepipeline#{name}"), "message": message})
        }
    };
    assert_eq!(told, expected, "{case}");
    assert_eq!(json!(ours.status), case["response"]["status_code"], "{case}");
    check_headers(case, &ours.headers);
    Ok(())
}

/// Holds our headers against those of a case; those of the case's own making are not ours to send.
fn check_headers(case: &Value, ours: &[(&str, &str)]) {
    for (name, value) in case["response"]["headers"].as_object().into_iter().flatten() {
        if ["content-type", "smithy-protocol"].contains(&name.to_lowercase().as_str()) {
            let found = ours.iter().find(|(our, _)| our.eq_ignore_ascii_case(name));
            assert_eq!(found.map(|(_, value)| *value), value.as_str(), "{case}");
        }
    }
}

/// Whether shapes of ours can say what the value holds.
fn applies(wire: Wire, shapes: &Value, name: &str, value: &Value) -> Result<(), Inapplicable> {
    let shape = &shapes[name];
    // CBOR knows only its tag, whatever the model says.
    let is_spelled = |told: &Value| {
        wire == Wire::Json
            && told.get("timestampFormat").is_some_and(|told| told != "unixTimestamp")
    };
    match (shape["type"].as_str().expect("the suite is well-formed"), value) {
        ("structure", Value::Object(members)) => {
            for (member, value) in members {
                let Some(told) = shape["members"].get(member) else { continue };
                if told.get("jsonvalue").is_some() {
                    return Err("texts that are JSON inside");
                }
                if is_spelled(told) {
                    return Err("moments that are not numbers");
                }
                if told.get("locationName").is_some() {
                    return Err("members with another name on the wire");
                }
                applies(
                    wire,
                    shapes,
                    told["shape"].as_str().expect("the suite is well-formed"),
                    value,
                )?;
            }
            if shape.get("document").is_some() { Err("documents of any shape") } else { Ok(()) }
        }
        ("list", Value::Array(values)) => {
            let element = shape["member"]["shape"].as_str().expect("the suite is well-formed");
            values.iter().try_for_each(|value| applies(wire, shapes, element, value))
        }
        ("map", Value::Object(members)) => {
            let element = shape["value"]["shape"].as_str().expect("the suite is well-formed");
            members.values().try_for_each(|value| applies(wire, shapes, element, value))
        }
        ("timestamp", _) if is_spelled(shape) => Err("moments that are not numbers"),
        ("blob", _) => Err("bytes"),
        ("float" | "double", _) => Err("numbers with a fraction"),
        _ if shape.get("document").is_some() => Err("documents of any shape"),
        _ => Ok(()),
    }
}

/// Makes shapes of a case's model; members that shapes of ours cannot say are left out.
struct Model<'a> {
    shapes: &'a Value,
    /// Shapes that were made, by name and depth: those that contain themselves would be made over
    /// and over again.
    made: HashMap<(String, usize), Option<&'static Shape>>,
}

impl Model<'_> {
    fn shape(&mut self, name: &str, depth: usize) -> Option<&'static Shape> {
        if depth > UNFOLDED_MAX {
            return None;
        }
        let key = (name.to_owned(), depth);
        if let Some(made) = self.made.get(&key) {
            return *made;
        }
        let made = self.make(name, depth);
        self.made.insert(key, made);
        made
    }

    fn below(&mut self, told: &Value, depth: usize) -> Option<&'static Shape> {
        self.shape(told["shape"].as_str()?, depth + 1)
    }

    fn make(&mut self, name: &str, depth: usize) -> Option<&'static Shape> {
        let told = &self.shapes[name];
        let shape = match told["type"].as_str()? {
            "structure" => {
                let mut members = Vec::new();
                for (name, told) in told["members"].as_object()? {
                    let name: &'static str = name.clone().leak();
                    let shape = self.below(told, depth);
                    members.extend(shape.map(|shape| Member { name, shape, is_required: false }));
                }
                Shape::Structure(members.leak())
            }
            "list" => {
                Shape::List { element: self.below(&told["member"], depth)?, size: Range::ANY }
            }
            "map" => {
                let value = self.below(&told["value"], depth)?;
                Shape::Map { key: Text::ANY, value, size: Range::ANY }
            }
            "string" | "character" => Shape::Text(Text::ANY),
            "integer" | "long" | "short" | "byte" => {
                Shape::Integer { minimum: i64::MIN, maximum: Some(i64::MAX) }
            }
            "boolean" => Shape::Boolean,
            "timestamp" => Shape::Moment,
            _ => return None,
        };
        Some(Box::leak(Box::new(shape)))
    }
}

fn shape_of(suite: &Value, name: &str) -> &'static Shape {
    let mut model = Model { shapes: &suite["shapes"], made: HashMap::new() };
    model.shape(name, 0).expect("it was seen to apply")
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(values) => values.into_iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Returns the bytes of a body in CBOR.
fn unpacked(body: &str) -> Vec<u8> {
    STANDARD.decode(body).expect("the suite writes CBOR in base64")
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus")
}
