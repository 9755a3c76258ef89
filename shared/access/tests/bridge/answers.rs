//! What is made of STS's answer: identity comes from there and from nowhere else.

use access::Principals;
use access::bridge::caller_of;

const JSON: &str = "application/json";

fn principals() -> Principals {
    let text =
        "Admin=arn:aws:iam::111122223333:role/Release,Viewer=arn:aws:iam::111122223333:user/*";
    Principals::read(text).unwrap()
}

fn answer(account: &str, arn: &str) -> String {
    serde_json::json!({ "GetCallerIdentityResponse": {
        "GetCallerIdentityResult": { "Account": account, "Arn": arn, "UserId": "AROAEXAMPLE:ann" },
        "ResponseMetadata": { "RequestId": "01234567-89ab-cdef-0123-456789abcdef" },
    } })
    .to_string()
}

fn code(status: u16, kind: &str, body: &str) -> Result<(String, Vec<String>), String> {
    let caller = caller_of(status, kind, body.as_bytes(), "eu-west-1", &principals());
    caller.map(|(principal, roles)| (principal.arn, roles)).map_err(|refusal| {
        assert_eq!(refusal.code, "AccessDeniedException", "{}", refusal.message);
        refusal.message
    })
}

#[test]
fn the_answer_says_who_it_is_and_the_deployment_says_what_they_may() {
    let session = answer("111122223333", "arn:aws:sts::111122223333:assumed-role/Release/ann");
    let (arn, roles) = code(200, "application/json; charset=utf-8", &session).unwrap();
    assert_eq!(arn, "arn:aws:iam::111122223333:role/Release");
    assert_eq!(roles, ["Admin"]);
    let user = answer("111122223333", "arn:aws:iam::111122223333:user/bob");
    assert_eq!(code(200, JSON, &user).unwrap().1, ["Viewer"]);
}

#[test]
fn whoever_is_not_named_gets_no_key_and_hears_how_to_get_one() {
    for (account, arn) in [
        ("111122223333", "arn:aws:sts::111122223333:assumed-role/Other/Release"),
        ("111122223333", "arn:aws:iam::111122223333:root"),
        ("999999999999", "arn:aws:sts::999999999999:assumed-role/Release/ann"),
    ] {
        let message = code(200, JSON, &answer(account, arn)).unwrap_err();
        assert!(message.contains("Principals"), "{message}");
    }
}

#[test]
fn an_answer_that_is_not_plainly_stss_is_no_answer() {
    let good = answer("111122223333", "arn:aws:iam::111122223333:user/bob");
    let xml = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:\
               user/bob</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>";
    for (status, kind, body) in [
        (200, "text/xml", xml.to_owned()),
        (200, JSON, xml.to_owned()),
        (200, "text/xml", good.clone()),
        (200, "", good.clone()),
        (200, "application/jsonp", good.clone()),
        (302, JSON, good.clone()),
        (403, JSON, good.clone()),
        (500, JSON, good.clone()),
        (206, JSON, good.clone()),
        (200, JSON, format!("{good}{good}")),
        (200, JSON, good.replace("GetCallerIdentityResult", "AssumeRoleResult")),
        (200, JSON, good[..good.len() - 1].to_owned()),
        (200, JSON, format!("{}{good}", " ".repeat(64 * 1024))),
        (200, JSON, answer("111122223334", "arn:aws:iam::111122223333:user/bob")),
        (200, JSON, answer("111122223333", "arn:aws-cn:iam::111122223333:user/bob")),
        (200, JSON, answer("111122223333", "arn:aws:iam::111122223333:user/bob\n")),
        (200, JSON, answer("111122223333", "arn:aws:iam::111122223333:role/Release")),
        (200, JSON, good.replace("\"Account\"", "\"Account\":\"111122223333\",\"Account\"")),
        (200, JSON, String::new()),
    ] {
        let message = code(status, kind, &body).unwrap_err();
        assert!(message.contains("STS"), "{status} {kind} {body}: {message}");
    }
}
