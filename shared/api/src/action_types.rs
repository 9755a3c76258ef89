//! What the operations about action types have in common.

use std::collections::BTreeMap;

use model::catalog::custom::{ListedType, type_name};
use model::catalog::{DeclaredTypes, action_types, find};
use model::declaration::ActionTypeDeclaration;
use model::pipeline::{Action, ActionTypeId};
use protocol::Fault;
use runtime::jobs::action_types::{Error, listed_of};
use runtime::jobs::known_types;

use crate::Api;
use crate::call::Call;
use crate::faults::failed;

/// A declared type for which work can be asked.
pub(crate) struct Usable {
    pub(crate) listed: ListedType,
    /// For partners' types: whose jobs they are.
    pub(crate) client_id: Option<String>,
}

/// Finds a declared type for which work can be asked.
pub(crate) async fn usable<O>(
    call: &Call<'_, O>,
    id: &ActionTypeDeclaration,
) -> Result<Usable, Fault> {
    let row = call.api.app.store.action_type(&type_name(id)).await;
    let row = row.map_err(|error| failed(&error))?.filter(|row| !row.is_deleted);
    let Some(row) = row else { return Err(no_type(id)) };
    let listed = listed_of(&row).map_err(|error| contended(&error))?;
    Ok(Usable { listed, client_id: row.client.map(|client| client.id) })
}

/// Returns every type that can be used in a Region, by name. What users declared is in ours only.
pub(crate) async fn every_type<O>(
    call: &Call<'_, O>,
    region: Option<&str>,
) -> Result<BTreeMap<String, ListedType>, Fault> {
    let app = &call.api.app;
    let mut types = BTreeMap::new();
    for known in action_types() {
        for category in known.categories {
            let listed = ListedType::of_catalogue(known, *category);
            types.insert(type_name(&listed.id), listed);
        }
    }
    if region.is_none_or(|region| region == app.place.region) {
        let declared = known_types(app).await.map_err(|error| contended(&error))?;
        for known in declared.iter().filter(|known| !known.is_deleted) {
            types.insert(type_name(&known.listed.id), known.listed.clone());
        }
    }
    Ok(types)
}

/// Where people find what an action works on, as its type says (J3).
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) entity_url: Option<String>,
    pub(crate) revision_url: Option<String>,
}

/// Returns the types that users declared, where any of the actions may be of one: asking costs a read.
pub(crate) async fn types_of<'a>(
    api: &Api,
    mut actions: impl Iterator<Item = &'a Action>,
) -> Result<DeclaredTypes, Fault> {
    if actions.all(|action| find(&declared_id(action)).is_some()) {
        return Ok(DeclaredTypes::default());
    }
    known_types(&api.app).await.map_err(|error| contended(&error))
}

/// Fills the templates of an action's type.
pub(crate) fn links_of(types: &DeclaredTypes, action: &Action, external_id: Option<&str>) -> Found {
    let Some(known) = types.find(&declared_id(action)) else { return Found::default() };
    let (links, configuration) = (&known.listed.settings, &action.configuration);
    Found {
        entity_url: links.entity_url(configuration, external_id),
        revision_url: links.revision_url(configuration, external_id),
    }
}

fn declared_id(action: &Action) -> ActionTypeDeclaration {
    let ActionTypeId { category, owner, provider, version } = &action.type_id;
    ActionTypeDeclaration {
        category: category.to_string(),
        owner: owner.to_string(),
        provider: provider.clone(),
        version: version.clone(),
    }
}

/// Returns the ARN of an action type (P6).
pub(crate) fn type_arn<O>(call: &Call<'_, O>, name: &str) -> String {
    call.pipeline_arn(&format!("actiontype:{name}"))
}

/// Returns the fault that says that there is no such action type.
pub(crate) fn no_type(id: &ActionTypeDeclaration) -> Fault {
    Fault::new(
        "ActionTypeNotFoundException",
        format!("there is no action type {}, or it was deleted", type_name(id)),
    )
}

/// Others were faster every time, or the rows cannot be used.
pub(crate) fn contended(error: &Error) -> Fault {
    match error {
        Error::Contended(name) => Fault::new(
            "ConcurrentModificationException",
            format!("others changed {name} at the same time; ask again"),
        ),
        Error::Store(_) | Error::Unreadable { .. } => failed(error),
    }
}
