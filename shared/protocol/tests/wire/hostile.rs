//! Bodies that somebody made to break the reader: never a panic, never slow, never half a value.

use std::time::{Duration, Instant};

use protocol::{Fault, Operation, REQUEST_BYTES_MAX, Wire, decode, shapes, validate};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::sample;

/// What no body may take. The reader needs a hundredth of it; a reader whose time grows with the
/// square of the body's length needs hours.
const PATIENCE: Duration = Duration::from_secs(5);

fn ask(wire: Wire, operation: Operation, body: &[u8]) -> Result<Value, Fault> {
    let began = Instant::now();
    let answer = decode(wire, operation, body).and_then(|mut request| {
        validate(operation, &mut request)?;
        Ok(request)
    });
    assert!(began.elapsed() < PATIENCE, "{operation} took {:?}", began.elapsed());
    if let Err(fault) = &answer {
        assert!(["SerializationException", "ValidationException"].contains(&fault.code.as_ref()));
        assert!(fault.message.len() < 100_000, "{} bytes are told", fault.message.len());
    }
    answer
}

#[test]
fn a_body_cut_at_any_byte_is_refused() {
    for operation in Operation::ALL {
        let shape = shapes::input(*operation);
        let request = sample::full(shape);
        let cbor = protocol::cbor::write(&request, Some(shape));
        let json = protocol::json::write(&request);
        for (wire, body) in [(Wire::Cbor, cbor), (Wire::Json, json)] {
            assert_eq!(ask(wire, *operation, &body), Ok(request.clone()), "{operation}");
            for end in 1..body.len() {
                let fault = ask(wire, *operation, &body[..end]).expect_err("it is cut");
                assert_eq!(fault.code, "SerializationException");
            }
        }
    }
}

#[test]
fn a_length_that_is_not_true_is_refused_or_means_another_value() {
    let shape = shapes::input(Operation::CreatePipeline);
    let body = protocol::cbor::write(&sample::full(shape), Some(shape));
    for at in 0..body.len() {
        for length in [0x00, 0x01, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1f] {
            let mut body = body.clone();
            body[at] = body[at] & 0xe0 | length;
            let _ = ask(Wire::Cbor, Operation::CreatePipeline, &body);
        }
    }
}

#[test]
fn a_hundred_thousand_random_changes_break_nothing() {
    const ROUNDS: usize = 100_000;
    let mut random_numbers = ChaCha8Rng::seed_from_u64(3);
    let mut taken = 0;
    for round in 0..ROUNDS {
        let operation = Operation::ALL[round % Operation::ALL.len()];
        let shape = shapes::input(operation);
        let request = sample::random(shape, &mut random_numbers);
        let wire = if round % 2 == 0 { Wire::Cbor } else { Wire::Json };
        let mut body = match wire {
            Wire::Cbor => protocol::cbor::write(&request, Some(shape)),
            Wire::Json => protocol::json::write(&request),
        };
        for _ in 0..random_numbers.random_range(1..4) {
            mutate(&mut body, &mut random_numbers);
        }
        let read = protocol::cbor::read(&body);
        if wire == Wire::Cbor
            && let Ok(value) = read
            && !body.is_empty()
        {
            assert_eq!(value, by_another_reader(&body), "{body:x?}");
        }
        taken += usize::from(ask(wire, operation, &body).is_ok());
    }
    assert!((ROUNDS / 100..ROUNDS).contains(&taken), "{taken} of {ROUNDS} bodies were taken");
}

fn mutate(body: &mut Vec<u8>, random_numbers: &mut impl Rng) {
    let at = random_numbers.random_range(0..=body.len());
    let byte = random_numbers.random::<u8>();
    match random_numbers.random_range(0..5) {
        0 if at < body.len() => body[at] = byte,
        1 if at < body.len() => body[at] ^= 1 << (byte % 8),
        2 if at < body.len() => {
            body.remove(at);
        }
        3 => body.insert(at, byte),
        _ => body.extend_from_within(at..),
    }
}

/// What another implementation reads: what ours takes, it must take too, and understand alike.
fn by_another_reader(body: &[u8]) -> Value {
    let value: ciborium::Value = ciborium::from_reader(body).expect("ours took it");
    plain(value)
}

