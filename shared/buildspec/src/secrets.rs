//! Values that are kept elsewhere: parameters and secrets.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Knows the values of parameters and secrets.
pub trait SecretResolver {
    /// Returns the value of a parameter of Parameter Store.
    fn parameter(&self, name: &str) -> Option<String>;

    /// Returns the whole text of a secret of Secrets Manager.
    fn secret(&self, reference: &SecretReference) -> Option<String>;
}

/// A resolver over values that were given beforehand. It has one version of each secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Resolver {
    /// Parameters by name.
    pub parameters: BTreeMap<String, String>,
    /// Secrets by id: a name or an ARN.
    pub secrets: BTreeMap<String, String>,
}

impl fmt::Debug for Resolver {
    /// Shows the names only, so that no value ends up in a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Resolver")
            .field("parameters", &self.parameters.keys())
            .field("secrets", &self.secrets.keys())
            .finish()
    }
}

impl SecretResolver for Resolver {
    fn parameter(&self, name: &str) -> Option<String> {
        self.parameters.get(name).cloned()
    }

    fn secret(&self, reference: &SecretReference) -> Option<String> {
        self.secrets.get(&reference.id).cloned()
    }
}

/// A reference to a secret: `secret-id:json-key:version-stage:version-id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretReference {
    /// The name or the ARN of the secret.
    pub id: String,
    /// The member to take out of a secret that is a JSON object; without it, the whole text.
    pub json_key: Option<String>,
    /// The staging label of the version.
    pub version_stage: Option<String>,
    /// The id of the version.
    pub version_id: Option<String>,
}

/// An ARN holds six colons before the name of the secret.
const ARN_PARTS: usize = 7;

impl FromStr for SecretReference {
    type Err = String;

    fn from_str(text: &str) -> Result<SecretReference, String> {
        let mut parts: Vec<&str> = text.split(':').collect();
        let id_parts = if text.starts_with("arn:") { ARN_PARTS } else { 1 };
        if parts.len() < id_parts {
            return Err(format!("`{text}` is not the whole ARN of a secret"));
        }
        let rest = parts.split_off(id_parts);
        let id = parts.join(":");
        if id.is_empty() {
            return Err("the id of the secret is empty".to_owned());
        }
        if rest.len() > 3 {
            return Err(format!(
                "`{text}` has more parts than an id, a key, a stage and a version"
            ));
        }
        let part = |index: usize| {
            rest.get(index).filter(|part| !part.is_empty()).map(|part| (*part).to_owned())
        };
        let (json_key, version_stage, version_id) = (part(0), part(1), part(2));
        if version_stage.is_some() && version_id.is_some() {
            return Err(format!("`{text}` names both a version stage and a version id"));
        }
        Ok(SecretReference { id, json_key, version_stage, version_id })
    }
}

/// Returns the value of a parameter, or how to provide it.
pub(crate) fn resolve_parameter(
    resolver: &dyn SecretResolver,
    name: &str,
) -> Result<String, String> {
    resolver.parameter(name).ok_or_else(|| {
        format!("the parameter `{name}` is unknown: give it with `--parameter {name}=VALUE`")
    })
}

/// Returns the value that a reference to a secret stands for, or how to provide it.
pub(crate) fn resolve_secret(
    resolver: &dyn SecretResolver,
    reference: &SecretReference,
) -> Result<String, String> {
    let id = &reference.id;
    let text = resolver.secret(reference).ok_or_else(|| {
        let value = if reference.json_key.is_some() { "JSON" } else { "VALUE" };
        format!("the secret `{id}` is unknown: give it with `--secret {id}={value}`")
    })?;
    let Some(key) = &reference.json_key else { return Ok(text) };
    // The parser's own message could quote the secret, so it is not passed on.
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|_| {
            format!("the secret `{id}` is not a JSON object, and `{key}` is wanted of it: give it with `--secret {id}=JSON`")
        })?;
    match members.get(key) {
        Some(serde_json::Value::String(value)) => Ok(value.clone()),
        Some(value) => Ok(value.to_string()),
        None => Err(format!(
            "the secret `{id}` has no member `{key}`: add it to the JSON of `--secret {id}=JSON`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:web-AbCdEf";

    fn resolver(text: &str) -> Resolver {
        let secrets =
            [("web".to_owned(), text.to_owned()), (ARN.to_owned(), "whole".to_owned())].into();
        Resolver { parameters: BTreeMap::new(), secrets }
    }

    fn value(resolver: &Resolver, reference: &str) -> Result<String, String> {
        resolve_secret(resolver, &reference.parse()?)
    }

    #[test]
    fn a_reference_takes_the_whole_text_or_one_member() {
        let resolver = resolver(r#"{"user":"ada","port":5432}"#);
        assert_eq!(value(&resolver, "web").unwrap(), r#"{"user":"ada","port":5432}"#);
        assert_eq!(value(&resolver, "web:user").unwrap(), "ada");
        assert_eq!(value(&resolver, "web:port:AWSCURRENT").unwrap(), "5432");
        assert_eq!(value(&resolver, "web:user::7").unwrap(), "ada");
        assert_eq!(value(&resolver, ARN).unwrap(), "whole");
        let reference: SecretReference = format!("{ARN}:key:AWSPREVIOUS:").parse().unwrap();
        assert_eq!(reference.id, ARN);
        assert_eq!(reference.json_key.as_deref(), Some("key"));
        assert_eq!(reference.version_stage.as_deref(), Some("AWSPREVIOUS"));
    }

    #[test]
    fn a_reference_that_cannot_be_resolved_says_how_to_provide_it() {
        let object = resolver("{}");
        for (reference, said) in [
            ("nothing", "`--secret nothing=VALUE`"),
            ("nothing:key", "`--secret nothing=JSON`"),
            ("web:key", "no member `key`"),
            ("", "empty"),
            (":key", "empty"),
            ("web:key:stage:version", "both"),
            ("web:a:b:c:d", "more parts"),
            ("arn:aws:secretsmanager:eu-west-1", "whole ARN"),
        ] {
            let message = value(&object, reference).unwrap_err();
            assert!(message.contains(said), "{reference}: {message}");
        }
    }

    #[test]
    fn no_message_and_no_debug_output_shows_a_secret() {
        let resolver = resolver("hunter2");
        assert!(!value(&resolver, "web:key").unwrap_err().contains("hunter2"));
        assert!(!format!("{resolver:?}").contains("hunter2"));
    }
}
