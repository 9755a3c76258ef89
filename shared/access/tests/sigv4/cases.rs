//! Cases of the kind that AWS's own suite has. AWS's signer signs each, and we must agree.

use std::time::Instant;

use access::sigv4::{Claim, verify, verify_head};
use sha2::{Digest, Sha256};

use crate::signer::{OneKey, Payload, REGION, SIGNED_AT, Unsent, expected, verified};

/// Returns each case with what is particular about it.
fn cases() -> Vec<(&'static str, Unsent<'static>)> {
    let get = Unsent::get;
    let long_query = "/?A=1&B=2&C=3&D=4&E=5&F=6&a=7&b=8&c=9&d=10&e=11&f=12&~=13&_=14&-=15&.=16";
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    vec![
        ("get, nothing else", get("/")),
        ("get, an empty question", get("/?")),
        ("get, one parameter", get("/?Param1=value1")),
        ("get, a parameter without a value", get("/?Param1=")),
        ("get, a parameter without an equals sign", get("/?acl")),
        ("get, parameters out of order", get("/?Param2=value2&Param1=value1")),
        ("get, parameters that differ in case", get("/?b=1&B=2&a=3&A=4")),
        ("get, one name, values out of order", get("/?Param1=value2&Param1=Value1&Param1=a")),
        ("get, encoded parameters out of order", get("/?Param-3=V&Param=W&%E1%88%B4=X&%20=Y")),
        ("get, unreserved letters in a query", get("/?-._~0123456789AZaz=-._~0123456789AZaz")),
        ("get, an encoded plus sign and slash", get("/?name=a%2Bb%2Fc&x=%3D%26")),
        ("get, an equals sign in a value", get("/?name=a=b")),
        ("get, colons and at signs in a value", get("/?name=a:b@c,d;e")),
        ("get, many parameters", get(long_query)),
        ("get, a path", get("/service/CodePipeline_20150709/operation/GetPipeline")),
        ("get, unreserved letters in a path", get("/-._~0123456789AZaz")),
        ("get, an encoded space in a path", get("/example%20space/")),
        ("get, an encoded letter beyond ASCII in a path", get("/%E1%88%B4")),
        ("get, an encoded slash in a path", get("/a%2Fb/c%2fd")),
        ("get, signs in a path", get("/a:b@c,d;e=f+g$h!i*j'k(l)")),
        ("get, doubled slashes", get("//example//a///b")),
        ("get, a slash at the end", get("/example/")),
        ("get, one dot", get("/./")),
        ("get, a dot that points at something", get("/./example")),
        ("get, dots", get("/./a/./b/.")),
        ("get, one step up", get("/example/..")),
        ("get, two steps up", get("/example1/example2/../..")),
        ("get, a step up in the middle", get("/a/b/../c/")),
        ("get, more steps up than down", get("/../../a")),
        ("get, a prefix on the path and a query", get("/prod/?b=2&a=1")),
        ("get, a header twice", get("/").with("my-header1", "b").with("my-header1", "a")),
        ("get, header names in disorder", get("/").with("zoo", "z").with("My-Header", "y")),
        ("get, spaces around a value", get("/").with("my-header", " value1 ")),
        ("get, spaces inside a value", get("/").with("my-header", "a   b  c    d")),
        ("get, spaces in quotes", get("/").with("my-header", "\"a   b   c\"")),
        ("get, an empty header", get("/").with("my-header", "")),
        ("post, nothing else", Unsent { method: "POST", ..get("/") }),
        ("post, a query", Unsent { method: "POST", ..get("/?Param1=value1") }),
        ("post, awsJson", Unsent::post(br#"{"name":"my-app"}"#)),
        ("post, letters beyond ASCII", Unsent::post("{\"name\":\"ሴ\"}".as_bytes())),
        ("post, bytes", Unsent::post(b"\x00\xff\r\n\x80")),
        (
            "post, a form",
            Unsent { method: "POST", body: b"Param1=value1", ..get("/") }
                .with("content-type", form),
        ),
        ("post, its digest named", Unsent { payload: Payload::Named, ..Unsent::post(b"{}") }),
        (
            "post, a session token",
            Unsent { session_token: Some("AQoDYXdz+/=="), ..Unsent::post(b"{}") },
        ),
        ("put, a body", Unsent { method: "PUT", body: b"x", ..get("/") }),
        ("delete", Unsent { method: "DELETE", ..get("/a?b") }),
    ]
}

#[test]
fn what_the_signer_of_aws_signs_is_taken() {
    let regions = [REGION.to_owned(), "eu-west-1".to_owned()];
    let cases = cases();
    for (name, unsent) in &cases {
        let parts = unsent.signed();
        let keys = OneKey::new(unsent.session_token);
        let signed =
            verify(&parts, unsent.body, &keys, &expected(unsent.service, &regions), SIGNED_AT);
        let signed = signed.unwrap_or_else(|unsigned| panic!("{name}: {unsigned:?}"));
        assert_eq!(signed.identity.name, "ann", "{name}");
        assert_eq!(signed.region, REGION, "{name}");
        // The same request, signed with another secret, must not pass: the case could fail.
        let forged = unsent.signed_with("another secret", REGION);
        let refused =
            verify(&forged, unsent.body, &keys, &expected(unsent.service, &regions), SIGNED_AT);
        assert_eq!(refused.map_err(|no| no.code).unwrap_err(), "InvalidSignatureException");
    }
    println!("{} cases agree with AWS's signer", cases.len());
    assert!(cases.len() >= 38);
}

/// S3 signs the path as it was sent: neither resolved nor encoded again.
#[test]
fn paths_of_s3_are_taken_as_they_came() {
    let paths =
        ["/bucket/a%20b", "/bucket//a/./b/../c", "/bucket/%E1%88%B4+~", "/bucket/a=b,c@d?x="];
    for payload in [Payload::Named, Payload::Unsigned] {
        for path in paths {
            let mut unsent = Unsent { service: "s3", payload, ..Unsent::get(path) };
            unsent.method = "PUT";
            unsent.body = b"an artifact";
            let parts = unsent.signed();
            let keys = OneKey::new(None);
            verify(&parts, unsent.body, &keys, &expected("s3", &[]), SIGNED_AT)
                .unwrap_or_else(|unsigned| panic!("{path}: {unsigned:?}"));
            let (_, claim) = verify_head(&parts, &keys, &expected("s3", &[]), SIGNED_AT)
                .unwrap_or_else(|unsigned| panic!("{path}: {unsigned:?}"));
            let digest = Claim::Sha256(Sha256::digest(unsent.body).into());
            assert_eq!(claim, if payload == Payload::Named { digest } else { Claim::Unsigned });
        }
    }
    // One and the same path is signed in two ways by the two services.
    let unsent = Unsent { service: "s3", payload: Payload::Named, ..Unsent::get("/a//b") };
    let keys = OneKey::new(None);
    let elsewhere = verify(&unsent.signed(), b"", &keys, &expected("codepipeline", &[]), SIGNED_AT);
    assert!(elsewhere.is_err());
}

/// A header's value cannot go on in a second line: the fold is refused before it comes to us.
#[test]
fn a_folded_header_does_not_exist() {
    assert!(http::HeaderValue::from_bytes(b"value1\n  value2").is_err());
    assert!(http::HeaderValue::from_bytes(b"value1\r\n value2").is_err());
}

#[test]
fn another_clients_spelling_of_the_header_is_taken() {
    let unsent = Unsent::post(b"{}");
    let mut parts = unsent.signed();
    // Some clients put no spaces between the fields, some several; some put the signature first.
    let text = crate::signer::authorization(&parts);
    let fields = text.strip_prefix("AWS4-HMAC-SHA256 ").expect("the algorithm");
    let mut fields: Vec<&str> = fields.split(", ").collect();
    for separator in [",", ", ", " ,  "] {
        fields.rotate_left(1);
        let text = format!("AWS4-HMAC-SHA256 {}", fields.join(separator));
        crate::signer::set(&mut parts, "authorization", &text);
        verified(&parts, unsent.body).unwrap_or_else(|unsigned| panic!("{text}: {unsigned:?}"));
    }
}

/// Printed, not asserted: a busy machine is not a defect.
#[test]
fn verifying_a_signature_is_timed() {
    let unsent = Unsent::post(br#"{"name":"my-app"}"#);
    let (parts, keys) = (unsent.signed(), OneKey::new(None));
    let started = Instant::now();
    for _ in 0..5_000 {
        verify(&parts, unsent.body, &keys, &expected("codepipeline", &[]), SIGNED_AT)
            .expect("a good signature");
    }
    println!("{:?} for each signature", started.elapsed() / 5_000);
}
