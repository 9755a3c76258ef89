//! The rules of the contract that an engine can keep, and where each is shown.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Rules of R1–R59 and R79–R95 that are not the engine's, and whose they are.
const ELSEWHERE: &[(u32, &str)] = &[
    (8, "providers: a source brings exactly the revision that the event named"),
    (32, "runtime: references are resolved when the action's job is made"),
    (58, "comes with conditions and rollback (R60–R78)"),
    (89, "an extension of the contract's, off by default; not built"),
    (91, "store: how long records are kept"),
    (94, "events: metrics are counted from what is announced"),
    (95, "api: the audit of calls"),
];

/// Reads the rules that the comments above the scenarios cite.
fn cited() -> BTreeSet<u32> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let files = fs::read_dir(&folder).expect("the scenarios' folder");
    let texts = files.map(|file| fs::read_to_string(file.expect("a file").path()).expect("text"));
    let mut rules = BTreeSet::new();
    for text in texts {
        let comments = text.lines().filter_map(|line| line.strip_prefix("/// "));
        let cited = comments.filter_map(|comment| comment.split(':').next());
        let words = cited.flat_map(|words| words.split([',', ' ']));
        rules.extend(words.filter_map(|word| word.strip_prefix('R')?.parse::<u32>().ok()));
    }
    rules
}

#[test]
fn every_rule_that_the_engine_keeps_has_a_scenario() {
    let cited = cited();
    let elsewhere: BTreeSet<u32> = ELSEWHERE.iter().map(|(rule, _)| *rule).collect();
    let all = (1..=59).chain(79..=95);
    let missing: Vec<u32> =
        all.filter(|rule| !cited.contains(rule) && !elsewhere.contains(rule)).collect();
    assert!(missing.is_empty(), "no scenario cites {missing:?}; write one, or say whose they are");
}

#[test]
fn no_rule_is_said_to_be_kept_elsewhere_and_here() {
    let cited = cited();
    let both: Vec<_> = ELSEWHERE.iter().filter(|(rule, _)| cited.contains(rule)).collect();
    assert!(both.is_empty(), "{both:?}");
}
