//! Rows as the SDK hands them over.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::error::Error;
use crate::keys::{PK, SK};

/// A row as the SDK hands it over.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The newest schema of rows that we write and read.
pub(crate) const SCHEMA: u64 = 1;

/// Makes a text attribute.
pub(crate) fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// Makes a number attribute.
#[expect(clippy::needless_pass_by_value, reason = "a number is as small as a reference to it")]
pub(crate) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Starts a row: its keys and its schema.
pub(crate) fn row(partition: impl Into<String>, sort: impl Into<String>) -> Item {
    HashMap::from([
        (PK.to_owned(), text(partition)),
        (SK.to_owned(), text(sort)),
        ("v".to_owned(), number(SCHEMA)),
    ])
}

/// Returns the size of a row by DynamoDB's rule for texts and numbers: the bytes of every name and
/// value, where a number takes about a byte for two digits and one more.
pub(crate) fn size_bytes(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
}

/// Returns the size of one attribute's value.
pub(crate) fn value_bytes(value: &AttributeValue) -> usize {
    match (value.as_s(), value.as_n()) {
        (Ok(text), _) => text.len(),
        (_, Ok(number)) => number.len().div_ceil(2) + 1,
        (Err(_), Err(_)) => unreachable!("our rows have texts and numbers only"),
    }
}

/// Reads a row's attributes, and says which row it was when one is wrong.
pub(crate) struct Reader<'a>(&'a Item);

impl<'a> Reader<'a> {
    /// Takes a row of a schema that we know.
    pub(crate) fn new(item: &'a Item) -> Result<Self, Error> {
        let reader = Self(item);
        let version: u64 = reader.number("v")?;
        if version > SCHEMA {
            let (partition, sort) = reader.keys();
            return Err(Error::NewerSchema { partition, sort, version, known: SCHEMA });
        }
        Ok(reader)
    }

    /// Returns a text that must be there.
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, Error> {
        self.text_if_any(name)?.ok_or_else(|| self.unreadable(format!("it has no `{name}`")))
    }

    /// Returns a text that may be there.
    pub(crate) fn text_if_any(&self, name: &str) -> Result<Option<&'a str>, Error> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(text)) => Ok(Some(text)),
            Some(_) => Err(self.unreadable(format!("`{name}` is not a text"))),
        }
    }

    /// Returns a number that must be there.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &str) -> Result<N, Error> {
        self.number_if_any(name)?.ok_or_else(|| self.unreadable(format!("it has no `{name}`")))
    }

    /// Returns a number that may be there.
    pub(crate) fn number_if_any<N: std::str::FromStr>(
        &self,
        name: &str,
    ) -> Result<Option<N>, Error> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let number = value.as_n().ok().and_then(|number| number.parse().ok());
        number.map(Some).ok_or_else(|| self.unreadable(format!("`{name}` is not a whole number")))
    }

    /// Says that this row is not what we write.
    pub(crate) fn unreadable(&self, reason: impl Into<String>) -> Error {
        let (partition, sort) = self.keys();
        Error::Unreadable { partition, sort, reason: reason.into() }
    }

    fn keys(&self) -> (String, String) {
        let key = |name| self.0.get(name).and_then(|value| value.as_s().ok()).cloned();
        (key(PK).unwrap_or_default(), key(SK).unwrap_or_default())
    }
}
