//! What users declare: custom action types, and partners' types.

use model::catalog::custom::{
    CUSTOM_TYPES_MAX, DeclaredType, DeclaredTypes, ExecutorForm, ListedType, type_name,
};
use store::{ActionTypeRow, Client};

use super::find::token_digest;
use super::{Registration, TRIES_MAX};
use crate::App;

/// The rows of action types could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not be used.
    #[error("failed to use the rows of action types")]
    Store(#[from] store::Error),
    /// A row is there, and its definition is not what we write.
    #[error("failed to read the definition of action type {name}")]
    Unreadable {
        /// Of which type.
        name: String,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// Others were faster every time.
    #[error("failed to write action type {0}: others were faster {TRIES_MAX} times")]
    Contended(String),
}

/// What became of a declaration of a custom type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// It can be used: now, or since before.
    Live {
        /// Whether it was not there before.
        is_new: bool,
    },
    /// It is there with another definition.
    Exists,
    /// It was deleted with another definition, so its version cannot come back.
    Spent,
    /// There are as many as may be (contract §9).
    Full,
}

/// What became of an update of a partner's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Updated {
    /// It is in force.
    Applied,
    /// Nobody registered such a type.
    NotFound,
    /// It cannot be changed this way.
    Refused(String),
}

/// Returns every action type that users declared, deleted ones too.
pub async fn known_types(app: &App) -> Result<DeclaredTypes, Error> {
    let rows = app.store.action_types().await?;
    let known = |row: &ActionTypeRow| {
        Ok(DeclaredType { listed: listed_of(row)?, is_deleted: row.is_deleted })
    };
    rows.iter().map(known).collect()
}

/// Returns a type in the form in which types are listed.
pub fn listed_of(row: &ActionTypeRow) -> Result<ListedType, Error> {
    match row.client {
        Some(_) => Ok(executor_of(row)?.listed()),
        None => read(row),
    }
}

/// Returns a partner's type in the form in which partners describe it.
pub fn executor_of(row: &ActionTypeRow) -> Result<ExecutorForm, Error> {
    read(row)
}

fn read<T: serde::de::DeserializeOwned>(row: &ActionTypeRow) -> Result<T, Error> {
    let failed = |source| Error::Unreadable { name: row.name.clone(), source };
    serde_json::from_str(&row.definition).map_err(failed)
}

fn render(definition: &impl serde::Serialize) -> String {
    serde_json::to_string(definition).expect("texts are always JSON")
}

/// Declares a custom type. Declaring it again is nothing new; a deleted one comes back only as it was
/// (J1).
pub async fn declare(app: &App, listed: &ListedType) -> Result<Declared, Error> {
    let name = type_name(&listed.id);
    for _ in 0..TRIES_MAX {
        let there = app.store.action_type(&name).await?;
        if let Some(there) = &there {
            match (listed_of(there)? == *listed, there.is_deleted) {
                (true, false) => return Ok(Declared::Live { is_new: false }),
                (false, false) => return Ok(Declared::Exists),
                (false, true) => return Ok(Declared::Spent),
                (true, true) => {}
            }
        }
        if count(app).await? >= CUSTOM_TYPES_MAX {
            return Ok(Declared::Full);
        }
        let row = ActionTypeRow {
            name: name.clone(),
            definition: render(listed),
            is_deleted: false,
            client: None,
            at: app.world.now(),
            revision: there.as_ref().map_or(0, |there| there.revision),
        };
        if !app.store.swap_action_type(&row).await? {
            continue;
        }
        // Others may have declared theirs since we counted: then one of us, or both, take it back.
        if count(app).await? > CUSTOM_TYPES_MAX {
            take_back(app, &name, there).await?;
            return Ok(Declared::Full);
        }
        return Ok(Declared::Live { is_new: true });
    }
    Err(Error::Contended(name))
}

async fn take_back(app: &App, name: &str, there: Option<ActionTypeRow>) -> Result<(), Error> {
    match there {
        None => app.store.remove_action_type(name).await?,
        Some(there) => {
            let row = ActionTypeRow { revision: there.revision + 1, ..there };
            app.store.swap_action_type(&row).await?;
        }
    }
    Ok(())
}

/// Counts the custom types that can be used.
async fn count(app: &App) -> Result<usize, Error> {
    let rows = app.store.action_types().await?;
    Ok(rows.iter().filter(|row| row.client.is_none() && !row.is_deleted).count())
}

/// Deletes a custom type: no new work is asked of it. Deleting what is not there is nothing new.
pub async fn delete(app: &App, name: &str) -> Result<(), Error> {
    for _ in 0..TRIES_MAX {
        let there = app.store.action_type(name).await?;
        let Some(there) = there.filter(|there| there.client.is_none() && !there.is_deleted) else {
            return Ok(());
        };
        let row = ActionTypeRow { is_deleted: true, at: app.world.now(), ..there };
        if app.store.swap_action_type(&row).await? {
            return Ok(());
        }
    }
    Err(Error::Contended(name.to_owned()))
}

/// Registers a partner's type, or registers it again with what the file says now (J23).
pub async fn register(app: &App, registration: &Registration) -> Result<(), Error> {
    let Registration { form, client_id, client_token } = registration;
    let name = type_name(&form.id);
    for _ in 0..TRIES_MAX {
        let there = app.store.action_type(&name).await?;
        let row = ActionTypeRow {
            name: name.clone(),
            definition: render(form),
            is_deleted: false,
            client: Some(Client {
                id: client_id.clone(),
                token_digest: token_digest(client_token),
            }),
            at: app.world.now(),
            revision: there.map_or(0, |there| there.revision),
        };
        if app.store.swap_action_type(&row).await? {
            return Ok(());
        }
    }
    Err(Error::Contended(name))
}

/// Changes a partner's type that was registered here.
pub async fn update(app: &App, form: &ExecutorForm) -> Result<Updated, Error> {
    let name = type_name(&form.id);
    for _ in 0..TRIES_MAX {
        let there = app.store.action_type(&name).await?;
        let Some(there) = there.filter(|there| there.client.is_some()) else {
            return Ok(Updated::NotFound);
        };
        let published = executor_of(&there)?;
        if published == *form {
            return Ok(Updated::Applied);
        }
        if let Err(reason) = form.check().and_then(|()| form.check_update_of(&published)) {
            return Ok(Updated::Refused(reason));
        }
        let row = ActionTypeRow { definition: render(form), at: app.world.now(), ..there };
        if app.store.swap_action_type(&row).await? {
            return Ok(Updated::Applied);
        }
    }
    Err(Error::Contended(name))
}
