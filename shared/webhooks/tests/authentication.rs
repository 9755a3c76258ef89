//! Whose message it is: the vectors of the schemes, and what must not pass.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
use webhooks::authentication::{Proof, Refusal, Secret, slack};
use webhooks::{Authentication, Request, authenticate};

const GITHUB_SECRET: &str = "It's a Secret to Everybody";
const GITHUB_BODY: &[u8] = b"Hello, World!";
const GITHUB_DIGITS: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
/// Made with `openssl dgst -sha1 -hmac` over the same secret and body.
const GITHUB_SHA1_DIGITS: &str = "01dc10d0c83e72ed246219cdd91669667fe2ca59";

const STANDARD_SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const STANDARD_BODY: &[u8] = br#"{"test": 2432232314}"#;
const STANDARD_ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const STANDARD_SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const STANDARD_SECONDS: i64 = 1_614_265_330;

const SLACK_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const SLACK_SECONDS: i64 = 1_531_420_618;
const SLACK_BODY: &[u8] =
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J\
%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121\
.803a0bc887a14d10d2c447fce8b6703c";
const SLACK_SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.iter().map(line) {
        headers.append(name, value);
    }
    headers
}

fn secret(text: &str) -> Authentication {
    Authentication::new("GITHUB_HMAC", Some(text), None).unwrap()
}

