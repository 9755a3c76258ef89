//! Answers and faults, as clients of each wire must get them (wire.md §3 and §5).

use protocol::{Fault, Operation, Wire, check_answer, encode, encode_fault, shapes};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::sample;

const JSON_TYPE: (&str, &str) = ("Content-Type", "application/x-amz-json-1.1");
const CBOR_TYPE: (&str, &str) = ("Content-Type", "application/cbor");
const PROTOCOL: (&str, &str) = ("smithy-protocol", "rpc-v2-cbor");

#[test]
fn operations_that_answer_nothing_have_no_body() {
    let silent: Vec<_> = Operation::ALL
        .iter()
        .filter(|operation| shapes::output(**operation).is_none())
        .map(|operation| operation.as_str())
        .collect();
    assert_eq!(
        silent,
        [
            "DeleteCustomActionType",
            "DeletePipeline",
            "DisableStageTransition",
            "EnableStageTransition",
            "OverrideStageCondition",
            "PutJobFailureResult",
            "PutJobSuccessResult",
            "PutThirdPartyJobFailureResult",
            "PutThirdPartyJobSuccessResult",
            "UpdateActionType",
        ]
    );
    for answer in [Value::Null, json!({})] {
        let json = encode(Wire::Json, Operation::DeletePipeline, &answer);
        assert_eq!((json.status, json.headers, json.body), (200, vec![JSON_TYPE], vec![]));
        let cbor = encode(Wire::Cbor, Operation::DeletePipeline, &answer);
        assert_eq!((cbor.status, cbor.headers, cbor.body), (200, vec![PROTOCOL], vec![]));
    }
}

#[test]
fn an_answer_without_members_is_an_empty_object() {
    for operation in [Operation::TagResource, Operation::DeleteWebhook, Operation::ListPipelines] {
        for answer in [Value::Null, json!({})] {
            assert_eq!(encode(Wire::Json, operation, &answer).body, b"{}");
            let cbor = encode(Wire::Cbor, operation, &answer);
            assert_eq!((cbor.headers, cbor.body), (vec![PROTOCOL, CBOR_TYPE], vec![0xa0]));
        }
    }
}

#[test]
fn moments_are_numbers_in_json_and_have_their_tag_in_cbor() {
    for (moment, bytes) in [
        (json!(1_700_000_000), "\u{c1}\u{1a}eS\u{f1}\0"),
        (json!(1_700_000_000.0), "\u{c1}\u{1a}eS\u{f1}\0"),
        (json!(1_700_000_000.123), "\u{c1}\u{fb}A\u{d9}T\u{fc}@\u{7}\u{df};"),
        (json!(-1), "\u{c1} "),
    ] {
        let answer = json!({"approvedAt": moment});
        let cbor = encode(Wire::Cbor, Operation::PutApprovalResult, &answer).body;
        let value: Vec<u8> = bytes.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(cbor, [b"\xa1\x6aapprovedAt".as_slice(), &value].concat(), "{moment}");
        let json = encode(Wire::Json, Operation::PutApprovalResult, &answer).body;
        assert_eq!(json, format!("{{\"approvedAt\":{moment}}}").into_bytes());
    }
}

#[test]
fn every_moment_of_every_answer_has_its_tag() {
    for operation in Operation::ALL {
        let Some(shape) = shapes::output(*operation) else { continue };
        let answer = sample::full(shape);
        let body = encode(Wire::Cbor, *operation, &answer).body;
        let read: ciborium::Value = ciborium::from_reader(body.as_slice()).expect("it is CBOR");
        assert_eq!(tags(&read), moments(&answer), "{operation}");
    }
}

/// Counts tags, all of which must be those of moments.
fn tags(value: &ciborium::Value) -> usize {
    match value {
        ciborium::Value::Tag(1, seconds) => {
            assert_eq!(seconds.as_float(), Some(1_700_000_000.123));
            1
        }
        ciborium::Value::Tag(tag, _) => panic!("tag {tag}"),
        ciborium::Value::Array(values) => values.iter().map(tags).sum(),
        ciborium::Value::Map(members) => members.iter().map(|(_, value)| tags(value)).sum(),
        ciborium::Value::Integer(_)
        | ciborium::Value::Bytes(_)
        | ciborium::Value::Float(_)
        | ciborium::Value::Text(_)
        | ciborium::Value::Bool(_)
        | ciborium::Value::Null
        | _ => 0,
    }
}

