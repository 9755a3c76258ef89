//! Whether pipelines can become their roles.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use store::{LogKey, Store};

use crate::doctor::aws::Aws;
use crate::doctor::deployment::Deployment;
use crate::doctor::finding::{Looked, Unasked};

/// What the functions do with a role besides taking it on.
const WITH_IT: &[&str] = &["sts:TagSession", "sts:SetSourceIdentity"];

/// The functions that take on roles of pipelines, by the output that names their own.
const OURS: &[&str] = &["StartActionRoleArn", "ActionCompletionRoleArn"];

/// Looks at the roles that the pipelines in the table name.
pub(crate) async fn look(aws: &Aws, deployment: &Deployment) -> Result<Looked, Unasked> {
    let roles = roles(aws, deployment).await?;
    let mut looked = Looked::at(format!("{} roles of pipelines", roles.len()));
    for (role, pipelines) in &roles {
        let subject =
            format!("{role} ({})", pipelines.iter().cloned().collect::<Vec<_>>().join(", "));
        let name = role.rsplit('/').next().unwrap_or(role);
        let pattern = deployment.parameter("PipelineRolePattern");
        if !has_name(path_of(role), pattern) {
            looked.wrong(
                &subject,
                format!("is not named {pattern}, and no other role may be taken on"),
                "Name the role so, or deploy with another PipelineRolePattern.",
            );
        }
        if account_of(role) != account_of(deployment.output(OURS[0])) {
            looked.advise(
                &subject,
                "is in another account, where its trust policy cannot be read from here",
                "Compare it with examples/roles/pipeline-role.yaml.",
            );
            continue;
        }
        match aws.signed.trust_of(name).await {
            Ok(trust) => judge(&trust, deployment, &subject, &mut looked),
            Err(unasked) if unasked.why.starts_with("NoSuchEntity") => looked.wrong(
                &subject,
                "does not exist",
                "Make it from examples/roles/pipeline-role.yaml, or name another in the pipelines.",
            ),
            Err(unasked) => return Err(unasked),
        }
    }
    Ok(looked)
}

/// Returns the roles that pipelines name, and which do.
async fn roles(
    aws: &Aws,
    deployment: &Deployment,
) -> Result<BTreeMap<String, BTreeSet<String>>, Unasked> {
    let unread = |error: store::Error| Unasked {
        permission: "dynamodb:Query and dynamodb:GetItem on the table",
        why: local::bus::chain(&error),
    };
    let store = Store::new(aws.tables.clone(), deployment.output("TableName"));
    let mut roles: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for pipeline in store.list_catalog().await.map_err(unread)? {
        let head = store.load(&LogKey::Pipeline(pipeline.clone())).await.map_err(unread)?;
        let Some(definition) = head.state.definition else { continue };
        let plan = store.plan(&pipeline, definition.record).await.map_err(unread)?;
        roles.entry(plan.role_arn.clone()).or_default().insert(pipeline.to_string());
    }
    Ok(roles)
}

/// Says what a trust policy lacks.
fn judge(trust: &Value, deployment: &Deployment, subject: &str, looked: &mut Looked) {
    let mend = "Write its trust policy as examples/roles/pipeline-role.yaml does.";
    let external_id = deployment.output("DeploymentId");
    for ours in OURS.iter().map(|output| deployment.output(output)) {
        let us = ours.rsplit('/').next().unwrap_or(ours);
        let taking: Vec<_> = allowing(trust, "sts:AssumeRole", ours).collect();
        if taking.is_empty() {
            looked.wrong(subject, format!("does not trust {us}"), mend);
            continue;
        }
        let asked: Vec<_> = taking.iter().flat_map(|statement| external_ids(statement)).collect();
        if asked.is_empty() {
            looked.advise(
                subject,
                format!("asks {us} for no external id: whoever may become {us} may become this"),
                mend,
            );
        } else if !asked.iter().any(|asked| asked == external_id) {
            looked.wrong(
                subject,
                format!(
                    "asks for the external id {}; this deployment's is {external_id}",
                    asked.join(" or ")
                ),
                mend,
            );
        }
        for action in WITH_IT {
            if allowing(trust, action, ours).next().is_none() {
                looked.wrong(subject, format!("does not let {us} {action}"), mend);
            }
        }
    }
}

/// Returns the statements that allow a role to do something.
fn allowing<'a>(
    trust: &'a Value,
    action: &'a str,
    role: &'a str,
) -> impl Iterator<Item = &'a Value> {
    listed(&trust["Statement"]).into_iter().filter(move |statement| {
        let is_allowed = statement["Effect"] == "Allow";
        let actions = listed(&statement["Action"]);
        let is_meant = actions.iter().any(|found| *found == action || *found == "sts:*");
        is_allowed && is_meant && lets_in(&statement["Principal"], role)
    })
}

