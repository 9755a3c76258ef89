//! The licences, packages and sources that `deny.toml` lets in, held without `cargo deny`.
//!
//! Where `cargo deny` is installed, `tests/run` asks it as well; the two read the same lists.

mod licence;
mod packages;

use toml::Value;

use crate::deny::licence::is_allowed;
use crate::deny::packages::{Package, packages};
use crate::findings::Findings;
use crate::manifest::read;

#[test]
fn every_package_from_outside_has_a_licence_that_is_let_in() {
    let deny = read("deny.toml");
    let licences = deny.get("licenses").expect("deny.toml has [licenses]");
    let mut findings = Findings::default();
    for package in packages(&targets()).iter().filter(|package| package.source.is_some()) {
        let mut allowed = strings(licences, "allow");
        for exception in entries(licences, "exceptions") {
            if string(exception, "crate") == package.name {
                allowed.extend(strings(exception, "allow"));
            }
        }
        let licence = package.licence.as_deref().unwrap_or("none that it names");
        let is_let_in = is_allowed(licence, &|name| allowed.contains(&name));
        let sentence = format!(
            "its licence is {licence}: do without it, or argue for the licence in deny.toml, [licenses]"
        );
        findings.add_if(!is_let_in, package, sentence);
    }
    findings.conclude();
}

#[test]
fn no_package_comes_in_that_is_banned() {
    let deny = read("deny.toml");
    let bans = deny.get("bans").expect("deny.toml has [bans]");
    let mut findings = Findings::default();
    for package in packages(&targets()) {
        for ban in entries(bans, "deny") {
            let (name, wrappers) = (string(ban, "crate"), strings(ban, "wrappers"));
            let brings = package.uses.iter().any(|used| used == name);
            let is_let = package.source.is_some() && wrappers.contains(&package.name.as_str());
            let sentence =
                format!("brings `{name}`, which deny.toml bans: {}", string(ban, "reason"));
            findings.add_if(brings && !is_let, &package, sentence);
        }
    }
    findings.conclude();
}

#[test]
fn two_versions_of_one_package_are_named_with_who_holds_them_back() {
    let deny = read("deny.toml");
    let bans = deny.get("bans").expect("deny.toml has [bans]");
    let skipped: Vec<&str> = entries(bans, "skip").map(|skip| string(skip, "crate")).collect();
    let packages = packages(&targets());
    let mut findings = Findings::default();
    for package in &packages {
        let others = packages.iter().filter(|other| other.name == package.name);
        let newest = others.map(Package::number).max().unwrap_or_default();
        let is_skipped = skipped.iter().any(|skip| package.is(skip));
        let sentence = "is older than another version of it that we also build: settle on one, or name \
            it in deny.toml, [bans] skip, with who holds it back";
        findings.add_if(package.number() < newest && !is_skipped, package, sentence);
    }
    for skip in skipped {
        let is_there = packages.iter().any(|package| package.is(skip));
        findings.add_if(
            !is_there,
            "deny.toml",
            format!("`{skip}` in [bans] skip is gone: take it out"),
        );
    }
    findings.conclude();
}

/// Every package comes from a registry, and all of them from the same one.
#[test]
fn every_package_comes_from_one_registry() {
    let mut findings = Findings::default();
    let packages = packages(&targets());
    let registry = packages.iter().find_map(|package| package.source.as_deref());
    for package in &packages {
        let Some(source) = package.source.as_deref() else { continue };
        let is_elsewhere = !source.starts_with("registry+") || Some(source) != registry;
        findings.add_if(is_elsewhere, package, format!("comes from {source}"));
    }
    findings.conclude();
}

/// The machines that packages are looked at for.
fn targets() -> Vec<String> {
    let deny = read("deny.toml");
    let graph = deny.get("graph").expect("deny.toml has [graph]");
    strings(graph, "targets").into_iter().map(str::to_owned).collect()
}

fn entries<'table>(table: &'table Value, key: &str) -> impl Iterator<Item = &'table Value> {
    table.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn strings<'table>(table: &'table Value, key: &str) -> Vec<&'table str> {
    entries(table, key).filter_map(Value::as_str).collect()
}

fn string<'table>(table: &'table Value, key: &str) -> &'table str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn a_version_is_meant_by_its_beginning() {
    let package = Package {
        name: "syn".to_owned(),
        version: "2.0.119".to_owned(),
        licence: None,
        source: None,
        uses: Vec::new(),
    };
    assert!(package.is("syn@2") && package.is("syn@2.0") && package.is("syn@2.0.119"));
    assert!(!package.is("syn@20") && !package.is("syn") && !package.is("quote@2"));
}
