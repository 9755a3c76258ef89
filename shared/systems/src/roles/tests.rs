//! Who becomes whom, and what is said when they may not.

use aws_credential_types::provider::ProvideCredentials as _;
use providers::job::OutputArtifact;

use super::*;
use crate::wire::{Answer, Asked, NOW_MILLIS, Wire, job, role_assumed};

const PIPELINE_ROLE: &str = "arn:aws:iam::111122223333:role/release";
const ACTION_ROLE: &str = "arn:aws:iam::444455556666:role/deploy";

fn now() -> Timestamp {
    Timestamp::from_millis(NOW_MILLIS)
}

/// A job of an action with a role of its own.
fn chained() -> Job {
    Job {
        pipeline_role_arn: Some(PIPELINE_ROLE.to_owned()),
        role_arn: Some(ACTION_ROLE.to_owned()),
        region: "eu-west-1".to_owned(),
        ..job("Deploy", "S3", &[])
    }
}

/// Reads the members of a request to STS.
fn members(asked: &Asked) -> BTreeMap<String, String> {
    let text = String::from_utf8(asked.bytes.clone()).unwrap();
    let decode =
        |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

/// STS that lets everybody become everything: each session is named by the role and its number.
fn sts() -> Wire {
    let mut sessions = 0;
    Wire::to_roles(move |asked| {
        sessions += 1;
        let role = members(asked)["RoleArn"].rsplit('/').next().unwrap().to_uppercase();
        Answer::bytes(role_assumed(&format!("ASIA{role}{sessions}"), "2027-01-15T09:00:00Z"))
    })
}

fn refusing(code: &'static str, said: &'static str) -> Wire {
    Wire::to_roles(move |_| {
        let body = format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>{said}</Message></Error></ErrorResponse>"
        );
        let Answer::Said { headers, .. } = Answer::bytes(Vec::new()) else { unreachable!() };
        Answer::Said { status: 403, headers, body: body.into_bytes() }
    })
}

#[tokio::test]
async fn the_pipelines_role_is_assumed_first_and_the_actions_role_from_there_pr1() {
    let wire = sts();
    let credentials = wire.ground().roles.of(&chained(), now()).await.unwrap();
    let asked = wire.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|it| it.uri.starts_with("https://sts.eu-west-1.amazonaws.com")));

    let first = members(&asked[0]);
    assert_eq!(first["RoleArn"], PIPELINE_ROLE);
    assert_eq!(first["ExternalId"], "towpath-test");
    assert_eq!(first["RoleSessionName"], "towpath-5f8a1d0e-0000-5000-8000-00000000c0de");
    assert_eq!(first["SourceIdentity"], first["RoleSessionName"]);
    let tag = |number: u32| {
        let member = |what| first[&format!("Tags.member.{number}.{what}")].clone();
        (
            member("Key"),
            member("Value"),
            first[&format!("TransitiveTagKeys.member.{number}")].clone(),
        )
    };
    for (number, key, value) in [
        (1, "pipeline", "web-app"),
        (2, "execution", "018f0000-0000-7000-8000-000000000001"),
        (3, "stage", "Stage"),
        (4, "action", "Action"),
    ] {
        assert_eq!(tag(number), (key.to_owned(), value.to_owned(), key.to_owned()));
    }
    assert!(asked[0].headers["authorization"].contains("Credential=AKIDEXAMPLE/"));

    // STS refuses tags that came along already, and takes no second source identity.
    let second = members(&asked[1]);
    assert_eq!(second["RoleArn"], ACTION_ROLE);
    assert_eq!(second["ExternalId"], "towpath-test");
    assert!(!second.keys().any(|name| name.starts_with("Tags") || name == "SourceIdentity"));
    assert!(asked[1].headers["authorization"].contains("Credential=ASIARELEASE1/"));

    let credentials = credentials.provide_credentials().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIADEPLOY2");
}

#[tokio::test]
async fn a_session_is_remembered_until_five_minutes_before_its_end() {
    let wire = sts();
    let roles = wire.ground().roles;
    for (minutes, asked) in [(0, 2), (10, 2), (54, 2), (55, 4), (56, 6)] {
        // What STS hands out here always ends at the same time, so from minute 55 on nothing is kept.
        roles.of(&chained(), now().plus_minutes(minutes)).await.unwrap();
        assert_eq!(wire.asked().len(), asked, "after {minutes} minutes");
    }
}

