//! What others were beaten with, and more of the kind (security §3.4).

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::question::{HOST, MORNING, NONCE, checked, checked_at, request, request_with, signed};

fn good() -> String {
    signed("us-east-1", HOST, MORNING)
}

/// Expects a refusal of this code that says so.
#[track_caller]
fn refused(body: &[u8], code: &str, says: &str) {
    let shown = String::from_utf8_lossy(body).into_owned();
    let refusal = checked(body).expect_err(&shown);
    assert_eq!(refusal.code, code, "{shown}: {}", refusal.message);
    assert!(refusal.message.contains(says), "{shown}: {}", refusal.message);
}

#[test]
fn a_host_is_never_taken_from_the_caller() {
    let query = good();
    let regions = [
        "",
        "us-east-1.amazonaws.com.evil.example",
        "evil.example",
        "us-east-1.evil",
        "us-east-1/..",
        "us-east-1#",
        "us-east-1?",
        "us-east-1:8443",
        "user@evil",
        "us-east-1\\@evil.example",
        "us-east-1%2e",
        "US-EAST-1",
        "us-east-1 ",
        "us-east-1\r\nHost: evil",
        "[::1]",
        "127.0.0.1",
        "169.254.169.254",
        "xn--us-est-1-i0a",
        "us-east-99",
        "cn-north-1",
        "us-gov-west-1",
        "us\u{2010}east-1",
        "-",
    ];
    for region in regions {
        refused(&request(region, &query, HOST), "ValidationException", "region");
    }
}

#[test]
fn a_url_is_no_request() {
    let url = format!("https://sts.us-east-1.amazonaws.com/?{}", good());
    let bodies = [
        serde_json::json!({ "url": url }).to_string(),
        serde_json::json!({ "region": "us-east-1", "query": good(), "audience": HOST, "nonce": NONCE, "url": url })
            .to_string(),
        serde_json::json!({ "region": "us-east-1", "query": good(), "audience": HOST, "nonce": NONCE, "host": "x" })
            .to_string(),
        serde_json::json!([{ "region": "us-east-1" }]).to_string(),
        serde_json::json!({ "region": ["us-east-1"], "query": good(), "audience": HOST, "nonce": NONCE })
            .to_string(),
        format!("{{\"region\":\"us-east-1\",\"region\":\"us-east-2\",\"query\":\"\",\"audience\":\"{HOST}\"}}"),
        format!("{} {{}}", String::from_utf8(request("us-east-1", &good(), HOST)).unwrap()),
        String::new(),
        "region=us-east-1".to_owned(),
        "[".repeat(4_000),
    ];
    for body in bodies {
        refused(body.as_bytes(), "ValidationException", "");
    }
    let query = format!("https://sts.us-east-1.amazonaws.com/?{}", good());
    refused(&request("us-east-1", &query, HOST), "ValidationException", "query");
}

