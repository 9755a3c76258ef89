//! Action types that users declare: custom ones through the API (J1 to J3), and partners' ones that are
//! registered where Towpath runs (J23).
//!
//! [`ListedType`] is the form in which both are listed; [`ExecutorForm`] is the form in which partners
//! describe theirs. Both are kept at rest as they stand, so they change only by adding optional members.

mod executor;
mod listed;

use std::collections::BTreeMap;

use super::find;
use crate::declaration::ActionTypeDeclaration;

pub use executor::{ExecutorForm, ExecutorLinks, ExecutorProperty};
pub use listed::{Counts, Links, ListedType, Property};

/// How many custom action types there may be (contract §9).
pub const CUSTOM_TYPES_MAX: usize = 50;

/// An action type that a user declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredType {
    /// What it is.
    pub listed: ListedType,
    /// Whether new work for it is refused. Declarations that name it stay.
    pub is_deleted: bool,
}

/// Every action type that users declared, deleted ones too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredTypes(BTreeMap<String, DeclaredType>);

impl DeclaredTypes {
    /// Returns what is known of a declared type, deleted or not.
    pub fn find(&self, type_id: &ActionTypeDeclaration) -> Option<&DeclaredType> {
        self.0.get(&type_name(type_id))
    }

    /// Returns every declared type, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &DeclaredType> {
        self.0.values()
    }

    /// Returns the names of the types that can be used.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, known)| !known.is_deleted).map(|(name, _)| name.as_str())
    }

    /// Whether the value of a setting must never be shown, whoever defined the type.
    pub fn is_secret(&self, type_id: &ActionTypeDeclaration, key: &str) -> bool {
        let catalogued = find(type_id).and_then(|known| known.setting(key));
        let declared = self.find(type_id).and_then(|known| known.listed.property(key));
        catalogued.is_some_and(|setting| setting.is_secret)
            || declared.is_some_and(|property| property.secret)
    }
}

impl FromIterator<DeclaredType> for DeclaredTypes {
    fn from_iter<I: IntoIterator<Item = DeclaredType>>(types: I) -> Self {
        let named = |known: DeclaredType| (type_name(&known.listed.id), known);
        Self(types.into_iter().map(named).collect())
    }
}

/// Returns a type's name as ARNs and rows have it: `Owner/Category/Provider/Version`.
pub fn type_name(type_id: &ActionTypeDeclaration) -> String {
    let ActionTypeDeclaration { category, owner, provider, version } = type_id;
    format!("{owner}/{category}/{provider}/{version}")
}