/// Counts moments: the samples have no other number with a fraction.
fn moments(value: &Value) -> usize {
    match value {
        Value::Number(number) => usize::from(number.is_f64()),
        Value::Array(values) => values.iter().map(moments).sum(),
        Value::Object(members) => members.values().map(moments).sum(),
        Value::Null | Value::Bool(_) | Value::String(_) => 0,
    }
}

#[test]
fn absent_members_are_left_out_in_cbor() {
    let answer = json!({"pipelines": [{"name": "web", "version": null}], "nextToken": null});
    let body = encode(Wire::Cbor, Operation::ListPipelines, &answer).body;
    assert_eq!(body, b"\xa1\x69pipelines\x81\xa1\x64name\x63web");
}

#[test]
fn faults_name_their_shape_as_each_wire_wants_it() {
    let fault = Fault::new("PipelineNotFoundException", "there is no pipeline 'p\u{e9}'");
    let json = encode_fault(Wire::Json, &fault);
    assert_eq!((json.status, &json.headers), (400, &vec![JSON_TYPE]));
    let told: Value = serde_json::from_slice(&json.body).unwrap();
    assert_eq!(
        told,
        json!({"__type": "PipelineNotFoundException", "message": "there is no pipeline 'p\u{e9}'"})
    );
    let cbor = encode_fault(Wire::Cbor, &fault);
    assert_eq!((cbor.status, &cbor.headers), (400, &vec![PROTOCOL, CBOR_TYPE]));
    assert_eq!(
        protocol::cbor::read(&cbor.body).unwrap(),
        json!({
            "__type": "com.amazonaws.codepipeline#PipelineNotFoundException",
            "message": "there is no pipeline 'p\u{e9}'",
        })
    );
    for (code, status) in [
        ("ConflictException", 409),
        ("InternalFailure", 500),
        ("ThrottlingException", 400),
        ("AccessDeniedException", 400),
        ("UnsupportedMediaTypeException", 415),
    ] {
        for wire in [Wire::Json, Wire::Cbor] {
            let encoded = encode_fault(wire, &Fault::new(code, "because"));
            assert_eq!(encoded.status, status, "{code}");
            let is_query = |name: &str| name.eq_ignore_ascii_case("x-amzn-query-error");
            assert!(!encoded.headers.iter().any(|(name, _)| is_query(name)));
        }
    }
}

#[test]
fn an_answer_is_held_against_its_shape() {
    let operation = Operation::ListPipelines;
    for right in [json!({}), json!({"pipelines": []}), json!({"pipelines": null}), Value::Null] {
        let right = if right.is_null() { json!({}) } else { right };
        assert_eq!(check_answer(operation, &right), Ok(()), "{right}");
    }
    for (operation, wrong, word) in [
        (operation, json!({"pipeline": []}), "did you mean `pipelines`?"),
        (operation, json!({"pipelines": [{"name": 1}]}), "pipelines[0].name: should be a string"),
        (operation, json!({"pipelines": {}}), "should be a list"),
        (operation, json!({"pipelines": [{"created": "2026-01-01"}]}), "should be a moment"),
        (operation, json!({"pipelines": [{"executionMode": "queued"}]}), "did you mean QUEUED?"),
        (operation, json!({"pipelines": [null]}), "pipelines[0]: is missing"),
        (operation, json!([]), "should be an object"),
        (Operation::RollbackStage, json!({}), "pipelineExecutionId: is missing"),
        (Operation::DeletePipeline, json!({"name": "x"}), "answers nothing"),
        (Operation::TagResource, json!({"name": "x"}), "not a member"),
    ] {
        let found = check_answer(operation, &wrong).expect_err("it is wrong");
        assert!(found.contains(word), "{found}");
    }
    // Lengths are for those who ask: what providers report may be longer than AWS lets it be.
    let long = json!({"nextToken": "x".repeat(3000)});
    assert_eq!(check_answer(operation, &long), Ok(()));
}

#[test]
fn what_is_written_is_read_again() {
    let mut random_numbers = ChaCha8Rng::seed_from_u64(20_150_709);
    for operation in Operation::ALL {
        for shape in [Some(shapes::input(*operation)), shapes::output(*operation)] {
            let Some(shape) = shape else { continue };
            for _ in 0..60 {
                let value = sample::random(shape, &mut random_numbers);
                let cbor = protocol::cbor::write(&value, Some(shape));
                assert_eq!(protocol::cbor::read(&cbor).as_ref(), Ok(&value), "{operation}");
                let json = protocol::json::write(&value);
                assert_eq!(protocol::json::read(&json).as_ref(), Ok(&value), "{operation}");
            }
        }
    }
}
