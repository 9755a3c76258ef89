//! Which crate may know which: the dependency diagram, as data.

use std::collections::BTreeSet;

use crate::findings::Findings;
use crate::manifest::{Member, Need, members};
use crate::project::rust_files;
use crate::source::code_of;

/// A crate of ours and the crates of ours that it knows.
struct Arrows {
    name: &'static str,
    knows: &'static [&'static str],
    /// What only its tests know besides.
    tests_know: &'static [&'static str],
}

/// Every crate and every arrow. A crate below may know crates above it, never the other way round.
const ARROWS: &[Arrows] = &[
    Arrows { name: "model", knows: &[], tests_know: &[] },
    // The engine's tests see the engine itself, with the switches that break its protections.
    Arrows { name: "engine", knows: &["model"], tests_know: &["engine"] },
    Arrows { name: "events", knows: &["engine", "model"], tests_know: &[] },
    // The store sits its exam over the embedded engine, which the local mode brings.
    Arrows { name: "store", knows: &["engine", "model"], tests_know: &["local"] },
    Arrows { name: "artifacts", knows: &[], tests_know: &[] },
    Arrows { name: "providers", knows: &["model"], tests_know: &[] },
    Arrows { name: "protocol", knows: &["model"], tests_know: &[] },
    // The ready policies are held against the list of operations.
    Arrows { name: "access", knows: &["model"], tests_know: &["protocol"] },
    Arrows { name: "webhooks", knows: &[], tests_know: &[] },
    Arrows { name: "cloudformation", knows: &[], tests_know: &["model"] },
    Arrows { name: "appspec", knows: &[], tests_know: &[] },
    Arrows { name: "buildspec", knows: &["artifacts"], tests_know: &[] },
    Arrows {
        name: "executors",
        knows: &["appspec", "artifacts", "buildspec", "model", "providers"],
        tests_know: &[],
    },
    // AWS's systems sit beside the executors: the same jobs, done elsewhere.
    Arrows {
        name: "systems",
        knows: &["artifacts", "model", "providers", "transport"],
        tests_know: &[],
    },
    Arrows { name: "transport", knows: &[], tests_know: &[] },
    Arrows { name: "notifications", knows: &["model"], tests_know: &[] },
    Arrows {
        name: "runtime",
        knows: &["engine", "events", "model", "providers", "store"],
        tests_know: &["local"],
    },
    Arrows {
        name: "cloud",
        knows: &[
            "engine",
            "events",
            "model",
            "notifications",
            "providers",
            "runtime",
            "store",
            "transport",
        ],
        tests_know: &["local"],
    },
    // The past is read where it was written: over the embedded engine.
    Arrows {
        name: "history",
        knows: &["engine", "model", "providers", "runtime", "store"],
        tests_know: &["local"],
    },
    Arrows {
        name: "api",
        knows: &[
            "access", "engine", "history", "model", "protocol", "runtime", "store", "webhooks",
        ],
        tests_know: &["local", "providers"],
    },
    Arrows {
        name: "server",
        knows: &["access", "api", "artifacts", "model", "protocol"],
        tests_know: &["history", "local", "providers", "runtime", "store"],
    },
    Arrows {
        name: "local",
        knows: &["engine", "events", "executors", "model", "providers", "runtime", "store"],
        tests_know: &[],
    },
    Arrows {
        name: "towpath",
        knows: &[
            "access",
            "api",
            "artifacts",
            "cloudformation",
            "engine",
            "executors",
            "history",
            "local",
            "model",
            "runtime",
            "server",
            "store",
        ],
        tests_know: &[],
    },
    Arrows {
        name: "gateway",
        knows: &[
            "access",
            "api",
            "cloud",
            "engine",
            "history",
            "model",
            "protocol",
            "runtime",
            "store",
            "transport",
        ],
        tests_know: &["local", "providers"],
    },
    // What only the two functions know that talk to providers.
    Arrows {
        name: "actions",
        knows: &["cloud", "providers", "runtime", "systems"],
        tests_know: &[],
    },
    // A function knows its home and nothing behind it.
    Arrows { name: "function-action-completion", knows: &["actions", "cloud"], tests_know: &[] },
    Arrows { name: "function-api", knows: &["cloud", "gateway"], tests_know: &[] },
    Arrows { name: "function-deliver", knows: &["cloud"], tests_know: &[] },
    Arrows { name: "function-notify", knows: &["cloud"], tests_know: &[] },
    Arrows { name: "function-publish", knows: &["cloud"], tests_know: &[] },
    Arrows { name: "function-source-change", knows: &["cloud"], tests_know: &[] },
    Arrows { name: "function-start-action", knows: &["actions", "cloud"], tests_know: &[] },
    Arrows { name: "function-sweep", knows: &["cloud"], tests_know: &[] },
    Arrows { name: "function-webhook", knows: &["cloud", "gateway"], tests_know: &[] },
    Arrows { name: "tests", knows: &[], tests_know: &[] },
    Arrows { name: "bare", knows: &["cloud"], tests_know: &[] },
    Arrows {
        name: "sim",
        knows: &["engine", "events", "model", "providers", "runtime", "store"],
        tests_know: &["local"],
    },
    Arrows {
        name: "bench",
        knows: &["engine", "local", "model", "providers", "runtime", "store"],
        tests_know: &[],
    },
];