fn ask(
    authentication: &Authentication,
    lines: &[(&'static str, &str)],
    body: &[u8],
    now_seconds: i64,
) -> Result<Proof, Refusal> {
    let headers = headers(lines);
    let peer = IpAddr::from([192, 0, 2, 7]);
    let request = Request { headers: &headers, body, peer, now_seconds, takes_sha1: false };
    authenticate(authentication, &request)
}

fn ask_github(lines: &[(&'static str, &str)]) -> Result<Proof, Refusal> {
    ask(&secret(GITHUB_SECRET), lines, GITHUB_BODY, 0)
}

fn ask_standard(lines: &[(&'static str, &str)], now_seconds: i64) -> Result<Proof, Refusal> {
    ask(&secret(STANDARD_SECRET), lines, STANDARD_BODY, now_seconds)
}

fn newer(digits: &str) -> String {
    format!("sha256={digits}")
}

#[test]
fn githubs_published_vector_is_taken() {
    let value = newer(GITHUB_DIGITS);
    assert_eq!(ask_github(&[("x-hub-signature-256", &value)]), Ok(Proof::SignedBody));
}

#[test]
fn bitbucket_signs_with_sha256_under_the_older_name() {
    let value = newer(GITHUB_DIGITS);
    assert_eq!(ask_github(&[("x-hub-signature", &value)]), Ok(Proof::SignedBody));
}

#[test]
fn digits_of_both_cases_stand_for_the_same_bytes_and_the_prefix_does_not() {
    let value = newer(&GITHUB_DIGITS.to_uppercase());
    assert_eq!(ask_github(&[("x-hub-signature-256", &value)]), Ok(Proof::SignedBody));
    let value = format!("SHA256={GITHUB_DIGITS}");
    let refused = Err(Refusal::Malformed("x-hub-signature-256"));
    assert_eq!(ask_github(&[("x-hub-signature-256", &value)]), refused);
}

#[test]
fn no_flipped_bit_of_body_or_signature_passes() {
    let authentication = secret(GITHUB_SECRET);
    let signature = hex::decode(GITHUB_DIGITS).unwrap();
    for bit in 0..signature.len() * 8 {
        let mut flipped = signature.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let value = newer(&hex::encode(flipped));
        let refused = Err(Refusal::Wrong("x-hub-signature-256"));
        assert_eq!(ask_github(&[("x-hub-signature-256", &value)]), refused, "bit {bit}");
    }
    for bit in 0..GITHUB_BODY.len() * 8 {
        let mut body = GITHUB_BODY.to_vec();
        body[bit / 8] ^= 1 << (bit % 8);
        let value = newer(GITHUB_DIGITS);
        let answer = ask(&authentication, &[("x-hub-signature-256", &value)], &body, 0);
        assert_eq!(answer, Err(Refusal::Wrong("x-hub-signature-256")), "bit {bit}");
    }
}

#[test]
fn what_is_not_of_the_schemes_form_is_refused() {
    let short = newer(&GITHUB_DIGITS[..62]);
    let odd = newer(&GITHUB_DIGITS[..63]);
    let long = newer(&format!("{GITHUB_DIGITS}00"));
    let spaced = format!("sha256= {GITHUB_DIGITS}");
    let listed = format!("sha256={GITHUB_DIGITS}, sha256={GITHUB_DIGITS}");
    let other = format!("sha512={GITHUB_DIGITS}");
    let values = [
        "",
        " ",
        "sha256",
        "sha256=",
        GITHUB_DIGITS,
        &short,
        &odd,
        &long,
        &spaced,
        &listed,
        &other,
    ];
    for value in values {
        for name in ["x-hub-signature-256", "x-hub-signature"] {
            let answer = ask_github(&[(name, value)]);
            let is_refused = matches!(answer, Err(Refusal::Malformed(_) | Refusal::Wrong(_)));
            assert!(is_refused, "{name}: {value:?} gives {answer:?}");
        }
    }
}

#[test]
fn without_any_header_nothing_passes() {
    assert_eq!(ask_github(&[]), Err(Refusal::Unsigned));
    let value = newer(GITHUB_DIGITS);
    assert_eq!(ask_github(&[("x-signature", &value)]), Err(Refusal::Unsigned));
}

#[test]
fn a_header_that_decides_comes_once() {
    let value = newer(GITHUB_DIGITS);
    for name in ["x-hub-signature-256", "x-hub-signature", "x-gitlab-token"] {
        let answer = ask_github(&[(name, &value), (name, &value)]);
        assert_eq!(answer, Err(Refusal::Repeated(name)));
    }
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        assert_eq!(ask_github(&[(name, "1"), (name, "1")]), Err(Refusal::Repeated(name)));
    }
}

#[test]
fn a_bad_proof_is_not_rescued_by_a_good_one() {
    let good = newer(GITHUB_DIGITS);
    let bad = newer(&GITHUB_DIGITS.replace('7', "8"));
    let pairs =
        [("x-hub-signature-256", "x-hub-signature"), ("x-hub-signature", "x-hub-signature-256")];
    for (right, wrong) in pairs {
        let answer = ask_github(&[(right, &good), (wrong, &bad)]);
        assert_eq!(answer, Err(Refusal::Wrong(wrong)));
    }
    let answer = ask_github(&[("x-hub-signature-256", &good), ("x-gitlab-token", "guess")]);
    assert_eq!(answer, Err(Refusal::Wrong("x-gitlab-token")));
    let answer = ask_github(&[("x-hub-signature-256", &good), ("webhook-id", "1")]);
    assert_eq!(answer, Err(Refusal::Missing("webhook-timestamp")));
    let both = [("x-hub-signature-256", &*good), ("x-gitlab-token", GITHUB_SECRET)];
    assert_eq!(ask_github(&both), Ok(Proof::SignedBody));
}

#[test]
fn sha1_is_looked_at_only_where_it_is_taken() {
    let older = format!("sha1={GITHUB_SHA1_DIGITS}");
    let wrong = format!("sha1={}", "0".repeat(40));
    let good = newer(GITHUB_DIGITS);
    assert_eq!(ask_github(&[("x-hub-signature", &older)]), Err(Refusal::OnlySha1));
    // GitHub sends both. Who ignores the older one takes no notice of it at all.
    let both = [("x-hub-signature-256", &*good), ("x-hub-signature", &*wrong)];
    assert_eq!(ask_github(&both), Ok(Proof::SignedBody));

    let takes = |lines: &[(&'static str, &str)]| {
        let headers = headers(lines);
        let peer = IpAddr::from([192, 0, 2, 7]);
        let (body, now_seconds, takes_sha1) = (GITHUB_BODY, 0, true);
        let request = Request { headers: &headers, body, peer, now_seconds, takes_sha1 };
        authenticate(&secret(GITHUB_SECRET), &request)
    };
    assert_eq!(takes(&[("x-hub-signature", &older)]), Ok(Proof::SignedBodyWithSha1));
    assert_eq!(takes(&both), Err(Refusal::Wrong("x-hub-signature")));
}

#[test]
fn gitlabs_token_is_the_secret_itself() {
    let ask = |token: &str| ask_github(&[("x-gitlab-token", token)]);
    assert_eq!(ask(GITHUB_SECRET), Ok(Proof::Token));
    let longer = format!("{GITHUB_SECRET}x");
    for token in ["", "It's a Secret to Everybod", &longer, "it's a secret to everybody", "****"] {
        assert_eq!(ask(token), Err(Refusal::Wrong("x-gitlab-token")), "{token:?}");
    }
}

#[test]
fn the_standards_published_vector_is_taken_for_five_minutes() {
    let lines = |signature| {
        [
            ("webhook-id", STANDARD_ID),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", signature),
        ]
    };
    for apart in [-300, 0, 300] {
        let answer = ask_standard(&lines(STANDARD_SIGNATURE), STANDARD_SECONDS + apart);
        assert_eq!(answer, Ok(Proof::SignedDelivery), "{apart} s apart");
    }
    for apart in [-301, 301] {
        let answer = ask_standard(&lines(STANDARD_SIGNATURE), STANDARD_SECONDS + apart);
        assert_eq!(answer, Err(Refusal::Stale(301)));
    }
    let several = format!("v1,{} v1a,AAAA {STANDARD_SIGNATURE}", "A".repeat(43) + "=");
    assert_eq!(ask_standard(&lines(&several), STANDARD_SECONDS), Ok(Proof::SignedDelivery));
    let prefixed = secret(&format!("whsec_{STANDARD_SECRET}"));
    let answer = ask(&prefixed, &lines(STANDARD_SIGNATURE), STANDARD_BODY, STANDARD_SECONDS);
    assert_eq!(answer, Ok(Proof::SignedDelivery));
    let other = ask_standard(&lines("v1a,AAAA"), STANDARD_SECONDS);
    assert_eq!(other, Err(Refusal::Malformed("webhook-signature")));
}

#[test]
fn each_part_that_the_standard_signs_counts() {
    let all = [
        ("webhook-id", STANDARD_ID),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", STANDARD_SIGNATURE),
    ];
    for missing in all {
        let lines: Vec<_> = all.into_iter().filter(|line| *line != missing).collect();
        assert_eq!(ask_standard(&lines, STANDARD_SECONDS), Err(Refusal::Missing(missing.0)));
    }
    let changes = [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJeK"),
        ("webhook-id", ""),
        ("webhook-id", "msg.1"),
        ("webhook-timestamp", "1614265331"),
        ("webhook-timestamp", "+1614265330"),
        ("webhook-timestamp", " 1614265330"),
        ("webhook-timestamp", "1614265330.0"),
        ("webhook-timestamp", ""),
        ("webhook-timestamp", "99999999999999999999"),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE"),
        ("webhook-signature", "v1,g0hM9SsE-OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF="),
        ("webhook-signature", "V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ];
    for change in changes {
        let lines = all.map(|line| if line.0 == change.0 { change } else { line });
        let answer = ask_standard(&lines, STANDARD_SECONDS);
        assert!(answer.is_err(), "{change:?} passes");
    }
}

#[test]
fn a_secret_that_is_no_key_signs_nothing_by_the_standard() {
    // The empty key is known to everybody; `whsec_` alone must not stand for it.
    for text in ["whsec_", "whsec_AAAA", "whsec_AAAAAAAAAAAAAAAAAAAA", "not base64 at all!"] {
        let lines = [
            ("webhook-id", STANDARD_ID),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", STANDARD_SIGNATURE),
        ];
        let answer = ask(&secret(text), &lines, STANDARD_BODY, STANDARD_SECONDS);
        assert_eq!(answer, Err(Refusal::UnfitSecret), "{text}");
    }
}

#[test]
fn both_secrets_are_good_while_they_are_changed() {
    let secrets =
        ["the next one, not used yet", GITHUB_SECRET].map(|text| Secret::new(text).unwrap());
    let authentication = Authentication::Secret(secrets.to_vec());
    let value = newer(GITHUB_DIGITS);
    let signed = ask(&authentication, &[("x-hub-signature-256", &value)], GITHUB_BODY, 0);
    assert_eq!(signed, Ok(Proof::SignedBody));
    let told = ask(&authentication, &[("x-gitlab-token", "the next one, not used yet")], b"", 0);
    assert_eq!(told, Ok(Proof::Token));
}

#[test]
fn slacks_published_vector_is_taken_for_five_minutes() {
    let secret = Secret::new(SLACK_SECRET).unwrap();
    let lines =
        [("x-slack-request-timestamp", "1531420618"), ("x-slack-signature", SLACK_SIGNATURE)];
    let ask = |lines: &[(&'static str, &str)], body: &[u8], now| {
        slack::verify(&secret, &headers(lines), body, now)
    };
    assert_eq!(ask(&lines, SLACK_BODY, SLACK_SECONDS + 300), Ok(()));
    assert_eq!(ask(&lines, SLACK_BODY, SLACK_SECONDS + 301), Err(Refusal::Stale(301)));
    assert_eq!(ask(&lines, SLACK_BODY, SLACK_SECONDS - 301), Err(Refusal::Stale(301)));
    assert_eq!(
        ask(&lines, b"token=other", SLACK_SECONDS),
        Err(Refusal::Wrong("x-slack-signature"))
    );
    assert_eq!(ask(&lines[..1], SLACK_BODY, SLACK_SECONDS), Err(Refusal::Unsigned));
    assert_eq!(
        ask(&lines[1..], SLACK_BODY, SLACK_SECONDS),
        Err(Refusal::Missing("x-slack-request-timestamp"))
    );
    let doubled = [lines[0], lines[0], lines[1]];
    assert_eq!(
        ask(&doubled, SLACK_BODY, SLACK_SECONDS),
        Err(Refusal::Repeated("x-slack-request-timestamp"))
    );
}

#[test]
fn addresses_are_those_of_the_connection() {
    let ask = |range: &str, peer: &str, lines: &[(&'static str, &str)]| {
        let authentication = Authentication::new("IP", None, Some(range)).unwrap();
        let (headers, peer) = (headers(lines), peer.parse().unwrap());
        let (body, now_seconds, takes_sha1) = (&b""[..], 0, false);
        let request = Request { headers: &headers, body, peer, now_seconds, takes_sha1 };
        authenticate(&authentication, &request)
    };
    for (range, peer) in [
        ("192.0.2.0/24", "192.0.2.255"),
        ("192.0.2.7/32", "192.0.2.7"),
        ("192.0.2.99/24", "192.0.2.1"),
        ("0.0.0.0/0", "203.0.113.9"),
        ("2001:db8::/32", "2001:db8:ffff::1"),
        // A socket for both families shows an IPv4 caller like this.
        ("192.0.2.0/24", "::ffff:192.0.2.1"),
    ] {
        assert_eq!(ask(range, peer, &[]), Ok(Proof::Address), "{peer} in {range}");
    }
    for (range, peer) in [
        ("192.0.2.0/24", "192.0.3.0"),
        ("192.0.2.7/32", "192.0.2.8"),
        ("2001:db8::/32", "2001:db9::1"),
        ("2001:db8::/32", "192.0.2.1"),
        ("0.0.0.0/0", "2001:db8::1"),
    ] {
        let claimed = [("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=192.0.2.7")];
        let answer = ask(range, peer, &claimed);
        assert!(matches!(answer, Err(Refusal::Elsewhere(_))), "{peer} in {range}: {answer:?}");
    }
}

#[test]
fn the_members_of_a_definition_fit_together() {
    let fits = |kind, secret, range| Authentication::new(kind, secret, range).map(|_| ());
    assert!(fits("GITHUB_HMAC", Some("s"), None).is_ok(), "AWS takes one character, so do we");
    assert!(fits("IP", None, Some("192.0.2.0/24")).is_ok());
    assert!(fits("UNAUTHENTICATED", None, None).is_ok());
    let wrong = [
        ("GITHUB_HMAC", None, None, "exactly SecretToken"),
        ("GITHUB_HMAC", None, Some("192.0.2.0/24"), "exactly SecretToken"),
        ("GITHUB_HMAC", Some("secret"), Some("192.0.2.0/24"), "exactly SecretToken"),
        ("GITHUB_HMAC", Some(""), None, "blank"),
        ("GITHUB_HMAC", Some("  "), None, "blank"),
        ("IP", None, None, "exactly AllowedIPRange"),
        ("IP", Some("secret"), None, "exactly AllowedIPRange"),
        ("IP", Some("secret"), Some("192.0.2.0/24"), "exactly AllowedIPRange"),
        ("UNAUTHENTICATED", Some("secret"), None, "nothing"),
        ("UNAUTHENTICATED", None, Some("192.0.2.0/24"), "nothing"),
        ("OTHER", None, None, "does not exist"),
    ];
    for (kind, secret, range, says) in wrong {
        let unfit = fits(kind, secret, range).unwrap_err().to_string();
        assert!(unfit.contains(says), "{kind} {secret:?} {range:?}: {unfit}");
    }
    let ranges = [
        "",
        "192.0.2.1",
        "192.0.2.0/33",
        "192.0.2/24",
        "::/129",
        "192.0.2.0-9",
        "0x1.0.0.0/8",
        "a/8",
    ];
    for range in ranges {
        let unfit = fits("IP", None, Some(range)).unwrap_err().to_string();
        assert!(unfit.contains("is not a range of addresses"), "{range:?}: {unfit}");
    }
}

#[test]
fn no_header_can_smuggle_another_one_in() {
    // This is what keeps line breaks out of every value above: they are no header values at all.
    for text in ["good\r\nx-hub-signature-256: sha256=00", "good\nmore", "good\rmore", "good\0more"]
    {
        assert!(HeaderValue::from_str(text).is_err(), "{text:?}");
        assert!(HeaderValue::from_bytes(text.as_bytes()).is_err(), "{text:?}");
    }
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_bytes(b"sha256=\xff\xfe").unwrap();
    headers.insert("x-hub-signature-256", value);
    let peer = IpAddr::from([192, 0, 2, 7]);
    let (body, now_seconds, takes_sha1) = (GITHUB_BODY, 0, false);
    let request = Request { headers: &headers, body, peer, now_seconds, takes_sha1 };
    let refused = Err(Refusal::Malformed("x-hub-signature-256"));
    assert_eq!(authenticate(&secret(GITHUB_SECRET), &request), refused);
}

#[test]
fn a_secret_is_never_printed() {
    let text = format!("{:?}", secret("canary-4711"));
    assert!(!text.contains("canary"), "{text}");
}