/// Whether a principal is the role, its whole account, or everybody.
fn lets_in(principal: &Value, role: &str) -> bool {
    let account = account_of(role);
    let named = if principal.is_string() { principal } else { &principal["AWS"] };
    listed(named).iter().filter_map(|one| one.as_str()).any(|one| {
        one == role || one == "*" || one == account || one.ends_with(&format!("::{account}:root"))
    })
}

/// Returns the external ids that a statement asks for.
fn external_ids(statement: &Value) -> Vec<String> {
    let conditions = statement["Condition"].as_object();
    let values = conditions.into_iter().flat_map(serde_json::Map::values);
    let keys = values.filter_map(Value::as_object).flatten();
    let ids = keys.filter(|(key, _)| key.eq_ignore_ascii_case("sts:ExternalId"));
    ids.flat_map(|(_, value)| listed(value)).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Returns what stands there, be it one thing or several.
fn listed(value: &Value) -> Vec<&Value> {
    if value.is_null() {
        return Vec::new();
    }
    value.as_array().map_or_else(|| vec![value], |several| several.iter().collect())
}

fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// Returns a role's path and name.
fn path_of(arn: &str) -> &str {
    arn.split_once(":role/").map_or(arn, |(_, path)| path)
}

/// Whether a name is of a pattern, in which only a `*` at its end stands for anything.
fn has_name(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::finding::Severity;

    fn deployment() -> Deployment {
        let outputs = [
            ("StartActionRoleArn", "arn:aws:iam::111122223333:role/t-StartActionRole-1"),
            ("ActionCompletionRoleArn", "arn:aws:iam::111122223333:role/t-ActionCompletionRole-1"),
            ("DeploymentId", "deployment-0123456789"),
        ];
        let outputs = outputs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Deployment { outputs: outputs.into(), ..Deployment::default() }
    }

    fn trust(principal: &Value, actions: &Value, external_id: Option<&str>) -> Value {
        let condition = external_id.map(|id| json!({"StringEquals": {"sts:ExternalId": id}}));
        json!({"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole",
             "Condition": condition},
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions},
        ]})
    }

    /// Returns what is found of a trust policy: `✗` for what is wrong, `!` for what could be better.
    fn found(trust: &Value) -> Vec<String> {
        let mut looked = Looked::at("");
        judge(trust, &deployment(), "role", &mut looked);
        let mark = |severity| if severity == Severity::Wrong { "✗" } else { "!" };
        let lines = looked.findings.into_iter();
        lines.map(|found| format!("{} {}", mark(found.severity), found.wrong)).collect()
    }

    #[test]
    fn a_role_made_from_the_example_is_right() {
        let both =
            json!(OURS.iter().map(|name| deployment().outputs[*name].clone()).collect::<Vec<_>>());
        let all = json!(["sts:TagSession", "sts:SetSourceIdentity"]);
        assert_eq!(found(&trust(&both, &all, Some("deployment-0123456789"))), Vec::<String>::new());
        let account = json!("arn:aws:iam::111122223333:root");
        assert_eq!(
            found(&trust(&account, &all, Some("deployment-0123456789"))),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_a_role_lacks_is_named() {
        let all = json!(["sts:TagSession", "sts:SetSourceIdentity"]);
        let account = json!("111122223333");
        assert_eq!(
            found(&trust(&json!("arn:aws:iam::111122223333:role/other"), &all, None)),
            ["✗ does not trust t-StartActionRole-1", "✗ does not trust t-ActionCompletionRole-1"]
        );
        assert!(
            found(&trust(&account, &all, None))[0].starts_with("! asks t-StartActionRole-1 for no")
        );
        assert!(found(&trust(&account, &all, Some("another")))[0].contains("external id another"));
        let one = json!("sts:TagSession");
        assert_eq!(
            found(&trust(&account, &one, Some("deployment-0123456789")))[0],
            "✗ does not let t-StartActionRole-1 sts:SetSourceIdentity"
        );
    }

    #[test]
    fn a_pattern_means_its_beginning() {
        assert!(has_name("towpath-web", "towpath-*"));
        assert!(!has_name("web-towpath-", "towpath-*"));
        assert!(has_name("exactly", "exactly") && !has_name("exactly-not", "exactly"));
        assert_eq!(path_of("arn:aws:iam::1:role/team/towpath-x"), "team/towpath-x");
    }
}
