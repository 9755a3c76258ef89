//! What is not a good signature, and what is said about it.

use access::sigv4::{Expected, claimed_access_key, verify, verify_head};
use http::request::Parts;
use model::time::Timestamp;

use crate::signer::{
    ACCESS_KEY, OneKey, Payload, REGION, SIGNED_AT, Unsent, authorization, expected, set, verified,
};

const INCOMPLETE: &str = "IncompleteSignatureException";
const INVALID: &str = "InvalidSignatureException";
const MISSING: &str = "MissingAuthenticationTokenException";
const UNRECOGNIZED: &str = "UnrecognizedClientException";

fn good() -> Parts {
    Unsent::post(b"{}").signed()
}

fn refusal(parts: &Parts) -> (&'static str, String) {
    let unsigned = verified(parts, b"{}").expect_err("it must be refused");
    assert!(!unsigned.message.is_empty() && !unsigned.message.contains("wJalr"));
    (unsigned.code, unsigned.message)
}

/// Edits the text of a good Authorization header; each row is malformed in its own way.
#[test]
fn malformed_authorization_headers_are_named_as_such() {
    let text = authorization(&good());
    let (algorithm, fields) = text.split_once(' ').expect("an algorithm");
    let fields: Vec<&str> = fields.split(", ").collect();
    let [credential, headers, signature] = fields[..] else { panic!("three fields") };
    let all = format!("{credential}, {headers}, {signature}");
    let rows = [
        String::new(),
        " ".into(),
        algorithm.to_owned(),
        format!("{algorithm} "),
        all.clone(),
        format!("aws4-hmac-sha256 {all}"),
        format!("AWS4-HMAC-SHA256\t{all}"),
        format!("AWS4-HMAC-SHA1 {all}"),
        format!("AWS4-ECDSA-P256-SHA256 {all}"),
        format!("AWS4-HMAC-SHA256{all}"),
        "Basic dXNlcjpwYXNz".into(),
        "Bearer token".into(),
        format!("{algorithm} {headers}, {signature}"),
        format!("{algorithm} {credential}, {signature}"),
        format!("{algorithm} {credential}, {headers}"),
        format!("{algorithm} {all}, "),
        format!("{algorithm} ,{all}"),
        format!("{algorithm} {all}, {signature}"),
        format!("{algorithm} {all}, {credential}"),
        format!("{algorithm} {all}, Extra=1"),
        format!("{algorithm} {credential}; {headers}; {signature}"),
        format!("{algorithm} {credential} {headers} {signature}"),
        format!("{algorithm} Credential=, {headers}, {signature}"),
        format!("{algorithm} {credential}, SignedHeaders=, {signature}"),
        format!("{algorithm} {credential}, {headers}, Signature="),
        format!("{algorithm} {}", all.replace("Credential", "credential")),
        format!("{algorithm} {}", all.replace("SignedHeaders", "signedheaders")),
        format!("{algorithm} {}", all.replace("/aws4_request", "")),
        format!("{algorithm} {}", all.replace("aws4_request", "aws4_Request")),
        format!("{algorithm} {}", all.replace("/aws4_request", "/aws4_request/x")),
        format!("{algorithm} {}", all.replace("/20150830/", "//")),
        format!("{algorithm} {}", all.replace("/20150830/", "/2015083/")),
        format!("{algorithm} {}", all.replace("/20150830/", "/2015-8-30/")),
        format!("{algorithm} {}", all.replace(ACCESS_KEY, "")),
        format!("{algorithm} {}", all.replace(ACCESS_KEY, "with/slash")),
        format!("{algorithm} {}", all.replace(REGION, "")),
        format!("{algorithm} {}", all.replace("content-type;host", "host;content-type")),
        format!("{algorithm} {}", all.replace("content-type;host", "content-type;host;host")),
        format!("{algorithm} {}", all.replace("content-type;host", "Content-Type;host")),
        format!("{algorithm} {}", all.replace("content-type;host", "content-type;;host")),
        format!("{algorithm} {}", all.replace("SignedHeaders=", "SignedHeaders=;")),
        format!("{algorithm} {}", all.replace("content-type;host", "content-type host")),
        format!("{algorithm} {credential}, {headers}, {}", &signature[..signature.len() - 1]),
        format!("{algorithm} {credential}, {headers}, {signature}0"),
        format!("{algorithm} {credential}, {headers}, {}", signature.to_uppercase()),
        format!("{algorithm} {credential}, {headers}, Signature={}", "A".repeat(64)),
        format!("{algorithm} {credential}, {headers}, Signature={}", "g".repeat(64)),
        format!("{algorithm} {}", "x".repeat(100_000)),
    ];
    for row in rows {
        let mut parts = good();
        set(&mut parts, "authorization", &row);
        assert_eq!(refusal(&parts).0, INCOMPLETE, "{row}");
    }
    let mut twice = good();
    let value = twice.headers["authorization"].clone();
    twice.headers.append("authorization", value);
    assert_eq!(refusal(&twice).0, INCOMPLETE);
    let mut garbled = good();
    garbled.headers.insert("authorization", http::HeaderValue::from_bytes(b"\xff").expect("value"));
    assert_eq!(refusal(&garbled).0, INCOMPLETE);
}

