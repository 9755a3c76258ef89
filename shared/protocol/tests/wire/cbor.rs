//! Bodies in CBOR: every form that clients write, and what is refused (wire.md §4).

use protocol::{Operation, Wire, decode};
use serde_json::{Value, json};

fn read(bytes: &[u8]) -> Result<Value, String> {
    decode(Wire::Cbor, Operation::PutActionRevision, bytes).map_err(|fault| {
        assert_eq!(fault.code, "SerializationException");
        fault.message
    })
}

/// Reads the value of the member `a`, written in hexadecimal digits.
fn member(hexadecimal: &str) -> Result<Value, String> {
    read(&bytes(&format!("a16161{hexadecimal}"))).map(|mut value| value["a"].take())
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    (0..hexadecimal.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).expect("digits"))
        .collect()
}

const PUT_ACTION_REVISION: &str = "a46c706970656c696e654e616d6561706973746167654e616d6561536a61637469\
    6f6e4e616d6561416e616374696f6e5265766973696f6ea36a7265766973696f6e49646131707265766973696f6e436861\
    6e6765496461326763726561746564c1fb41d954fc4007df3b";

#[test]
fn what_clients_were_seen_to_send_is_read() {
    let digits: String = PUT_ACTION_REVISION.split_whitespace().collect();
    assert_eq!(
        read(&bytes(&digits)),
        Ok(json!({
            "pipelineName": "p", "stageName": "S", "actionName": "A",
            "actionRevision":
                {"revisionId": "1", "revisionChangeId": "2", "created": 1_700_000_000.123},
        }))
    );
    for empty in ["", "a0", "bfff", "b800", "bb0000000000000000"] {
        assert_eq!(read(&bytes(empty)), Ok(json!({})), "{empty}");
    }
}

#[test]
fn every_width_of_number_is_read() {
    for (digits, value) in [
        ("00", json!(0)),
        ("17", json!(23)),
        ("1818", json!(24)),
        ("1800", json!(0)),
        ("190100", json!(256)),
        ("1a00010000", json!(65_536)),
        ("1bffffffffffffffff", json!(u64::MAX)),
        ("20", json!(-1)),
        ("3863", json!(-100)),
        ("3903e7", json!(-1000)),
        ("3b7fffffffffffffff", json!(i64::MIN)),
        ("f90000", json!(0.0)),
        ("f93c00", json!(1.0)),
        ("f93e00", json!(1.5)),
        ("f97bff", json!(65_504.0)),
        ("f90001", json!(5.960_464_477_539_063e-8)),
        ("f90400", json!(0.000_061_035_156_25)),
        ("f9c400", json!(-4.0)),
        ("fa47c35000", json!(100_000.0)),
        ("fb3ff199999999999a", json!(1.1)),
        ("c11a6553f100", json!(1_700_000_000)),
        ("c11b000000006553f100", json!(1_700_000_000)),
        ("c120", json!(-1)),
        ("c1fb41d954fc4007df3b", json!(1_700_000_000.123)),
        ("c1fa4eca9fc4", json!(1_699_734_016.0)),
        ("d801fb41d954fc4007df3b", json!(1_700_000_000.123)),
    ] {
        assert_eq!(member(digits), Ok(value), "{digits}");
    }
}

#[test]
fn texts_lists_and_maps_are_read_with_and_without_their_length() {
    for (digits, value) in [
        ("60", json!("")),
        ("6161", json!("a")),
        ("780161", json!("a")),
        ("7f6161626263ff", json!("abc")),
        ("7fff", json!("")),
        ("62c3a9", json!("\u{e9}")),
        ("80", json!([])),
        ("820102", json!([1, 2])),
        ("9f0102ff", json!([1, 2])),
        ("9fff", json!([])),
        ("980101", json!([1])),
        ("a1616201", json!({"b": 1})),
        ("bf616201ff", json!({"b": 1})),
        ("bf7f6162ff01ff", json!({"b": 1})),
        ("82f4f5", json!([false, true])),
        ("82f6f7", json!([null, null])),
        ("9fbf61627f6163ffffff", json!([{"b": "c"}])),
    ] {
        assert_eq!(member(digits), Ok(value), "{digits}");
    }
}

