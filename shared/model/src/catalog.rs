//! The action types and condition rules that CodePipeline knows: how many artifacts they take and
//! make (contract §1.5) and which settings they understand (contract §5).
//!
//! A type that is not here is refused, unless its owner is `Custom`: those are declared by users.

mod build;
pub mod custom;
mod deploy;
mod invoke;
mod rules;
mod source;

use std::ops::RangeInclusive;

use crate::declaration::ActionTypeDeclaration;
use crate::status::{ActionCategory, ActionOwner};

pub use custom::{DeclaredType, DeclaredTypes};
pub use rules::{RULES, RuleType, find_rule};

/// What is known of an action type.
#[derive(Clone, Debug)]
pub struct ActionType {
    /// In which categories it may be used.
    pub categories: &'static [ActionCategory],
    /// Who defined it.
    pub owner: ActionOwner,
    /// For example `CodeBuild`.
    pub provider: &'static str,
    /// How many artifacts it takes.
    pub inputs: RangeInclusive<usize>,
    /// How many artifacts it makes.
    pub outputs: RangeInclusive<usize>,
    /// The settings that it understands.
    pub settings: &'static [Setting],
    /// Whether the list of settings is known to be complete (contract, open point 33: where it is
    /// not, an unknown setting is worth a warning only).
    pub is_settled: bool,
    /// Whether it needs a pipeline of type V2 (contract §1.2).
    pub needs_v2: bool,
}

/// A setting of an action or a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key in `configuration`.
    pub key: &'static str,
    /// Whether it must be given.
    pub is_required: bool,
    /// Whether its value must never be shown.
    pub is_secret: bool,
}

/// How many artifacts a custom action may take, and make (contract §1.5).
pub const CUSTOM_ARTIFACTS: RangeInclusive<usize> = 0..=5;

/// The only version that the types of AWS and its partners have.
pub const VERSION: &str = "1";

/// Returns every known action type.
pub fn action_types() -> impl Iterator<Item = &'static ActionType> {
    [source::TYPES, build::TYPES, deploy::TYPES, invoke::TYPES].into_iter().flatten()
}

/// Returns what is known of an action type; nothing for custom types.
pub fn find(type_id: &ActionTypeDeclaration) -> Option<&'static ActionType> {
    if type_id.version != VERSION {
        return None;
    }
    action_types().find(|known| {
        known.provider == type_id.provider
            && known.owner.as_str() == type_id.owner
            && known.categories.iter().any(|category| category.as_str() == type_id.category)
    })
}

/// Returns the type that was probably meant by one that does not exist, ready to be shown.
pub fn suggestion(type_id: &ActionTypeDeclaration) -> Option<String> {
    let known = action_types().find(|known| known.provider == type_id.provider).or_else(|| {
        action_types().find(|known| known.provider.eq_ignore_ascii_case(&type_id.provider))
    })?;
    let category = known
        .categories
        .iter()
        .find(|category| category.as_str() == type_id.category)
        .or(known.categories.first())?;
    let ActionType { owner, provider, .. } = known;
    Some(format!("{category}/{owner}/{provider}/{VERSION}"))
}

impl ActionType {
    /// Returns what is known of a setting.
    pub fn setting(&self, key: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    const fn new(
        categories: &'static [ActionCategory],
        owner: ActionOwner,
        provider: &'static str,
        (inputs, outputs): (RangeInclusive<usize>, RangeInclusive<usize>),
        settings: &'static [Setting],
    ) -> Self {
        let (is_settled, needs_v2) = (true, false);
        Self { categories, owner, provider, inputs, outputs, settings, is_settled, needs_v2 }
    }

    /// Says that its settings are known from the guide only (contract, open point 33).
    const fn unsettled(mut self) -> Self {
        self.is_settled = false;
        self
    }

    const fn v2(mut self) -> Self {
        self.needs_v2 = true;
        self
    }
}

const fn required(key: &'static str) -> Setting {
    Setting { key, is_required: true, is_secret: false }
}

const fn optional(key: &'static str) -> Setting {
    Setting { key, is_required: false, is_secret: false }
}

const fn secret(key: &'static str) -> Setting {
    Setting { key, is_required: true, is_secret: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_type_and_no_setting_is_listed_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for known in action_types() {
            for category in known.categories {
                assert!(seen.insert((category, known.owner, known.provider)), "{known:?}");
            }
            let mut keys: Vec<_> = known.settings.iter().map(|setting| setting.key).collect();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), known.settings.len(), "{}", known.provider);
        }
    }

    #[test]
    fn a_known_type_is_found_and_a_near_miss_gets_a_suggestion() {
        let type_id =
            |category: &str, owner: &str, provider: &str, version: &str| ActionTypeDeclaration {
                category: category.to_owned(),
                owner: owner.to_owned(),
                provider: provider.to_owned(),
                version: version.to_owned(),
            };
        assert!(find(&type_id("Build", "AWS", "CodeBuild", "1")).is_some());
        assert!(find(&type_id("Test", "AWS", "CodeBuild", "1")).is_some());
        assert!(find(&type_id("Build", "AWS", "Commands", "1")).is_some());
        assert!(find(&type_id("Build", "AWS", "CodeBuild", "2")).is_none());
        for (wrong, meant) in [
            (type_id("Source", "AWS", "GitHub", "1"), "Source/ThirdParty/GitHub/1"),
            (
                type_id("Source", "ThirdParty", "CodeStarSourceConnection", "1"),
                "Source/AWS/CodeStarSourceConnection/1",
            ),
            (type_id("Test", "AWS", "Codebuild", "1"), "Test/AWS/CodeBuild/1"),
        ] {
            assert!(find(&wrong).is_none());
            assert_eq!(suggestion(&wrong).as_deref(), Some(meant));
        }
        assert_eq!(suggestion(&type_id("Build", "AWS", "Bamboo", "1")), None);
    }
}
