//! Policies that are refused when they are loaded, by name and with a sentence.

use access::authorize::Resource;

use crate::people::{actions, ask, ask_of, authorizer, person, refusal};

#[test]
fn a_policy_that_cannot_be_right_is_refused_by_name() {
    let rows = [
        ("", "no policy"),
        ("// only a comment", "no policy"),
        ("permit(principal, action, resource)", "unexpected end of input"),
        ("allow(principal, action, resource);", "allow"),
        ("permit(principal, action, resource) when { tru };", "tru"),
        ("permit(principal == ?principal, action, resource);", "slots"),
        (r#"permit(principal in Role::"Viewer", action, resource);"#, "Role"),
        (r#"permit(principal in Towpath::Rolle::"Viewer", action, resource);"#, "Rolle"),
        (r#"permit(principal in Towpath::Role::"viewer", action, resource);"#, "called Viewer"),
        (
            r#"permit(principal, action == Towpath::Action::"GetPipelines", resource);"#,
            "GetPipelines",
        ),
        ("permit(principal, action, resource is Towpath::Pipelin);", "Pipelin"),
        ("permit(principal, action, resource) when { resource.nam == \"x\" };", "nam"),
        ("permit(principal, action, resource) when { principal.name == 1 };", "type"),
        ("permit(principal, action, resource) when { context.mfa };", "mfa"),
        // It may never be asked like that.
        (
            r#"permit(principal, action == Towpath::Action::"GetPipeline", resource is Towpath::Webhook);"#,
            "impossible",
        ),
        ("permit(principal is Towpath::Pipeline, action, resource);", "impossible"),
        ("forbid(principal, action, resource) when { principal is Towpath::Role };", "impossible"),
        // Nothing has such an id.
        (
            r#"permit(principal, action, resource == Towpath::Pipeline::"my-app");"#,
            "its id must be arn:aws:codepipeline:us-east-1:000000000000:PIPELINE",
        ),
        (
            r#"forbid(principal, action, resource in Towpath::Stage::"arn:aws:codepipeline:us-east-1:000000000000:my-app");"#,
            "PIPELINE/STAGE",
        ),
        (
            r#"permit(principal, action, resource in Towpath::Pipeline::"arn:aws:codepipeline:eu-west-1:000000000000:my-app");"#,
            "us-east-1",
        ),
        (r#"permit(principal, action, resource in Towpath::Account::"1");"#, "the account is 0"),
        (r#"permit(principal == Towpath::User::"ann", action, resource);"#, "ARN"),
        (
            r#"permit(principal, action, resource == Towpath::DeployRole::"web-app");"#,
            "ARN of a role",
        ),
        (
            r#"@id("Admin") permit(principal, action, resource) when { principal.name == "x" };"#,
            "another policy Admin",
        ),
        (
            r#"@id("a") permit(principal, action, resource); @id("a") forbid(principal, action, resource);"#,
            "two policies in it are called a",
        ),
        // Letters that look like others.
        ("permit(principal, action, resource) when { principal.name == \"аdmin\" };", "script"),
    ];
    for (text, words) in rows {
        let sentence = refusal(&[("guard", text)]).map(|_| text).expect_err("it must be refused");
        assert!(sentence.starts_with("policy guard is refused: "), "{sentence}");
        assert!(sentence.contains(words), "`{words}` is not in: {sentence}");
    }
}

#[test]
fn names_that_two_policies_have_are_refused() {
    let text = "forbid(principal, action, resource) when { principal.name == \"x\" };";
    let sentence = refusal(&[("one", text), ("one", text)]).map(|_| ()).unwrap_err();
    assert_eq!(sentence, "policy one is refused: there is another policy one");
}

#[test]
fn policies_of_your_own_come_beside_the_ready_ones() {
    let text = r#"
        permit(
            principal in Towpath::Role::"Editor",
            action == Towpath::Action::"passRole",
            resource == Towpath::DeployRole::"arn:aws:iam::000000000000:role/web-app"
        );
        permit(
            principal in Towpath::Role::"Night shift",
            action == Towpath::Action::"RetryStageExecution",
            resource in Towpath::Pipeline::"arn:aws:codepipeline:us-east-1:000000000000:my-app"
        );
        @id("NoNewTypes")
        forbid(principal, action == Towpath::Action::"CreateCustomActionType", resource)
        unless { resource.name like "Custom/Test/*" };
    "#;
    let authorizer = authorizer(&[("ours", text)]);
    let editor = person("ann", &["Editor"]);
    assert_eq!(ask(&authorizer, &editor, "passRole").unwrap(), ["ours#1"]);
    let night = person("bob", &["Night shift"]);
    assert_eq!(ask(&authorizer, &night, "RetryStageExecution").unwrap(), ["ours#2"]);
    for action in actions().iter().filter(|action| **action != "RetryStageExecution") {
        ask(&authorizer, &night, action).expect_err("one thing only");
    }
    let denied = ask(&authorizer, &editor, "CreateCustomActionType").unwrap_err();
    assert_eq!(denied.policies, ["NoNewTypes"]);
}

#[test]
fn the_example_of_the_page_does_what_the_page_says() {
    let page = include_str!("../../policies/README.md");
    let text = page.split("```\n").nth(1).expect("an example");
    let authorizer = authorizer(&[("ours", text)]);
    assert_eq!(ask(&authorizer, &person("ann", &["Editor"]), "passRole").unwrap(), ["ours#1"]);
    let production = Resource::Pipeline("shop-production".into());
    for (roles, may) in [(&["Operator"][..], false), (&["Operator", "Night-shift"], true)] {
        let who = person("bob", roles);
        let answer = ask_of(&authorizer, &who, "StartPipelineExecution", production.clone());
        assert_eq!(answer.is_ok(), may, "{roles:?}");
        ask(&authorizer, &who, "StartPipelineExecution").expect("this one is not for production");
    }
}

/// Cedar leaves out a policy whose evaluation fails. Were that a forbid, leaving it out would let people
/// through; so a failure denies.
#[test]
fn a_policy_that_fails_when_it_is_evaluated_denies() {
    for effect in ["forbid", "permit"] {
        let text = format!(
            "{effect}(principal, action == Towpath::Action::\"GetPipeline\", resource) \
             when {{ 9223372036854775807 + 1 == 0 }};"
        );
        let authorizer = authorizer(&[("overflow", &text)]);
        let admin = person("ann", &["Admin"]);
        let denied = ask(&authorizer, &admin, "GetPipeline").unwrap_err();
        assert!(denied.message.contains("cannot be asked"), "{}", denied.message);
        assert!(denied.message.contains("overflow"), "{}", denied.message);
        ask(&authorizer, &admin, "ListPipelines").expect("it is not about this");
    }
}