/// Packages from outside that only some crates may name. A trailing `*` stands for any ending.
const KEPT: &[(&str, &[&str], &str)] = &[
    (
        "aws-sdk-dynamodb",
        &["store", "local", "sim", "cloud", "towpath"],
        "only the store speaks to AWS's database; its home makes the client, and the doctor looks on",
    ),
    ("lambda_runtime", FUNCTIONS, "only a function knows that it is one"),
    (
        "aws-sdk-s*",
        &["systems", "cloud", "gateway", "bare", "towpath"],
        "what an action asks of AWS is in its system's file, and what we ask for ourselves at home",
    ),
    ("aws-sdk-code*", &["systems", "towpath"], "as above; the command line is a client of the API"),
    ("aws-sdk-cloudformation", &["systems", "towpath"], "as above"),
    ("aws-sdk-lambda", &["systems", "towpath"], "as above"),
    ("aws-sdk-ecr", &["systems"], "as above"),
    ("aws-sdk-eventbridge", &["cloud", "towpath"], "one place puts events onto the bus"),
    ("aws-sdk-codepipeline", &["towpath"], "only the command line is a client of the API"),
    (
        "aws-smithy-*",
        &["store", "local", "sim", "towpath", "systems", "cloud", "gateway", "transport"],
        "the transport is chosen at home, and answers are read as they came",
    ),
    ("cedar-policy", &["access"], "only one crate asks the policies"),
    ("hyper*", &["server", "transport"], "only one machine has a server of its own"),
    ("dynoxide-rs", &["local"], "the embedded engine is one machine's home, not the design"),
    ("notify", &["local"], "only one machine watches files"),
    (
        "ureq",
        &["executors"],
        "an executor is a process of its own and may wait; the rest is asynchronous",
    ),
    (
        "rusty-s3",
        &["executors", "gateway"],
        "the executors of S3 actions sign requests to S3, and the API, which must be small, signs its two",
    ),
    ("clap", &["towpath", "sim", "bench"], "only programs have arguments"),
    ("crossterm", &["towpath"], "only the terminal view knows terminals"),
    ("anyhow", &["tests", "sim", "bench"], "a library's callers choose by its own `Error`"),
];

/// The functions, and what they are measured against.
const FUNCTIONS: &[&str] = &[
    "function-action-completion",
    "function-api",
    "function-deliver",
    "function-notify",
    "function-publish",
    "function-source-change",
    "function-start-action",
    "function-sweep",
    "function-webhook",
    "bare",
];

/// Crates that are handed what they need: no runtime, no terminal, no process, no clock.
const QUIET: &[&str] = &["model", "engine", "events", "cloudformation", "notifications"];

/// Where the engine's switches are kept while its tests throw them; never part of the product.
const SWITCHES: &str = "shared/engine/src/protection/sabotage.rs";

/// What quiet crates do without.
const LOUD: &[&str] = &["tokio", "rustix", "tracing", "cap-std", "walkdir", "async-trait"];

#[test]
fn crates_know_only_the_crates_that_the_diagram_lets_them_know() {
    let members = members();
    let mut findings = Findings::default();
    for member in &members {
        check_arrows(&mut findings, member, &members);
    }
    for arrows in ARROWS {
        let is_there = members.iter().any(|member| member.name == arrows.name);
        let sentence = "is in the table and not in the tree: take the line out";
        findings.add_if(
            !is_there,
            format!("ARROWS in tests/tests/tidy/arrows.rs: {}", arrows.name),
            sentence,
        );
    }
    findings.conclude();
}

