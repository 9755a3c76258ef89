//! The policies: the ready ones, those of this place, and the schema they are held against.

use std::str::FromStr;

use cedar_policy::{
    Context, EntityUid, Policy, PolicyId, PolicySet, Request, Schema, ValidationMode, Validator,
};

use super::FourEyes;
use super::actions::ACTIONS;
use super::resource::{Asker, Named, Place};
use super::rules::Rules;

const SCHEMA: &str = include_str!("../../policies/towpath.cedarschema");

/// The ready policies, by the role that each is for.
const READY: &[(&str, &str)] = &[
    ("Viewer", include_str!("../../policies/viewer.cedar")),
    ("Operator", include_str!("../../policies/operator.cedar")),
    ("Approver", include_str!("../../policies/approver.cedar")),
    ("Editor", include_str!("../../policies/editor.cedar")),
    ("JobWorker", include_str!("../../policies/job-worker.cedar")),
    ("Admin", include_str!("../../policies/admin.cedar")),
];

/// The policies, and the schema that they were checked against.
#[derive(Debug)]
pub(super) struct Policies {
    /// What requests are held against. None for the ready policies, where the table of actions says as much as
    /// those need.
    schema: Option<Schema>,
    pub(super) rules: Rules,
}

impl Policies {
    /// Reads and checks everything. The sentence names the policy.
    pub(super) fn load(
        place: &Place,
        four_eyes: FourEyes,
        more: &[(String, String)],
    ) -> Result<Self, String> {
        let schema = schema()?;
        let validator = Validator::new(schema.clone());
        Self::read_all(Some(schema), four_eyes, more, |read| check(place, &validator, read))
    }

    /// Reads the ready policies. They are checked where Towpath is tested and are the same ever after, so neither
    /// the schema nor the checks, which are a large part of the language, need be where only these are in force.
    pub(super) fn ready(four_eyes: FourEyes) -> Result<Self, String> {
        Self::read_all(None, four_eyes, &[], |_| Ok(()))
    }

    fn read_all(
        schema: Option<Schema>,
        four_eyes: FourEyes,
        more: &[(String, String)],
        check: impl Fn(&PolicySet) -> Result<(), String>,
    ) -> Result<Self, String> {
        let four_eyes = match four_eyes {
            FourEyes::Off => None,
            FourEyes::Approvers => Some(include_str!("../../policies/four-eyes-approvers.cedar")),
            FourEyes::Everybody => Some(include_str!("../../policies/four-eyes-everybody.cedar")),
        };
        let four_eyes = four_eyes.map(|text| ("FourEyes", text));
        let more = more.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let mut policies = PolicySet::new();
        for (name, text) in READY.iter().copied().chain(four_eyes).chain(more) {
            let refused = |reason: String| format!("policy {name} is refused: {reason}");
            let read = read(name, text).map_err(refused)?;
            check(&read).map_err(refused)?;
            for policy in read.policies() {
                let taken = policies.add(policy.clone());
                taken.map_err(|_| refused(format!("there is another policy {}", policy.id())))?;
            }
        }
        let rules = Rules::new(&policies, ACTIONS.iter().map(|(action, _)| *action));
        Ok(Self { schema, rules })
    }

    /// Makes a request, if it is one that the schema knows.
    pub(super) fn request(
        &self,
        action: &str,
        asker: &Asker,
        named: &Named,
        context: Context,
    ) -> Result<Request, String> {
        let uid = action_uid(action);
        if self.schema.is_none() {
            check_kind(action, &uid, &named.uids[0])?;
        }
        let [user, resource] = [&asker.uids[0], &named.uids[0]].map(Clone::clone);
        Request::new(user, uid, resource, context, self.schema.as_ref())
            .map_err(|error| error.to_string())
    }
}

/// Refuses an action that is never asked of such a resource, in the words in which the schema would.
fn check_kind(action: &str, uid: &EntityUid, resource: &EntityUid) -> Result<(), String> {
    let kinds = ACTIONS.iter().find(|(known, _)| *known == action).map(|(_, kinds)| *kinds);
    let kinds =
        kinds.ok_or_else(|| format!("request's action `{uid}` is not declared in the schema"))?;
    let kind = resource.type_name();
    if kinds.contains(&kind.basename()) {
        return Ok(());
    }
    Err(format!("resource type `{kind}` is not valid for `{uid}`"))
}