#[test]
fn nothing_but_the_question_can_be_asked() {
    let changes = [
        ("Action=GetCallerIdentity", "Action=AssumeRole"),
        ("Action=GetCallerIdentity", "Action=getcalleridentity"),
        ("Action=GetCallerIdentity", "Action=GetCallerIdentity%20"),
        ("Action=GetCallerIdentity", "Action="),
        ("Action=GetCallerIdentity", "Action"),
        ("Action=GetCallerIdentity&", ""),
        ("Version=2011-06-15", "Version=2010-05-08"),
        ("Version=2011-06-15&", ""),
        ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        ("X-Amz-Expires=900", "X-Amz-Expires=901"),
        ("X-Amz-Expires=900", "X-Amz-Expires=-1"),
        ("X-Amz-Expires=900", "X-Amz-Expires=%2B9"),
        ("X-Amz-Expires=900", "X-Amz-Expires=0900"),
        ("X-Amz-Expires=900", "X-Amz-Expires="),
        ("%2Fsts%2F", "%2Fs3%2F"),
        ("%2Fus-east-1%2F", "%2Feu-west-1%2F"),
        ("%2F20261126%2F", "%2F20261125%2F"),
        ("%2Faws4_request", "%2Faws4_request%2Fmore"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIA*"),
        ("AKIAIOSFODNN7EXAMPLE", ""),
        (
            "X-Amz-SignedHeaders=host%3Bx-towpath-audience%3Bx-towpath-nonce",
            "X-Amz-SignedHeaders=host",
        ),
        (
            "X-Amz-SignedHeaders=host%3Bx-towpath-audience%3Bx-towpath-nonce",
            "X-Amz-SignedHeaders=host%3Bx-other%3Bx-towpath-audience%3Bx-towpath-nonce",
        ),
        ("X-Amz-SignedHeaders=host%3B", "X-Amz-SignedHeaders="),
        ("host%3Bx-towpath", "host;x-towpath"),
        ("X-Amz-Security-Token=", "X-Amz-Security-Token=%00"),
        ("X-Amz-Security-Token=", "X-Amz-Security-Token=%0d%0aHost%3aevil"),
        ("X-Amz-Security-Token=", "X-Amz-Security-Token=%C3%A4"),
        ("X-Amz-Signature=", "X-Amz-Signature=A"),
        ("X-Amz-Signature=", "X-Amz-Signature=%"),
        ("X-Amz-Signature=", "X-Amz-Signature=%4"),
        ("X-Amz-Signature=", "X-Amz-Signature=%zz"),
        ("X-Amz-Date=20261126T", "X-Amz-Date=20261126t"),
    ];
    for (from, to) in changes {
        let query = good();
        assert!(query.contains(from), "{from} is not in {query}");
        let changed = query.replacen(from, to, 1);
        refused(&request("us-east-1", &changed, HOST), "ValidationException", "query");
    }
}

/// Where one reader takes the first and another the last, or one minds case and another does not, a
/// parameter that comes twice is two questions in one (as in CVE-2022-2385).
#[test]
fn a_parameter_that_comes_twice_is_refused_however_it_is_spelled() {
    let more = [
        "Action=AssumeRole",
        "action=AssumeRole",
        "ACTION=GetCallerIdentity",
        "%41ction=AssumeRole",
        "X-Amz-Credential=AKIAEVIL%2F20261126%2Fus-east-1%2Fsts%2Faws4_request",
        "x-amz-credential=AKIAEVIL%2F20261126%2Fus-east-1%2Fsts%2Faws4_request",
        "X-Amz-Signature=0",
        "x-amz-signedheaders=host",
        "X-Amz-Security-Token=other",
    ];
    for pair in more {
        for query in [format!("{}&{pair}", good()), format!("{pair}&{}", good())] {
            refused(&request("us-east-1", &query, HOST), "ValidationException", "query");
        }
    }
}

#[test]
fn a_parameter_that_is_not_needed_is_refused() {
    for pair in
        ["RoleArn=x", "Action.1=x", "X-Amz-Content-Sha256=x", "=x", "x", "", "Action+=x", "a=b=c"]
    {
        let query = format!("{}&{pair}", good());
        refused(&request("us-east-1", &query, HOST), "ValidationException", "query");
    }
    for separator in [";", "&&", "%26", "&amp;"] {
        let query = good().replacen('&', separator, 1);
        refused(&request("us-east-1", &query, HOST), "ValidationException", "query");
    }
}

#[test]
fn a_question_for_another_deployment_is_refused() {
    for audience in ["", "other.example", "towpath-2", "TOWPATH.example", "towpath.example "] {
        let query = signed("us-east-1", "other.example", MORNING);
        refused(&request("us-east-1", &query, audience), "AccessDeniedException", "deployment");
    }
    let id = signed("us-east-1", "towpath-1", MORNING);
    let question = checked(&request("us-east-1", &id, "towpath-1")).unwrap();
    assert_eq!(question.audience, "towpath-1", "both names of this deployment are its own");
}

#[test]
fn a_nonce_is_drawn_and_ends_no_header() {
    let long = "a".repeat(65);
    for nonce in
        ["", "0123456789abcde", &long, "0123456789abcdef\r\nHost: evil", "0123456789abcde\u{e4}"]
    {
        let body = request_with(nonce, "us-east-1", &good(), HOST);
        refused(&body, "ValidationException", "`nonce`");
    }
    let without = serde_json::json!({ "region": "us-east-1", "query": good(), "audience": HOST });
    refused(without.to_string().as_bytes(), "ValidationException", "`nonce`");
}

#[test]
fn a_question_is_good_for_a_quarter_of_an_hour() {
    let body = request("us-east-1", &good(), HOST);
    for (seconds, is_taken) in [
        (0, true),
        (899, true),
        (900, true),
        (901, false),
        (86_400, false),
        (-300, true),
        (-301, false),
    ] {
        let checked = checked_at(&body, MORNING.plus_millis(seconds * 1000));
        assert_eq!(checked.is_ok(), is_taken, "after {seconds} s");
        if let Err(refusal) = checked {
            assert_eq!(refusal.code, "ExpiredTokenException");
        }
    }
    let short = good().replace("X-Amz-Expires=900", "X-Amz-Expires=60");
    let body = request("us-east-1", &short, HOST);
    assert!(checked_at(&body, MORNING.plus_millis(60_000)).is_ok());
    assert!(checked_at(&body, MORNING.plus_millis(61_000)).is_err(), "its own word counts as well");
}

#[test]
fn what_is_too_long_is_not_looked_into() {
    let long = good()
        .replace("X-Amz-Security-Token=", &format!("X-Amz-Security-Token={}", "A".repeat(4096)));
    refused(&request("us-east-1", &long, HOST), "ValidationException", "longer than");
    let body = request("us-east-1", &"A".repeat(1 << 20), HOST);
    refused(&body, "ValidationException", "larger than");
    let room = 4096 - good().len();
    let fits = good()
        .replace("X-Amz-Security-Token=", &format!("X-Amz-Security-Token={}", "A".repeat(room)));
    assert!(checked(&request("us-east-1", &fits, HOST)).is_ok(), "at the limit it is taken");
}

/// Whatever is done to a question, what is asked of STS is the one question there is.
#[test]
fn no_change_of_bytes_makes_another_question() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let good = request("us-east-1", &good(), HOST);
    for _ in 0..100_000 {
        let mut body = good.clone();
        for _ in 0..random.random_range(1..4) {
            let place = random.random_range(0..body.len());
            match random.random_range(0..3) {
                0 => body[place] = random.random(),
                1 => body.insert(place, random.random()),
                _ => drop(body.remove(place)),
            }
        }
        let Ok(question) = checked(&body) else { continue };
        assert!(question.host.starts_with("sts.") && question.host.ends_with(".amazonaws.com"));
        assert_eq!(question.host.matches('.').count(), 3);
        assert!(question.query.starts_with("Action=GetCallerIdentity&Version=2011-06-15&X-Amz-"));
        assert!(
            question
                .query
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~%=&".contains(&byte))
        );
        assert!(["towpath-1", HOST].contains(&question.audience.as_str()));
    }
}
