//! Events that say back which attempt they are about.

use events::arrival::{Arrival, read_value};
use serde_json::json;

use crate::arrival::event;

/// CodeBuild repeats the environment of a build in its events, and what we put there is found in it.
#[test]
fn a_build_that_was_given_its_attempts_name_says_it_back() {
    let name = "web/01890a5d-ac96-774b-bcce-b302099a8057/Build/Compile/2";
    let own = format!("{name}/own");
    let variable =
        |name: &str, value: &str| json!({"name": name, "value": value, "type": "PLAINTEXT"});
    let ours = |value: &str| variable("TOWPATH_ATTEMPT", value);
    for (variables, expected) in [
        (json!([variable("TEST", "TEST"), ours(name)]), Some(name)),
        (json!([ours("web"), ours(&own)]), Some(&*own)),
        (json!([ours(name), ours("web")]), None),
        (json!([variable("OTHER", name)]), None),
        (json!([{"value": name}, 7, null]), None),
        (json!({"name": "TOWPATH_ATTEMPT", "value": name}), None),
        (json!(null), None),
    ] {
        let detail = json!({
            "build-status": "SUCCEEDED", "build-id": "arn:aws:codebuild:eu-west-1:1:build/web:1",
            "additional-information": {"environment": {"environment-variables": variables}},
        });
        let event = event("aws.codebuild", "CodeBuild Build State Change", detail);
        let Ok(Arrival::Completion(hint)) = read_value(&event) else { panic!("{event}") };
        assert_eq!(hint.attempt.map(|name| name.to_string()).as_deref(), expected, "{event}");
        assert_eq!(hint.ids[0], "web:1");
    }
}