fn check_arrows(findings: &mut Findings, member: &Member, members: &[Member]) {
    let Some(arrows) = ARROWS.iter().find(|arrows| arrows.name == member.name) else {
        let sentence = "is a new crate: say which crates it knows, as a line of ARROWS in \
            tests/tests/tidy/arrows.rs, and add it to the code map in docs/architecture.md";
        findings.add(member.path(), sentence);
        return;
    };
    let drawn =
        [(Need::Product, "knows", arrows.knows), (Need::Tests, "tests_know", arrows.tests_know)];
    for (need, field, allowed) in drawn {
        let dependencies = member.dependencies().into_iter();
        let known: BTreeSet<&str> = dependencies
            .filter(|(name, of, _)| {
                *of == need && members.iter().any(|member| member.name == *name)
            })
            .map(|(name, _, _)| name)
            .collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        for name in known.difference(&allowed) {
            let sentence = format!(
                "`{}` must not know `{name}`: turn the arrow round, or argue for it in `{field}` of its \
                 line of ARROWS in tests/tests/tidy/arrows.rs",
                member.name
            );
            findings.add(member.path(), sentence);
        }
        for name in allowed.difference(&known) {
            let sentence = format!(
                "`{}` does not know `{name}` any more: take it out of `{field}` of its line of ARROWS \
                 in tests/tests/tidy/arrows.rs",
                member.name
            );
            findings.add(member.path(), sentence);
        }
    }
}

#[test]
fn packages_from_outside_stay_behind_the_crate_that_is_made_for_them() {
    let mut findings = Findings::default();
    for member in members() {
        for (name, need, _) in member.dependencies() {
            for (pattern, keepers, reason) in KEPT {
                // Tests may look behind any crate.
                let is_product = need == Need::Product;
                let is_keeper = keepers.contains(&member.name.as_str());
                let is_kept = is_product && !is_keeper && is_like(name, pattern);
                let sentence = format!(
                    "`{name}` belongs to {} ({reason}); if that changed, say so in KEPT in \
                     tests/tests/tidy/arrows.rs",
                    keepers.join(", ")
                );
                findings.add_if(is_kept, member.path(), sentence);
            }
            let is_loud = need == Need::Product && LOUD.contains(&name);
            let sentence =
                format!("`{name}` has no place in a crate that is handed all it needs (QUIET)");
            findings.add_if(
                is_loud && QUIET.contains(&member.name.as_str()),
                member.path(),
                sentence,
            );
        }
    }
    findings.conclude();
}

fn is_like(name: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start))
}

/// A clock or an environment read in the decider is then an unresolved name, not a review comment.
#[test]
fn the_engine_is_made_without_the_standard_library() {
    let mut findings = Findings::default();
    let engine = members().into_iter().find(|member| member.name == "engine");
    let engine = engine.expect("there is an engine");
    let of_others = |name: &str| !["model", "uuid"].contains(&name);
    for (name, need, _) in engine.dependencies() {
        let sentence =
            format!("the engine stands on `model` and `uuid` alone, and `{name}` is neither");
        findings.add_if(need == Need::Product && of_others(name), engine.path(), sentence);
    }
    for file in rust_files().iter().filter(|file| file.path.starts_with("shared/engine/src/")) {
        let code = code_of(file.text());
        let is_root = file.path == "shared/engine/src/lib.rs";
        findings.add_if(
            is_root && !code.contains("#![no_std]"),
            &file.path,
            "must say `#![no_std]`",
        );
        for (line, text) in (1..).zip(code.lines()) {
            let place = format!("{}:{line}", file.path);
            let brings = text.contains("extern crate std") && file.path != SWITCHES;
            findings.add_if(brings, place, "brings the clock back in: use `alloc`");
        }
    }
    findings.conclude();
}

#[test]
fn a_new_crate_and_a_new_arrow_are_told_where_to_go() {
    let member = |name: &str, dependencies: &str| Member {
        name: name.to_owned(),
        directory: format!("shared/{name}"),
        table: format!("[dependencies]\n{dependencies}").parse().expect("TOML"),
    };
    let members =
        [member("model", "store.workspace = true"), member("store", ""), member("new", "")];
    let mut findings = Findings::default();
    for member in &members {
        check_arrows(&mut findings, member, &members);
    }
    assert!(findings.has("shared/model/Cargo.toml: `model` must not know `store`"));
    assert!(findings.has("shared/new/Cargo.toml: is a new crate"));
}