fn plain(value: ciborium::Value) -> Value {
    match value {
        ciborium::Value::Null => Value::Null,
        ciborium::Value::Bool(value) => json!(value),
        ciborium::Value::Float(value) => json!(value),
        ciborium::Value::Text(text) => json!(text),
        ciborium::Value::Integer(number) => {
            let number = i128::from(number);
            u64::try_from(number)
                .map_or_else(|_| json!(i64::try_from(number).expect("64 bits")), Value::from)
        }
        ciborium::Value::Tag(1, value) => plain(*value),
        ciborium::Value::Array(values) => values.into_iter().map(plain).collect(),
        ciborium::Value::Map(members) => members
            .into_iter()
            .map(|(key, value)| (key.into_text().expect("keys are text"), plain(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other @ (ciborium::Value::Bytes(_) | ciborium::Value::Tag(..) | _) => panic!("{other:?}"),
    }
}

#[test]
fn the_largest_bodies_of_the_worst_forms_are_answered_soon() {
    let fill = |beginning: &str, piece: &str, end: &str| {
        let room = REQUEST_BYTES_MAX - beginning.len() - end.len() - 1;
        let pieces = piece.repeat(room / piece.len());
        format!("{beginning}{}{end}", pieces.trim_end_matches(',')).into_bytes()
    };
    let numbered = |beginning: &str, value: &str, end: &str| {
        let entries: Vec<_> = (0..60_000).map(|n| format!("\"{n}\":{value}")).collect();
        format!("{beginning}{}{end}", entries.join(",")).into_bytes()
    };
    for body in [
        fill("{\"a\":", "[", ""),
        fill("{\"tagKeys\":[", "1,", "]}"),
        fill("{\"tagKeys\":[", "\"\",", "]}"),
        fill("{\"tagKeys\":[", "null,", "]}"),
        fill("{\"tagKeys\":[", "{},", "]}"),
        fill("{\"tagKeys\":[\"", "x", "\"]}"),
        fill("{\"tagKeys\":[\"", "\\u0000", "\"]}"),
        fill("{\"a\":", "9", "}"),
        fill("{\"a\":0.", "0", "1}"),
        fill("{\"a\":\"", "\\ud83d\\ude00", "\"}"),
        fill("", " ", "{}"),
        numbered("{", "{}", "}"),
        numbered("{\"pipeline\":{\"artifactStores\":{", "{}", "}}}"),
        numbered(
            "{\"pipeline\":{\"stages\":[{\"actions\":[{\"configuration\":{",
            "\"\"",
            "}}]}]}}",
        ),
    ] {
        for operation in [Operation::UntagResource, Operation::CreatePipeline] {
            assert!(body.len() <= REQUEST_BYTES_MAX);
            let _ = ask(Wire::Json, operation, &body);
            let _ = ask(Wire::Cbor, operation, &body);
        }
    }
    for piece in [
        &[0x9f][..],
        &[0xbf, 0x60],
        &[0x7f],
        &[0x81],
        &[0xa1, 0x60],
        &[0xc1],
        &[0xf6],
        &[0x60],
        &[0x9b, 0, 0, 0, 0, 0, 0xf, 0, 0],
        &[0xbb, 0, 0, 0, 0, 0, 0x7, 0, 0],
    ] {
        for beginning in
            [&b"\xa1\x61a"[..], b"\xa1\x61a\x9f", b"\xbf\x61a\x7f", b"\xa1\x67tagKeys\x9f"]
        {
            let mut body = beginning.to_vec();
            body.extend(piece.iter().cycle().take(REQUEST_BYTES_MAX - beginning.len()));
            assert!(ask(Wire::Cbor, Operation::UntagResource, &body).is_err());
        }
    }
}

#[test]
fn odd_texts_are_carried_unchanged_or_refused_by_their_rule() {
    let odd = [
        "",
        " ",
        "undefined",
        "null",
        "NaN",
        "\\",
        "'",
        "\"",
        "<script>alert(1)</script>",
        "' OR 1=1 --",
        "../../etc/passwd",
        "$(touch x)",
        "`id`",
        "%s%n",
        "{{7*7}}",
        "${jndi:x}",
        "\u{0}",
        "\u{1b}[31m",
        "\r\nX-Injected: 1",
        "\u{202e}abc",
        "\u{200b}",
        "\u{feff}",
        "\u{1f469}\u{200d}\u{1f680}",
        "e\u{301}",
        "\u{fdfd}",
        "\u{10ffff}",
        "\u{d7ff}\u{e000}",
        "\u{130}\u{131}",
        "\u{ff0e}\u{ff0e}\u{ff0f}",
        "\u{7f}",
        "\u{2028}",
    ];
    let arn = "arn:aws:codepipeline:us-east-1:111122223333:web";
    for text in odd {
        let request = json!({"resourceArn": arn, "tags": [{"key": "k", "value": text}]});
        let shape = shapes::input(Operation::TagResource);
        for (wire, body) in [
            (Wire::Json, protocol::json::write(&request)),
            (Wire::Cbor, protocol::cbor::write(&request, Some(shape))),
        ] {
            assert_eq!(ask(wire, Operation::TagResource, &body), Ok(request.clone()), "{text:?}");
            // Names have a pattern, and the message is one line whatever stands in the name.
            let request = json!({"name": text});
            let body = match wire {
                Wire::Json => protocol::json::write(&request),
                Wire::Cbor => protocol::cbor::write(&request, None),
            };
            match ask(wire, Operation::GetPipeline, &body) {
                Ok(_) => assert!(["undefined", "null", "NaN"].contains(&text), "{text:?}"),
                Err(fault) => {
                    assert_eq!(fault.code, "ValidationException");
                    assert!(!fault.message.contains(char::is_control), "{fault:?}");
                }
            }
        }
    }
}
