//! The manifests of our crates.

use std::fs;

use toml::{Table, Value};

use crate::project::{files, root};

/// The tables of a manifest that hold dependencies, and whether the product needs them.
pub(crate) const DEPENDENCY_TABLES: [(&str, Need); 3] = [
    ("dependencies", Need::Product),
    ("build-dependencies", Need::Product),
    ("dev-dependencies", Need::Tests),
];

/// Who needs a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The crate itself.
    Product,
    /// Only its tests.
    Tests,
}

/// A crate of ours.
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: String,
    /// Its directory, from the root.
    pub(crate) directory: String,
    /// Its manifest.
    pub(crate) table: Table,
}

impl Member {
    /// Where its manifest is, from the root.
    pub(crate) fn path(&self) -> String {
        format!("{}/Cargo.toml", self.directory)
    }

    /// Its dependencies: name, who needs it, and how it is written.
    pub(crate) fn dependencies(&self) -> Vec<(&str, Need, &Value)> {
        let of = |(name, need)| {
            let entries = self.table.get(name).and_then(Value::as_table);
            entries.into_iter().flatten().map(move |(name, value)| (name.as_str(), need, value))
        };
        DEPENDENCY_TABLES.into_iter().flat_map(of).collect()
    }
}

/// Reads a file of the project as TOML.
pub(crate) fn read(path: &str) -> Table {
    let text =
        fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The workspace's manifest.
pub(crate) fn workspace() -> Table {
    let table = read("Cargo.toml");
    let workspace = table.get("workspace").and_then(Value::as_table);
    workspace.expect("the root manifest has a workspace").clone()
}

/// Every crate of ours, in order of directory.
pub(crate) fn members() -> Vec<Member> {
    let member = |path: &str| {
        let table = read(path);
        let name = table.get("package")?.get("name")?.as_str()?.to_owned();
        let directory = path.strip_suffix("/Cargo.toml")?.to_owned();
        Some(Member { name, directory, table })
    };
    let manifests = files().into_iter().filter(|file| file.name() == "Cargo.toml");
    manifests.filter_map(|file| member(&file.path)).collect()
}
