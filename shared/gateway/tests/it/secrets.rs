//! What tokens are sealed with.

use gateway::sealer;
use serde_json::{Value, json};

use crate::elsewhere::{Asked, Elsewhere, answered};
use crate::world::sdk;

const ARN: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:towpath-1";

/// Secrets Manager with the versions that there are.
fn manager(current: Option<&'static str>, previous: Option<&'static str>) -> Elsewhere {
    Elsewhere::new(move |asked: &Asked| {
        let asked: Value = serde_json::from_str(&asked.body).unwrap();
        assert_eq!(asked["SecretId"], ARN);
        let version = if asked["VersionStage"] == "AWSCURRENT" { current } else { previous };
        let kind = [("content-type", "application/x-amz-json-1.1")];
        let Some(secret) = version else {
            let fault = json!({"__type": "ResourceNotFoundException", "Message": "none"});
            return answered(400, &kind, fault.to_string());
        };
        answered(200, &kind, json!({"ARN": ARN, "SecretString": secret}).to_string())
    })
}

async fn opened(elsewhere: &Elsewhere) -> Result<access::seal::Sealer, String> {
    let client = aws_sdk_secretsmanager::Client::new(&sdk(elsewhere));
    sealer(&client, ARN).await.map_err(|error| error.to_string())
}

const ONE: &str = "one-secret-of-thirty-two-letters-or-more";
const TWO: &str = "two-secret-of-thirty-two-letters-or-more";

#[tokio::test]
async fn what_was_sealed_before_the_secret_was_replaced_still_opens() {
    let before = opened(&manager(Some(ONE), None)).await.unwrap();
    let token = before.seal("p", b"content", 1);
    let after = opened(&manager(Some(TWO), Some(ONE))).await.unwrap();
    assert_eq!(after.open("p", &token).as_deref(), Some(&b"content"[..]));
    let much_later = opened(&manager(Some(TWO), None)).await.unwrap();
    assert_eq!(much_later.open("p", &token), None);
}

#[tokio::test]
async fn without_a_secret_that_is_one_nothing_begins() {
    for (current, says) in [(None, "cannot be read"), (Some("short"), "at least 32")] {
        let reason = opened(&manager(current, None)).await.unwrap_err();
        assert!(reason.contains(ARN) && reason.contains(says), "{reason}");
        assert!(!reason.contains("short\""), "the secret itself is not told");
    }
}
