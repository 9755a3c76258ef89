//! Who may do what: the table to review.

use std::fmt::Write;

use access::Authorizer;
use access::authorize::Resource;
use expect_test::expect_file;

use crate::people::{PERSONAS, actions, ask, ask_of, authorizer, person, usual};

/// Run with `UPDATE_EXPECT=1` to write the table again, and then read what changed.
#[test]
fn the_ready_policies_allow_what_the_reviewed_table_says() {
    let authorizer = authorizer(&[]);
    let mut table = format!("{:33}", "");
    for persona in PERSONAS {
        write!(table, "{persona:10}").expect("text");
    }
    for action in actions() {
        write!(table, "\n{action:33}").expect("text");
        for persona in PERSONAS {
            let may = ask(&authorizer, &person("ann", &[persona]), action).is_ok();
            write!(table, "{:10}", if may { "yes" } else { "-" }).expect("text");
        }
        table.truncate(table.trim_end().len());
    }
    table.truncate(table.trim_end().len());
    table.push('\n');
    expect_file!["matrix.txt"].assert_eq(&table);
}

#[test]
fn somebody_without_a_role_or_with_an_unknown_one_may_nothing() {
    let authorizer = authorizer(&[]);
    for roles in [&[][..], &["viewer"], &["admin"], &["Nobody"], &[""], &["Admin "]] {
        for action in actions() {
            let denied = ask(&authorizer, &person("eve", roles), action).unwrap_err();
            assert!(denied.message.contains("because no policy allows"), "{}", denied.message);
        }
    }
}

/// Whoever gets secrets is on this list.
#[test]
fn secrets_are_for_workers_and_admins() {
    let authorizer = authorizer(&[]);
    let bearing =
        ["GetJobDetails", "GetThirdPartyJobDetails", "PollForJobs", "PollForThirdPartyJobs"];
    for action in bearing {
        for persona in PERSONAS {
            let may = ask(&authorizer, &person("ann", &[persona]), action).is_ok();
            assert_eq!(may, ["JobWorker", "Admin"].contains(&persona), "{persona} {action}");
        }
    }
}

#[test]
fn two_roles_add_up() {
    let authorizer = authorizer(&[]);
    let both = person("ann", &["Operator", "Approver"]);
    for action in actions() {
        let one_of_them = ["Operator", "Approver"]
            .iter()
            .any(|role| ask(&authorizer, &person("ann", &[role]), action).is_ok());
        assert_eq!(ask(&authorizer, &both, action).is_ok(), one_of_them, "{action}");
    }
}

#[test]
fn a_denial_names_who_what_and_why_as_aws_does() {
    let plain = authorizer(&[]);
    let ann = person("ann", &["Viewer"]);
    let denied = ask(&plain, &ann, "RetryStageExecution").unwrap_err();
    assert_eq!(
        denied.message,
        "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: \
         codepipeline:RetryStageExecution on resource: \
         arn:aws:codepipeline:us-east-1:000000000000:my-app/Deploy because no policy allows the \
         codepipeline:RetryStageExecution action"
    );
    let denied = ask(&plain, &person("ann", &["Editor"]), "passRole").unwrap_err();
    assert!(denied.message.ends_with("because no policy allows the iam:PassRole action"));
    let frozen = authorizer(&[(
        "freeze",
        r#"forbid(principal, action == Towpath::Action::"StartPipelineExecution", resource)
           when { resource.name like "my-*" };"#,
    )]);
    let denied = ask(&frozen, &person("ann", &["Admin"]), "StartPipelineExecution").unwrap_err();
    assert_eq!(denied.policies, ["freeze"]);
    assert!(denied.message.ends_with("with an explicit deny in policy freeze"));
}

#[test]
fn every_arn_is_spelled_as_in_aws() {
    let authorizer = authorizer(&[]);
    let shown = |action: &str, resource: Resource| {
        let denied = ask_of(&authorizer, &person("eve", &[]), action, resource).unwrap_err();
        let rest = denied.message.split(" on resource: ").nth(1).expect("a resource").to_owned();
        rest.split(' ').next().expect("an ARN").to_owned()
    };
    let rows = [
        ("ListPipelines", "*"),
        ("GetPipeline", "my-app"),
        ("RetryStageExecution", "my-app/Deploy"),
        ("PutApprovalResult", "my-app/Deploy/Release"),
        ("PutWebhook", "webhook:push"),
        ("PollForJobs", "actiontype:Custom/Build/Jenkins/1"),
        ("TagResource", "my-app"),
    ];
    for (action, name) in rows {
        let arn = format!("arn:aws:codepipeline:us-east-1:000000000000:{name}");
        assert_eq!(shown(action, usual(action)), arn);
    }
    assert_eq!(shown("passRole", usual("passRole")), "arn:aws:iam::000000000000:role/web-app");
    assert_eq!(shown("TagResource", Resource::Arn("not an ARN".into())), "not");
}

#[test]
fn where_there_are_no_policies_even_an_admin_may_do_nothing() {
    let closed = Authorizer::closed();
    for action in actions() {
        let denied = ask(&closed, &person("ann", &["Admin"]), action).unwrap_err();
        assert!(denied.message.contains("there are no policies here"), "{}", denied.message);
        assert!(denied.policies.is_empty());
    }
}