#[test]
fn nothing_is_done_for_somebody_who_does_not_sign() {
    let mut parts = good();
    parts.headers.remove("authorization");
    assert_eq!(refusal(&parts).0, MISSING);
    // Not even when the signature is in the query, as in a link.
    parts.uri = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00".parse().expect("a uri");
    let (code, message) = refusal(&parts);
    assert_eq!(code, MISSING);
    assert!(message.contains("query"), "{message}");
}

/// For awsJson the operation is in `x-amz-target`: were it not signed, anybody could choose it.
#[test]
fn headers_that_change_the_meaning_must_be_signed() {
    for name in ["content-type;", "host;", "x-amz-date;", ";x-amz-target"] {
        let mut parts = good();
        let text = authorization(&parts).replacen(name, "", 1);
        set(&mut parts, "authorization", &text);
        let (code, message) = refusal(&parts);
        assert_eq!(code, INVALID, "{name}");
        assert!(message.contains(name.trim_matches(';')), "{message}");
    }
    // One that was added on the way is not signed either.
    for name in ["x-amz-security-token", "x-amz-target2", "x-amz-content-sha256"] {
        let mut parts = good();
        set(&mut parts, name, "added");
        let (code, message) = refusal(&parts);
        assert!(code != MISSING && message.contains(name), "{code} {message}");
    }
    let unsigned_but_harmless = ["user-agent", "amz-sdk-invocation-id", "x-forwarded-for"];
    let mut parts = good();
    for name in unsigned_but_harmless {
        set(&mut parts, name, "added");
    }
    verified(&parts, b"{}").expect("these change nothing");
}

#[test]
fn headers_that_are_signed_must_be_there_and_the_decisive_ones_once() {
    for name in ["content-type", "host", "x-amz-date", "x-amz-target"] {
        let mut parts = good();
        let value = parts.headers.remove(name).expect("a signed header");
        let (code, message) = refusal(&parts);
        assert_eq!(code, INVALID, "{name}");
        assert!(message.contains(name), "{message}");
        // Twice is another request, and for two of them it is one that cannot be understood.
        parts.headers.append(name, value.clone());
        parts.headers.append(name, value);
        let is_decisive = ["host", "x-amz-date"].contains(&name);
        assert_eq!(refusal(&parts).0, if is_decisive { INCOMPLETE } else { INVALID }, "{name}");
    }
}

#[test]
fn the_clocks_may_be_five_minutes_apart_and_not_more() {
    let at = |seconds: i64| {
        let now = SIGNED_AT.plus_millis(seconds * 1000);
        let keys = OneKey::new(None);
        verify(&good(), b"{}", &keys, &expected("codepipeline", &[]), now)
    };
    for seconds in [0, 299, 300, -299, -300] {
        at(seconds).unwrap_or_else(|unsigned| panic!("{seconds}: {unsigned:?}"));
    }
    let late = at(301).expect_err("too late");
    assert_eq!(late.code, INVALID);
    assert_eq!(
        late.message,
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \
         (20150830T124101Z - 5 min.)"
    );
    let early = at(-301).expect_err("too early");
    assert_eq!(early.code, INVALID);
    assert_eq!(
        early.message,
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z \
         (20150830T123059Z + 5 min.)"
    );
    for end in [i64::MAX, i64::MIN] {
        let keys = OneKey::new(None);
        let now = Timestamp::from_millis(end);
        assert!(verify(&good(), b"{}", &keys, &expected("codepipeline", &[]), now).is_err());
    }
}

