//! What holds for any policies.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use access::authorize::{Question, Resource};
use access::{Authorizer, Identity};
use proptest::prelude::*;

use crate::people::{ACCOUNT, PERSONAS, REGION, actions, ask, ask_of, authorizer, person, usual};

/// Every ready persona and every action, without and with each of these, and with all of them.
#[test]
fn a_forbid_never_lets_anybody_do_more() {
    let forbids = [
        "forbid(principal, action, resource);",
        r#"forbid(principal in Towpath::Role::"Admin", action, resource);"#,
        r#"forbid(principal, action == Towpath::Action::"GetPipeline", resource);"#,
        r#"forbid(principal, action, resource is Towpath::Webhook) unless { principal.name == "bob" };"#,
        r#"forbid(principal, action, resource) when { resource.name == "my-app" };"#,
        "forbid(principal, action, resource) when { context has starters };",
    ];
    let before = authorizer(&[]);
    let all: Vec<(&str, &str)> = ["a", "b", "c", "d", "e", "f"].into_iter().zip(forbids).collect();
    let mut narrowed = 0;
    for more in all.chunks(1).chain([&all[..]]) {
        let after = authorizer(more);
        for action in actions() {
            for persona in PERSONAS {
                let ann = person("ann", &[persona]);
                let (before, after) = (ask(&before, &ann, action), ask(&after, &ann, action));
                assert!(before.is_ok() || after.is_err(), "{more:?} {persona} {action}");
                narrowed += usize::from(before.is_ok() && after.is_err());
            }
        }
    }
    assert!(narrowed > 100, "the forbids must forbid something: {narrowed}");
}

/// Where nobody adds a policy, the ready ones are not held against the schema again: that changes no answer.
#[test]
fn the_ready_policies_alone_answer_as_they_do_when_they_are_checked() {
    let (checked, ready) = (authorizer(&[]), Authorizer::ready(REGION, ACCOUNT).unwrap());
    let mut allowed = 0;
    for action in actions().into_iter().chain(["NoSuchAction"]) {
        for persona in PERSONAS {
            for resource in resources().into_iter().chain([usual(action)]) {
                let ann = person("ann", &[persona]);
                let answer = ask_of(&checked, &ann, action, resource.clone());
                assert_eq!(ask_of(&ready, &ann, action, resource), answer, "{persona} {action}");
                allowed += usize::from(answer.is_ok());
            }
        }
    }
    assert!(allowed > 100, "something must be allowed: {allowed}");
}

/// Everything that could be asked about: each kind, a few names.
fn resources() -> Vec<Resource> {
    let names = ["my-app", "other", "webhook:push", "a/b", "", "*", "\"", "ሴ"];
    let mut resources = vec![Resource::Account];
    for name in names {
        let name = name.to_owned();
        resources.extend([
            Resource::Pipeline(name.clone()),
            Resource::Stage("my-app".into(), name.clone()),
            Resource::Action("my-app".into(), "Deploy".into(), name.clone()),
            Resource::Webhook(name.clone()),
            Resource::ActionType(format!("Custom/Build/{name}/1")),
            Resource::Role(format!("arn:aws:iam::{ACCOUNT}:role/{name}")),
            Resource::Arn(name.clone()),
            Resource::Arn(format!("arn:aws:codepipeline:{REGION}:{ACCOUNT}:{name}")),
            Resource::Arn(format!("arn:aws:codepipeline:{REGION}:111111111111:{name}")),
        ]);
    }
    resources
}

/// Whatever is asked about, no question is a crash, and an action is allowed on its own kind of thing only.
#[test]
fn a_question_that_makes_no_sense_is_answered_with_no() {
    let authorizer = authorizer(&[]);
    let (admin, viewer) = (person("ann", &["Admin"]), person("ann", &["Viewer"]));
    for resource in resources() {
        for action in actions() {
            let admin = ask_of(&authorizer, &admin, action, resource.clone());
            let viewer = ask_of(&authorizer, &viewer, action, resource.clone());
            assert!(admin.is_ok() || viewer.is_err(), "{action} {resource:?}");
            if let Err(denied) = admin {
                assert!(denied.message.contains("cannot be asked"), "{}", denied.message);
            }
        }
        for action in ["", "getpipeline", "GetPipeline ", "Admin", "\"", "deleteEverything"] {
            ask_of(&authorizer, &admin, action, resource.clone()).expect_err("no such action");
        }
    }
}

