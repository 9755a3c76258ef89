//! The settings of an action, as its provider reads them.

use std::collections::BTreeMap;

use model::outcome::Failure;
use model::status::FailureType;

use crate::Job;

/// How much of a wrong value a message quotes.
const QUOTED_CHARACTERS_MAX: usize = 100;

/// The settings of one action. An empty value is no value.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    provider: &'a str,
    values: &'a BTreeMap<String, String>,
}

impl<'a> Settings<'a> {
    /// Takes the settings of an action of this provider.
    pub fn new(provider: &'a str, values: &'a BTreeMap<String, String>) -> Self {
        Self { provider, values }
    }

    /// Takes the settings of a job.
    pub fn of(job: &'a Job) -> Self {
        Self::new(&job.provider, &job.configuration)
    }

    /// Returns a setting, if it is there.
    pub fn optional(&self, key: &str) -> Option<&'a str> {
        self.values.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns a setting that must be there.
    pub fn required(&self, key: &str) -> Result<&'a str, Failure> {
        self.optional(key).ok_or_else(|| {
            let provider = self.provider;
            configuration(format!(
                "the setting {key} is missing; add it to the configuration of the {provider} action"
            ))
        })
    }

    /// Returns a setting that says yes or no.
    pub fn is_set(&self, key: &str, default: bool) -> Result<bool, Failure> {
        let Some(value) = self.optional(key) else { return Ok(default) };
        if value.eq_ignore_ascii_case("true") {
            return Ok(true);
        }
        if value.eq_ignore_ascii_case("false") {
            return Ok(false);
        }
        let quoted: String = value.chars().take(QUOTED_CHARACTERS_MAX).collect();
        Err(configuration(format!("{key} is {quoted:?}; write `true` or `false`")))
    }
}

fn configuration(message: String) -> Failure {
    Failure::new(FailureType::ConfigurationError, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_is_missing_or_neither_yes_nor_no_is_named() {
        let values = [("Extract", "yes"), ("Poll", "False"), ("Empty", "")];
        let values = values.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let settings = Settings::new("S3", &values);
        assert_eq!(settings.is_set("Poll", true), Ok(false));
        assert_eq!(settings.is_set("Absent", true), Ok(true));
        assert!(
            settings.is_set("Extract", true).unwrap_err().message.contains("Extract is \"yes\"")
        );
        assert!(settings.required("Empty").unwrap_err().message.contains("the setting Empty"));
    }
}
