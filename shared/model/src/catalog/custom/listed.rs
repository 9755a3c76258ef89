//! An action type as the API lists it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::declaration::ActionTypeDeclaration;

/// An action type: what it takes, makes and understands (AWS's `ActionType`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedType {
    /// Which one.
    pub id: ActionTypeDeclaration,
    /// Where people find what it works on.
    #[serde(default, skip_serializing_if = "Links::is_empty")]
    pub settings: Links,
    /// The settings that it understands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub action_configuration_properties: Vec<Property>,
    /// How many artifacts it takes.
    pub input_artifact_details: Counts,
    /// How many artifacts it makes.
    pub output_artifact_details: Counts,
}

/// A setting of an action type.
#[expect(clippy::struct_excessive_bools, reason = "the API's shape has these four")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Property {
    /// Its key in `configuration`.
    pub name: String,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it says, with others, which outside thing is meant (J2).
    pub key: bool,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// Whether workers may ask for jobs by its value (J2).
    #[serde(default)]
    pub queryable: bool,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `String`, `Number` or `Boolean`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// How many artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// At least.
    pub minimum_count: usize,
    /// At most.
    pub maximum_count: usize,
}

/// Where people find what an action works on (J3). `{Config:name}` stands for a setting's value, and
/// `{ExternalExecutionId}` for the outside system's id of the work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Links {
    /// Where a partner's customers sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub third_party_configuration_url: Option<String>,
    /// The outside thing, such as a project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_url_template: Option<String>,
    /// One run of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_url_template: Option<String>,
    /// How the thing is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_url_template: Option<String>,
}

impl ListedType {
    /// Returns what is known of a setting.
    pub fn property(&self, key: &str) -> Option<&Property> {
        self.action_configuration_properties.iter().find(|property| property.name == key)
    }

    /// Returns the setting by which workers may ask for jobs, if there is one.
    pub fn queryable(&self) -> Option<&Property> {
        self.action_configuration_properties.iter().find(|property| property.queryable)
    }

    /// Says what is wrong with it, member by member, if anything is (contract §1.7, J1 to J3).
    pub fn check(&self) -> Result<(), String> {
        for (member, counts) in [
            ("inputArtifactDetails", self.input_artifact_details),
            ("outputArtifactDetails", self.output_artifact_details),
        ] {
            let Counts { minimum_count, maximum_count } = counts;
            if maximum_count < minimum_count {
                return Err(format!(
                    "{member}: maximumCount {maximum_count} is less than minimumCount \
                     {minimum_count}; swap them"
                ));
            }
        }
        self.check_properties()?;
        self.check_links()
    }

    fn check_properties(&self) -> Result<(), String> {
        let properties = &self.action_configuration_properties;
        for (index, property) in properties.iter().enumerate() {
            let Property { name, required, secret, queryable, .. } = property;
            if properties[..index].iter().any(|other| other.name == *name) {
                return Err(format!("two properties are called {name}; rename one of them"));
            }
            if !queryable {
                continue;
            }
            if *secret {
                return Err(format!(
                    "property {name}: a queryable property cannot be secret, for workers ask for \
                     jobs by its value; make one of the two false"
                ));
            }
            if !required {
                return Err(format!(
                    "property {name}: a queryable property must be required; set required to true"
                ));
            }
        }
        let mut queryable = properties.iter().filter(|property| property.queryable);
        if let (Some(first), Some(second)) = (queryable.next(), queryable.next()) {
            return Err(format!(
                "properties {} and {}: only one property can be queryable",
                first.name, second.name
            ));
        }
        Ok(())
    }

    fn check_links(&self) -> Result<(), String> {
        for (member, template) in self.settings.templates() {
            for name in template.iter().flat_map(|template| config_names(template)) {
                // A name that no property has is let be, as AWS's own example has one: nothing comes
                // of such a template.
                let known = self.property(name);
                if known.is_some_and(|property| property.secret || !property.required) {
                    return Err(format!(
                        "{member}: {{Config:{name}}} names a property that is secret or may be left \
                         out; name one that is required and not secret"
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Counts {
    /// Returns the numbers that are allowed.
    pub fn range(self) -> RangeInclusive<usize> {
        self.minimum_count..=self.maximum_count
    }
}

impl Links {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn templates(&self) -> [(&'static str, &Option<String>); 3] {
        [
            ("entityUrlTemplate", &self.entity_url_template),
            ("executionUrlTemplate", &self.execution_url_template),
            ("revisionUrlTemplate", &self.revision_url_template),
        ]
    }

    /// Returns the URL of the outside thing.
    pub fn entity_url(
        &self,
        configuration: &BTreeMap<String, String>,
        external_id: Option<&str>,
    ) -> Option<String> {
        fill(self.entity_url_template.as_deref()?, configuration, external_id)
    }

    /// Returns the URL of one run of it.
    pub fn execution_url(
        &self,
        configuration: &BTreeMap<String, String>,
        external_id: Option<&str>,
    ) -> Option<String> {
        fill(self.execution_url_template.as_deref()?, configuration, external_id)
    }

    /// Returns the URL of how it is set up.
    pub fn revision_url(
        &self,
        configuration: &BTreeMap<String, String>,
        external_id: Option<&str>,
    ) -> Option<String> {
        fill(self.revision_url_template.as_deref()?, configuration, external_id)
    }
}

const CONFIG: &str = "{Config:";
const EXTERNAL_ID: &str = "{ExternalExecutionId}";

/// Returns the settings that a template names.
fn config_names(template: &str) -> impl Iterator<Item = &str> {
    template.split(CONFIG).skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

/// Fills a template in one pass: what a value holds is not filled again. Nothing comes of one that
/// names something without a value.
fn fill(
    template: &str,
    configuration: &BTreeMap<String, String>,
    external_id: Option<&str>,
) -> Option<String> {
    let mut url = String::new();
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        url.push_str(&rest[..start]);
        rest = &rest[start..];
        if let Some(after) = rest.strip_prefix(EXTERNAL_ID) {
            url.push_str(external_id?);
            rest = after;
        } else if let Some((name, after)) =
            rest.strip_prefix(CONFIG).and_then(|rest| rest.split_once('}'))
        {
            url.push_str(configuration.get(name)?);
            rest = after;
        } else {
            url.push('{');
            rest = &rest[1..];
        }
    }
    url.push_str(rest);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_once_and_only_when_everything_is_known() {
        let configuration = BTreeMap::from([
            ("Project".to_owned(), "web".to_owned()),
            ("Odd".to_owned(), "{ExternalExecutionId}".to_owned()),
        ]);
        for (template, external_id, url) in [
            ("https://ci/{Config:Project}", None, Some("https://ci/web")),
            ("https://ci/{Config:Project}/{ExternalExecutionId}", None, None),
            (
                "https://ci/{Config:Project}/{ExternalExecutionId}/log",
                Some("7"),
                Some("https://ci/web/7/log"),
            ),
            ("https://ci/{Config:Odd}", Some("7"), Some("https://ci/{ExternalExecutionId}")),
            ("https://ci/{Config:Other}", Some("7"), None),
            ("https://ci/{x}/{Config:Project", None, Some("https://ci/{x}/{Config:Project")),
        ] {
            assert_eq!(fill(template, &configuration, external_id).as_deref(), url, "{template}");
        }
    }
}