#[tokio::test]
async fn nobody_shares_a_session_with_another_purpose() {
    let wire = sts();
    let roles = wire.ground().roles;
    let first = chained();
    let others = [
        Job { action: "Other".to_owned(), ..first.clone() },
        Job { stage: "Other".to_owned(), ..first.clone() },
        Job { execution_id: "other".to_owned(), ..first.clone() },
        Job { pipeline: "other".to_owned(), ..first.clone() },
        Job { run_id: "other".to_owned(), ..first.clone() },
        Job { role_arn: None, ..first.clone() },
    ];
    roles.of(&first, now()).await.unwrap();
    for other in others {
        let before = wire.asked().len();
        roles.of(&other, now()).await.unwrap();
        assert!(wire.asked().len() > before, "{other:?}");
    }
    let before = wire.asked().len();
    // A clone remembers what the other learned.
    roles.clone().of(&first, now()).await.unwrap();
    assert_eq!(wire.asked().len(), before);
}

/// The SDK keeps identities as well; two roles on one ground must not meet there.
#[tokio::test]
async fn what_one_role_asks_is_never_signed_by_another() {
    let wire = Wire::to_roles(|asked| {
        if !asked.uri.starts_with("https://sts.") {
            return Answer::Said { status: 404, headers: Vec::new(), body: Vec::new() };
        }
        let role = members(asked)["RoleArn"].rsplit('/').next().unwrap().to_uppercase();
        Answer::bytes(role_assumed(&format!("ASIA{role}"), "2027-01-15T09:00:00Z"))
    });
    let ground = wire.ground();
    let one = Job { role_arn: None, ..chained() };
    let other = chained();
    let output = OutputArtifact {
        name: "Site".to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: "k".to_owned(),
    };
    for job in [&one, &other, &one, &other] {
        assert_eq!(crate::artifact::adopt(&ground, job, &output).await, Ok(None));
    }
    let asked = wire.asked();
    let signed = asked.iter().filter(|it| !it.uri.starts_with("https://sts."));
    let by: Vec<_> = signed
        .map(|it| it.headers["authorization"].split(['=', '/']).nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(by, ["ASIARELEASE", "ASIADEPLOY", "ASIARELEASE", "ASIADEPLOY"]);
}

#[tokio::test]
async fn a_role_that_does_not_trust_us_is_named_with_the_statement_that_it_lacks() {
    let said = "User: arn:aws:sts::111122223333:assumed-role/towpath-start-action/i is not authorized \
                to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/release";
    let refused = refusing("AccessDenied", said).ground().roles.of(&chained(), now()).await;
    let Err(Error::Refused(reason)) = refused else { panic!("{refused:?}") };
    for part in [
        PIPELINE_ROLE,
        r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/towpath-start-action"}"#,
        r#""sts:ExternalId":"towpath-test""#,
        "sts:TagSession",
        "sts:SetSourceIdentity",
        "is not authorized",
    ] {
        assert!(reason.contains(part), "{part} is not in: {reason}");
    }
}

#[tokio::test]
async fn an_actions_role_that_does_not_trust_the_pipelines_role_says_so() {
    let wire = Wire::to_roles(|asked| {
        if members(asked)["RoleArn"] == PIPELINE_ROLE {
            return Answer::bytes(role_assumed("ASIARELEASE", "2027-01-15T09:00:00Z"));
        }
        let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error>\
                    </ErrorResponse>";
        Answer::Said { status: 403, headers: Vec::new(), body: body.into() }
    });
    let refused = wire.ground().roles.of(&chained(), now()).await;
    let Err(Error::Refused(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains(&format!("the role {ACTION_ROLE} cannot be assumed by")), "{reason}");
    assert!(reason.contains(&format!(r#""Principal":{{"AWS":"{PIPELINE_ROLE}"}}"#)), "{reason}");
}

#[tokio::test]
async fn a_throttle_and_a_broken_connection_to_sts_say_nothing_of_the_job() {
    for wire in [refusing("Throttling", "slow down"), Wire::to_roles(|_| Answer::Broken)] {
        let refused = wire.ground().roles.of(&chained(), now()).await;
        assert!(matches!(refused, Err(Error::Unreachable(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_job_without_a_role_is_never_done_with_our_own_identity() {
    let wire = sts();
    let job = Job { pipeline_role_arn: None, role_arn: None, ..chained() };
    let refused = wire.ground().of(&job).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "it was not refused");
    assert!(wire.asked().is_empty());
}
