//! Of many policies, those that can have a say.

use std::collections::BTreeMap;
use std::sync::Arc;

use cedar_policy::{
    ActionConstraint, EntityUid, Policy, PolicySet, PrincipalConstraint, ResourceConstraint,
};

use super::policies::action_uid;
use super::resource::{Asker, Named};

/// The policies by the action that they are about.
#[derive(Debug)]
pub(super) struct Rules {
    by_action: BTreeMap<String, Vec<Arc<Rule>>>,
}

/// A policy with its scope taken apart.
#[derive(Debug)]
struct Rule {
    policy: Policy,
    principal: PrincipalConstraint,
    resource: ResourceConstraint,
}

impl Rules {
    /// Sorts the policies under the actions of the schema.
    pub(super) fn new<'a>(policies: &PolicySet, actions: impl Iterator<Item = &'a str>) -> Self {
        let mut by_action: BTreeMap<String, Vec<Arc<Rule>>> =
            actions.map(|action| (action.to_owned(), Vec::new())).collect();
        for policy in policies.policies() {
            let about = policy.action_constraint();
            let rule = Arc::new(Rule {
                policy: policy.clone(),
                principal: policy.principal_constraint(),
                resource: policy.resource_constraint(),
            });
            for (action, rules) in &mut by_action {
                let action = action_uid(action);
                let is_about = match &about {
                    ActionConstraint::Any => true,
                    ActionConstraint::In(actions) => actions.contains(&action),
                    ActionConstraint::Eq(only) => *only == action,
                };
                if is_about {
                    rules.push(Arc::clone(&rule));
                }
            }
        }
        Self { by_action }
    }

    /// Returns the policies whose scope fits. What their conditions say is still to be evaluated.
    pub(super) fn fitting(
        &self,
        action: &str,
        asker: &Asker,
        named: &Named,
    ) -> Result<PolicySet, String> {
        let rules = self.by_action.get(action).map(Vec::as_slice).unwrap_or_default();
        let fitting = rules.iter().filter(|rule| rule.fits(&asker.uids, &named.uids));
        PolicySet::from_policies(fitting.map(|rule| rule.policy.clone()))
            .map_err(|error| error.to_string())
    }
}

impl Rule {
    /// Each list has the one itself first, then all that it is in.
    fn fits(&self, asker: &[EntityUid], named: &[EntityUid]) -> bool {
        let fits_asker = match &self.principal {
            PrincipalConstraint::Any => true,
            PrincipalConstraint::In(group) => asker.contains(group),
            PrincipalConstraint::Eq(only) => asker[0] == *only,
            PrincipalConstraint::Is(kind) => asker[0].type_name() == kind,
            PrincipalConstraint::IsIn(kind, group) => {
                asker[0].type_name() == kind && asker.contains(group)
            }
        };
        let fits_named = match &self.resource {
            ResourceConstraint::Any => true,
            ResourceConstraint::In(group) => named.contains(group),
            ResourceConstraint::Eq(only) => named[0] == *only,
            ResourceConstraint::Is(kind) => named[0].type_name() == kind,
            ResourceConstraint::IsIn(kind, group) => {
                named[0].type_name() == kind && named.contains(group)
            }
        };
        fits_asker && fits_named
    }
}