#[test]
fn a_signature_for_another_service_region_or_day_is_not_for_us() {
    let keys = OneKey::new(None);
    let regions = [REGION.to_owned()];
    let elsewhere = Unsent::post(b"{}").signed_with(crate::signer::SECRET, "eu-west-1");
    let answer = verify(&elsewhere, b"{}", &keys, &expected("codepipeline", &regions), SIGNED_AT);
    let unsigned = answer.expect_err("another Region");
    assert_eq!(unsigned.code, INVALID);
    assert!(unsigned.message.starts_with("Credential should be scoped to a valid Region"));
    // A list without any Region serves all of them, and says which one it was.
    let anywhere = verify(&elsewhere, b"{}", &keys, &expected("codepipeline", &[]), SIGNED_AT);
    assert_eq!(anywhere.expect("any Region").region, "eu-west-1");

    for service in ["s3", "lambda", "codepipelinex"] {
        let parts = Unsent { service, ..Unsent::post(b"{}") }.signed();
        let (code, message) = refusal(&parts);
        assert_eq!(code, INVALID);
        assert_eq!(message, "Credential should be scoped to correct service: 'codepipeline'");
    }
    // Claiming another scope than the one that was signed changes the key.
    let claims = [
        ("/s3/", "/codepipeline/", "s3", REGION),
        ("/eu-west-1/", "/us-east-1/", "codepipeline", "eu-west-1"),
    ];
    for (from, to, service, region) in claims {
        let unsent = Unsent { service, ..Unsent::post(b"{}") };
        let mut parts = unsent.signed_with(crate::signer::SECRET, region);
        let text = authorization(&parts).replace(from, to);
        set(&mut parts, "authorization", &text);
        assert_eq!(refusal(&parts).0, INVALID);
    }
    for day in ["20150829", "20150831", "20160830"] {
        let mut parts = good();
        let text = authorization(&parts).replace("20150830", day);
        set(&mut parts, "authorization", &text);
        let (code, message) = refusal(&parts);
        assert_eq!(code, INVALID);
        assert!(message.contains("must be the day"), "{message}");
    }
    for text in ["20150830T123600", "Sun, 30 Aug 2015 12:36:00 GMT", ""] {
        let mut parts = good();
        set(&mut parts, "x-amz-date", text);
        assert_eq!(refusal(&parts).0, INCOMPLETE, "{text}");
    }
}

#[test]
fn the_body_is_signed_or_refused() {
    let named = Unsent { payload: Payload::Named, ..Unsent::post(b"{}") }.signed();
    assert!(verified(&named, b"{}").is_ok());
    let answer = verified(&named, b"{} ").expect_err("another body");
    assert!(answer.message.contains("x-amz-content-sha256"), "{}", answer.message);
    let forms = [
        "UNSIGNED-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "unsigned-payload",
        "",
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8A",
    ];
    let keys = OneKey::new(None);
    for form in forms {
        let mut parts = named.clone();
        set(&mut parts, "x-amz-content-sha256", form);
        assert!(verified(&parts, b"{}").is_err(), "{form}");
        if form != "UNSIGNED-PAYLOAD" {
            let expected =
                Expected { takes_unsigned_payload: true, ..expected("codepipeline", &[]) };
            assert!(verify(&parts, b"{}", &keys, &expected, SIGNED_AT).is_err(), "{form}");
        }
    }
    // Signed by AWS's signer as not signed: good for artifacts and for nothing else.
    let unsigned = Unsent { payload: Payload::Unsigned, ..Unsent::post(b"{}") }.signed();
    assert!(verified(&unsigned, b"{}").is_err());
    let answer = verify_head(&good(), &keys, &expected("codepipeline", &[]), SIGNED_AT);
    assert_eq!(answer.expect_err("nothing said of the body").code, INCOMPLETE);
}

#[test]
fn the_log_of_calls_gets_to_know_the_key_that_was_claimed() {
    let mut parts = good();
    assert_eq!(claimed_access_key(&parts), Some(ACCESS_KEY));
    set(&mut parts, "authorization", "AWS4-HMAC-SHA256 Credential=secret");
    assert_eq!(claimed_access_key(&parts), None, "what cannot be read is not repeated");
}

#[test]
fn keys_that_cannot_be_used_are_told_apart() {
    for (access_key, code) in
        [("TOWPNOBODY", UNRECOGNIZED), ("TOWPEXPIRED", "ExpiredTokenException")]
    {
        let mut parts = good();
        let text = authorization(&parts).replace(ACCESS_KEY, access_key);
        set(&mut parts, "authorization", &text);
        assert_eq!(refusal(&parts).0, code);
    }
    let stranger = Unsent { session_token: Some("not ours"), ..Unsent::post(b"{}") }.signed();
    assert_eq!(refusal(&stranger).0, UNRECOGNIZED);
}

/// A job's key for its artifacts is signed in the name of whoever the job works for. It opens the door of
/// the artifacts only, which gets to know its scope.
#[test]
fn a_key_with_a_scope_is_for_artifacts_only() {
    let keys = OneKey::scoped("job/1");
    let unsent = Unsent { payload: Payload::Named, ..Unsent::post(b"{}") };
    let answer = verify(&unsent.signed(), b"{}", &keys, &expected("codepipeline", &[]), SIGNED_AT);
    assert_eq!(answer.expect_err("another door").code, "AccessDeniedException");
    let parts = Unsent { service: "s3", ..unsent }.signed();
    let signed = verify(&parts, b"{}", &keys, &expected("s3", &[]), SIGNED_AT).expect("its door");
    assert_eq!(signed.scope.as_deref(), Some("job/1"));
}