fn schema() -> Result<Schema, String> {
    let read = Schema::from_cedarschema_str(SCHEMA);
    Ok(read.map_err(|error| format!("the schema of policies is broken: {error}"))?.0)
}

/// Returns the action's name as policies write it.
pub(super) fn action_uid(action: &str) -> EntityUid {
    let kind = cedar_policy::EntityTypeName::from_str("Towpath::Action");
    let kind = kind.expect("the type that Cedar gives to actions");
    EntityUid::from_type_name_and_id(kind, cedar_policy::EntityId::new(action))
}

/// Reads one text, and calls its policies by name: their own (`@id`), or the text's.
fn read(name: &str, text: &str) -> Result<PolicySet, String> {
    let read = PolicySet::from_str(text).map_err(|errors| {
        let sentences: Vec<String> = errors.iter().map(ToString::to_string).collect();
        sentences.join("; ")
    })?;
    if read.num_of_templates() > 0 {
        return Err(
            "it has slots (`?principal`, `?resource`); write out whom and what it is about".into(),
        );
    }
    let mut policies: Vec<&Policy> = read.policies().collect();
    if policies.is_empty() {
        return Err("there is no policy in it".into());
    }
    // Cedar calls them policy0, policy1 and so on, in the order of the text.
    policies.sort_by_key(|policy| (policy.id().to_string().len(), policy.id().to_string()));
    let mut named = PolicySet::new();
    for (number, policy) in (1..).zip(&policies) {
        let id = match policy.annotation("id") {
            Some(id) if !id.is_empty() => id.to_owned(),
            Some(_) | None if policies.len() == 1 => name.to_owned(),
            Some(_) | None => format!("{name}#{number}"),
        };
        named
            .add(policy.new_id(PolicyId::new(&id)))
            .map_err(|_| format!("two policies in it are called {id}"))?;
    }
    Ok(named)
}

/// Refuses what cannot be right: a name that the schema does not have, a comparison that makes no sense,
/// a policy that can never apply.
fn check(place: &Place, validator: &Validator, policies: &PolicySet) -> Result<(), String> {
    let result = validator.validate(policies, ValidationMode::Strict);
    let errors = result.validation_errors().map(ToString::to_string);
    let warnings = result.validation_warnings().map(ToString::to_string);
    let mut sentences: Vec<String> = errors.chain(warnings).collect();
    for policy in policies.policies() {
        for literal in policy.entity_literals() {
            let dead = place.why_dead(&literal).or_else(|| misspelt(place, &literal));
            sentences.extend(dead.map(|why| format!("nothing is {literal}: {why}")));
        }
    }
    sentences.sort();
    sentences.dedup();
    if sentences.is_empty() { Ok(()) } else { Err(sentences.join("; ")) }
}

/// Roles may have names of your own; one that is a ready role in other letters is a slip.
fn misspelt(place: &Place, literal: &EntityUid) -> Option<String> {
    let role = place.role_of(literal)?;
    let ready = READY.iter().find(|(ready, _)| ready.eq_ignore_ascii_case(&role))?.0;
    (ready != role).then(|| format!("the role is called {ready}"))
}

#[cfg(test)]
mod tests {
    use cedar_policy::EntityTypeName;

    use super::*;

    #[test]
    fn the_actions_are_those_of_the_schema() {
        let schema = schema().unwrap();
        let mut known: Vec<(&str, Vec<&str>)> = Vec::new();
        for action in schema.actions() {
            let kinds = schema.resources_for_action(action).expect("it is an action");
            let mut kinds: Vec<&str> = kinds.map(EntityTypeName::basename).collect();
            kinds.sort_unstable();
            known.push((action.id().unescaped(), kinds));
        }
        known.sort_unstable();
        let ours: Vec<_> =
            ACTIONS.iter().map(|(action, kinds)| (*action, kinds.to_vec())).collect();
        assert_eq!(known, ours);
    }
}