/// Goal: choosing policies by scope, and remembering answers, change no answer. Method: the same scopes
/// spelled as conditions, which are always evaluated; and each question asked twice.
#[test]
fn choosing_policies_by_their_scope_changes_no_answer() {
    let pipeline = format!("Towpath::Pipeline::\"arn:aws:codepipeline:{REGION}:{ACCOUNT}:my-app\"");
    let stage =
        format!("Towpath::Stage::\"arn:aws:codepipeline:{REGION}:{ACCOUNT}:my-app/Deploy\"");
    let ann = format!("Towpath::User::\"arn:aws:iam::{ACCOUNT}:user/ann\"");
    let asked = "action in [Towpath::Action::\"readLogs\", Towpath::Action::\"GetPipeline\"]";
    let scopes = [
        (format!("principal == {ann}"), "resource".to_owned()),
        (format!("principal in {ann}"), format!("resource == {pipeline}")),
        ("principal in Towpath::Role::\"Team\"".into(), format!("resource in {pipeline}")),
        ("principal is Towpath::User".into(), format!("resource in {stage}")),
        (
            "principal is Towpath::User in Towpath::Role::\"Team\"".into(),
            "resource is Towpath::Pipeline".into(),
        ),
        ("principal".into(), format!("resource is Towpath::Stage in {pipeline}")),
    ];
    let condition =
        |scope: &str| if scope.contains(' ') { scope.to_owned() } else { "true".into() };
    let people = [person("ann", &[]), person("ann", &["Team"]), person("bob", &["Team"])];
    let mut allowed = 0;
    for (number, (principal, resource)) in scopes.iter().enumerate() {
        for effect in ["permit", "forbid"] {
            let base = r#"@id("base") permit(principal, action, resource) when { principal.name == "bob" };"#;
            let scoped = format!("{base} {effect}({principal}, {asked}, {resource});");
            let (when, and) = (condition(principal), condition(resource));
            let spelled = format!(
                "{base} {effect}(principal, {asked}, resource) when {{ {when} && {and} }};"
            );
            let (scoped, spelled) = (authorizer(&[("x", &scoped)]), authorizer(&[("x", &spelled)]));
            for who in &people {
                for asked_about in resources() {
                    for action in ["readLogs", "GetPipeline", "ListPipelines"] {
                        let ask = |of| ask_of(of, who, action, asked_about.clone());
                        let answers = [&scoped, &scoped, &spelled].map(|of| {
                            ask(of).map_err(|denied| denied.message.replace("x#2", "x#1"))
                        });
                        assert!(
                            answers.iter().all(|answer| *answer == answers[0]),
                            "scope {number}, {effect}: {who:?} {action} {asked_about:?} {answers:?}"
                        );
                        allowed += usize::from(answers[0].is_ok());
                    }
                }
            }
        }
    }
    assert!(allowed > 100, "{allowed}");
}

fn identities() -> impl Strategy<Value = Identity> {
    let text = "[a|:0-9\"]{0,4}";
    (text, text, text, prop::collection::vec(text, 0..3))
        .prop_map(|(arn, account, name, roles)| Identity { arn, account, name, roles })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// An answer that was remembered for somebody is never given to somebody else.
    #[test]
    fn nobody_gets_an_answer_that_was_remembered_for_another(
        people in prop::collection::vec(identities(), 2..6),
        action in prop::sample::select(vec!["GetPipeline", "StopPipelineExecution"]),
    ) {
        static WARM: LazyLock<Authorizer> = LazyLock::new(|| {
            let guard = r#"permit(principal, action, resource) when { principal.name like "a*" };
                forbid(principal, action, resource) when { principal.account like "*0*" };"#;
            authorizer(&[("guard", guard)])
        });
        for who in &people {
            let question = Question { who, resource: usual(action), context: BTreeMap::new() };
            let may = who.name.starts_with('a') && !who.account.contains('0');
            for _ in 0..2 {
                prop_assert_eq!(WARM.ask(action, &question).is_ok(), may, "{:?}", who);
            }
        }
    }
}
