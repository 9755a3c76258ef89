//! Bodies in JSON: what is read, and what is refused with the place where it goes wrong.

use protocol::{Operation, REQUEST_BYTES_MAX, Wire, decode};
use serde_json::{Value, json};

fn read(body: impl AsRef<[u8]>) -> Result<Value, String> {
    decode(Wire::Json, Operation::ListPipelines, body.as_ref()).map_err(|fault| {
        assert_eq!(fault.code, "SerializationException");
        assert_eq!(fault.status(), 400);
        let message = fault.message;
        assert!(message.starts_with("the body of ListPipelines cannot be read: "), "{message}");
        message
    })
}

fn member(text: &str) -> Result<Value, String> {
    read(format!("{{\"a\":{text}}}")).map(|mut value| value["a"].take())
}

#[test]
fn an_empty_body_is_an_empty_object() {
    assert_eq!(read(""), Ok(json!({})));
    assert_eq!(read("{}"), Ok(json!({})));
    assert_eq!(read(" {\n} \t\r\n"), Ok(json!({})));
}

#[test]
fn what_is_json_is_read() {
    for (text, value) in [
        ("null", Value::Null),
        ("true", json!(true)),
        ("-0", json!(-0.0)),
        ("0", json!(0)),
        ("1700000000.123", json!(1_700_000_000.123)),
        ("1.7E9", json!(1.7e9)),
        ("-1e-2", json!(-0.01)),
        ("18446744073709551615", json!(u64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("1e-400", json!(0.0)),
        ("\"\"", json!("")),
        (r#""\u0000\u001f\"\\\/\b\f\n\r\t""#, json!("\0\u{1f}\"\\/\u{8}\u{c}\n\r\t")),
        (r#""\ud83d\ude00 \u00e9""#, json!("\u{1f600} \u{e9}")),
        ("\"\u{7f}\u{2028}\u{feff}\"", json!("\u{7f}\u{2028}\u{feff}")),
        ("[[], {}, [[1]]]", json!([[], {}, [[1]]])),
        ("{\"\":{\"a\":{}}}", json!({"": {"a": {}}})),
    ] {
        assert_eq!(member(text), Ok(value), "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    for text in [
        "",
        " ",
        "nul",
        "True",
        "NaN",
        "Infinity",
        "-Infinity",
        "undefined",
        "1e400",
        "-1e400",
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
        "0x10",
        "- 1",
        "1 2",
        "'a'",
        "a",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\n\"",
        "\"\t\"",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[",
        "{",
        "{\"b\"}",
        "{\"b\":}",
        "{\"b\":1,}",
        "{b:1}",
        "{1:1}",
        "{\"b\":1 \"c\":2}",
        "[}",
        "{]",
        "// x\n1",
        "/* x */ 1",
        "1}{",
    ] {
        let message = member(text).expect_err(text);
        assert!(message.contains(" at line 1 column ") || message.contains(" at line 2 column "));
    }
    for bytes in [
        &b"{\"a\":\"\xff\"}"[..],
        b"{\"a\":\"\xc0\xaf\"}",
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"{\"\xf4\x90\x80\x80\":1}",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\0}\0",
        b"\0",
        b"{}\0",
        b"{} {}",
        b"{},",
    ] {
        assert!(read(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn a_body_is_one_object() {
    for text in ["[]", "null", "1", "\"{}\"", "true", " [{}]"] {
        let message = read(text).expect_err(text);
        assert!(message.ends_with("it must be one object"), "{message}");
    }
}

#[test]
fn a_member_that_stands_twice_is_refused_by_name() {
    for text in
        [r#"{"name":1,"name":2}"#, r#"{"name":1,"n\u0061me":1}"#, r#"{"x":[{"name":1,"name":1}]}"#]
    {
        let message = read(text).expect_err(text);
        assert!(message.contains("`name` is written twice at line 1 column "), "{message}");
    }
    let name = "x".repeat(100_000);
    let message = read(format!("{{\"{name}\":1,\"{name}\":1}}")).expect_err("twice");
    assert!(message.len() < 300, "{message}");
}

#[test]
fn nesting_is_taken_to_its_bound_and_refused_past_it() {
    // The object that each body is counts as the first level.
    for (levels, is_taken) in [(1, true), (63, true), (64, false), (65, false), (100_000, false)] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let inner = if open == "[" { "" } else { "1" };
            let text = format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
            assert_eq!(member(&text).is_ok(), is_taken, "{levels} of {open}");
        }
    }
    let message = member(&"[".repeat(100_000)).expect_err("deep");
    assert!(message.contains("nested more than 64 deep"), "{message}");
}

#[test]
fn a_body_is_taken_up_to_a_megabyte() {
    let body = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    assert!(read(body(REQUEST_BYTES_MAX)).is_ok());
    let message = read(body(REQUEST_BYTES_MAX + 1)).expect_err("one byte more");
    assert!(message.contains("larger than 1 MiB"), "{message}");
}

#[test]
fn a_body_holds_values_up_to_a_bound() {
    // The body and its list are two of them.
    let body = |values: usize| format!("{{\"a\":[1{}]}}", ",1".repeat(values - 3));
    assert!(read(body(100_000)).is_ok());
    let message = read(body(100_001)).expect_err("one value more");
    assert!(message.contains("more than 100000 values"), "{message}");
}
