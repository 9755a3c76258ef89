//! The action types that users declared, in the catalogue's partition.
//!
//! A row is never taken away: a deleted type's definition says which of its settings are secret in
//! declarations that still name it, and what its version may come back as.

use model::time::Timestamp;

use super::swap::REVISION;
use crate::error::Error;
use crate::item::{Item, Reader, number, row, text};
use crate::keys::{CATALOG, SK};
use crate::store::Store;

/// What the sort keys of action types begin with.
const ACTION_TYPE: &str = "ACTIONTYPE#";

/// An action type that a user declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionTypeRow {
    /// `Owner/Category/Provider/Version`.
    pub name: String,
    /// Its definition as JSON, in the form of its owner.
    pub definition: String,
    /// Whether new work for it is refused.
    pub is_deleted: bool,
    /// For a partner's type: whose jobs they are.
    pub client: Option<Client>,
    /// When it was changed last.
    pub at: Timestamp,
    /// How often the row was written; 0 before it is.
    pub revision: u64,
}

/// Whose jobs a partner's type brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The id under which the partner knows the customer.
    pub id: String,
    /// Lower-case hex SHA-256 of the token that the partner holds for that id.
    pub token_digest: String,
}

impl Store {
    /// Returns an action type that was declared, deleted ones too.
    pub async fn action_type(&self, name: &str) -> Result<Option<ActionTypeRow>, Error> {
        let doing = "read the definition of the action type";
        let found = self.row_at(doing, CATALOG.to_owned(), sort_of(name)).await?;
        found.as_ref().map(parse).transpose()
    }

    /// Returns every action type that was declared, in the order of their names.
    pub async fn action_types(&self) -> Result<Vec<ActionTypeRow>, Error> {
        let items = self.all("list action types", CATALOG.to_owned(), ACTION_TYPE).await?;
        items.iter().map(parse).collect()
    }

    /// Writes an action type that was seen as `row.revision`, and says whether nobody was faster.
    pub async fn swap_action_type(&self, row: &ActionTypeRow) -> Result<bool, Error> {
        let doing = "write the definition of the action type";
        self.swap_row(doing, &row.name, render(row), row.revision).await
    }

    /// Takes an action type back that was just written and never used.
    pub async fn remove_action_type(&self, name: &str) -> Result<(), Error> {
        let doing = "take back the action type";
        self.delete_row(doing, name, CATALOG.to_owned(), sort_of(name)).await
    }
}

fn sort_of(name: &str) -> String {
    format!("{ACTION_TYPE}{name}")
}

fn render(action_type: &ActionTypeRow) -> Item {
    // The revision is written by the swap.
    let ActionTypeRow { name, definition, is_deleted, client, at, revision: _ } = action_type;
    let mut item = row(CATALOG, sort_of(name));
    item.insert("definition".to_owned(), text(definition));
    item.insert("deleted".to_owned(), number(u8::from(*is_deleted)));
    item.insert("at".to_owned(), number(at.millis()));
    if let Some(Client { id, token_digest }) = client {
        item.insert("client".to_owned(), text(id));
        item.insert("token".to_owned(), text(token_digest));
    }
    item
}

fn parse(item: &Item) -> Result<ActionTypeRow, Error> {
    let reader = Reader::new(item)?;
    let name = reader.text(SK)?.strip_prefix(ACTION_TYPE);
    let name = name.ok_or_else(|| reader.unreadable("its sort key names no action type"))?;
    let client = match reader.text_if_any("client")? {
        Some(id) => {
            let token_digest = reader.text("token")?.to_owned();
            Some(Client { id: id.to_owned(), token_digest })
        }
        None => None,
    };
    Ok(ActionTypeRow {
        name: name.to_owned(),
        definition: reader.text("definition")?.to_owned(),
        is_deleted: reader.number::<u8>("deleted")? != 0,
        client,
        at: Timestamp::from_millis(reader.number("at")?),
        revision: reader.number(REVISION)?,
    })
}