#[test]
fn what_is_not_of_this_protocol_is_refused_with_its_place() {
    for (digits, word) in [
        ("4161", "byte string"),
        ("5f4161ff", "legal beginning"),
        ("c000", "tag 0"),
        ("c24101", "tag 2"),
        ("c4820102", "tag 4"),
        ("d9d9f700", "tag 55799"),
        ("c16161", "a moment is not a number"),
        ("c1f6", "a moment is not a number"),
        ("c1c101", "a moment is not a number"),
        ("c1", "a moment is not a number"),
        ("f97e00", "not finite"),
        ("f97c00", "not finite"),
        ("fa7f800000", "not finite"),
        ("fb7ff8000000000000", "not finite"),
        ("c1fb7ff0000000000000", "not finite"),
        ("f8ff", "simple value"),
        ("f818", "simple value"),
        ("e0", "simple value"),
        ("f3", "simple value"),
        ("1c", "legal beginning"),
        ("1f", "legal beginning"),
        ("3f", "legal beginning"),
        ("df", "legal beginning"),
        ("fc", "legal beginning"),
        ("ff", "legal beginning"),
        ("3b8000000000000000", "64 bits"),
        ("61ff", "not UTF-8"),
        ("63eda080", "not UTF-8"),
        ("7f61c361a9ff", "not UTF-8"),
        ("7f4161ff", "chunk that is no text"),
        ("7f7f6161ffff", "chunk that is no text"),
        ("a10101", "key is not a text"),
        ("a2616201616201", "`b` is written twice"),
        ("bf616201616202ff", "`b` is written twice"),
        ("bf6162ff", "legal beginning"),
        ("6161f6", "something follows"),
        ("a0a0", "something follows"),
    ] {
        let message = member(digits).expect_err(digits);
        assert!(message.contains(word), "{digits}: {message}");
        assert!(message.contains(" at byte ") || message.contains(" before byte "));
    }
    for digits in ["80", "00", "6161", "f6", "c100"] {
        let message = read(&bytes(digits)).expect_err(digits);
        assert!(message.ends_with("it must be one object"), "{message}");
    }
}

#[test]
fn more_is_not_claimed_than_is_there() {
    for digits in [
        "62",
        "6261",
        "7bffffffffffffffff",
        "7affffffff61",
        "81",
        "9affffffff",
        "9bffffffffffffffff00",
        "a1",
        "a16162",
        "baffffffff",
        "bbffffffffffffffff",
        "bb800000000000000061",
        "9f",
        "bf",
        "7f",
        "9f01",
        "bf6162",
        "7f6161",
        "18",
        "19ff",
        "1a0000ff",
        "1b00000000000000",
        "f9",
        "fb00",
    ] {
        let message = member(digits).expect_err(digits);
        let words = ["are claimed and", "ends in the middle"];
        assert!(words.iter().any(|word| message.contains(word)), "{digits}: {message}");
    }
}

#[test]
fn nesting_is_taken_to_its_bound_and_refused_past_it() {
    // The map that each body is counts as the first level.
    for (levels, is_taken) in [(1, true), (63, true), (64, false), (100_000, false)] {
        for (open, inner, close) in
            [("81", "00", ""), ("9f", "", "ff"), ("a16162", "00", ""), ("bf6162", "00", "ff")]
        {
            let digits = format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
            assert_eq!(member(&digits).is_ok(), is_taken, "{levels} of {open}");
        }
    }
}

#[test]
fn a_body_holds_values_up_to_a_bound() {
    // The body and its list are two of them.
    let list = |values: usize| format!("9f{}ff", "01".repeat(values - 2));
    assert!(member(&list(100_000)).is_ok());
    let message = member(&list(100_001)).expect_err("one value more");
    assert!(message.contains("more than 100000 values"), "{message}");
}
