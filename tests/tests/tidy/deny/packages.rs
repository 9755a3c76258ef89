//! The packages that we build, as `cargo metadata` tells.

use std::collections::BTreeMap;
use std::fmt;
use std::process::Command;

use serde_json::Value;

use crate::project::root;

/// A package, ours or from outside.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Its licence, as it says it.
    pub(crate) licence: Option<String>,
    /// Where it comes from; `None` if it is ours.
    pub(crate) source: Option<String>,
    /// The names of the packages that it uses.
    pub(crate) uses: Vec<String>,
}

impl Package {
    /// Its version as numbers, to compare.
    pub(crate) fn number(&self) -> Vec<u64> {
        let release = self.version.split(['-', '+']).next().unwrap_or_default();
        release.split('.').map(|part| part.parse().unwrap_or_default()).collect()
    }

    /// Says whether `name@beginning-of-version` means it.
    pub(crate) fn is(&self, specification: &str) -> bool {
        let Some((name, version)) = specification.split_once('@') else { return false };
        let rest = self.version.strip_prefix(version);
        self.name == name && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl fmt::Display for Package {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.name, self.version)
    }
}

/// Every package that is built for one of `targets`, by us or by our tests.
pub(crate) fn packages(targets: &[String]) -> Vec<Package> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked"]).current_dir(root());
    for target in targets {
        cargo.args(["--filter-platform", target]);
    }
    let output = cargo.output().expect("cargo can be run");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {complaint}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");

    let mut packages: BTreeMap<&str, Package> = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let text = |key: &str| package[key].as_str().map(str::to_owned);
        let (Some(id), Some(name), Some(version)) =
            (package["id"].as_str(), text("name"), text("version"))
        else {
            continue;
        };
        let (licence, source) = (text("license"), text("source"));
        packages.insert(id, Package { name, version, licence, source, uses: Vec::new() });
    }
    let mut built = Vec::new();
    for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
        let ids = node["dependencies"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let uses = ids.filter_map(|id| packages.get(id)).map(|used| used.name.clone()).collect();
        let id = node["id"].as_str().unwrap_or_default();
        if let Some(package) = packages.get_mut(id) {
            package.uses = uses;
            built.push(id);
        }
    }
    built.into_iter().filter_map(|id| packages.remove(id)).collect()
}
