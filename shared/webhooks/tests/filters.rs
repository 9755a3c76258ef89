//! Whether a message is meant for a webhook (W3).

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use webhooks::Filters;
use webhooks::filters::{Configuration, Rule};

fn configuration() -> Configuration {
    let values = [
        ("Owner", "octo"),
        ("Repo", "app"),
        ("Branch", "main"),
        ("Odd Key", "odd"),
        ("Tricky", "{Owner}"),
    ];
    let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let secret_keys = BTreeSet::from(["OAuthToken".to_owned()]);
    Configuration { values: BTreeMap::from(values), secret_keys }
}

fn rule(json_path: &str, match_equals: Option<&str>) -> Rule {
    Rule { json_path: json_path.to_owned(), match_equals: match_equals.map(str::to_owned) }
}

fn compile(json_path: &str, match_equals: Option<&str>) -> Result<Filters, String> {
    let compiled = Filters::compile(&[rule(json_path, match_equals)], &configuration());
    compiled.map_err(|invalid| invalid.to_string())
}

fn is_met(json_path: &str, match_equals: Option<&str>, payload: &Value) -> bool {
    compile(json_path, match_equals).unwrap().mismatch(payload).is_none()
}

fn push() -> Value {
    json!({
        "ref": "refs/heads/main",
        "action": "opened",
        "number": 7,
        "size": 1.5,
        "deleted": false,
        "base_ref": null,
        "head-commit": {"id": "abc", "x y": 1, "it's": "quoted", "a\\b": "slash"},
        "repository": {"full_name": "octo/app", "owner": {"name": "octo"}},
        "labels": [{"name": "release", "weight": 3}, {"name": "docs", "weight": 1}],
        "push": {"changes": [{"new": {"name": "main", "type": "branch"}}]}
    })
}

#[test]
fn paths_that_people_write_are_understood() {
    let met = [
        ("$.ref", Some("refs/heads/main")),
        ("$.ref", None),
        ("$['ref']", Some("refs/heads/main")),
        ("$[\"ref\"]", Some("refs/heads/main")),
        ("  $.ref  ", Some("refs/heads/main")),
        ("ref", Some("refs/heads/main")),
        ("repository.full_name", Some("octo/app")),
        ("@.ref", Some("refs/heads/main")),
        ("['ref']", Some("refs/heads/main")),
        ("$.['ref']", Some("refs/heads/main")),
        ("$.number", Some("7")),
        ("$.size", Some("1.5")),
        ("$.deleted", Some("false")),
        ("$.base_ref", Some("null")),
        ("$.base_ref", None),
        ("$.head-commit.id", Some("abc")),
        ("$['head-commit']['x y']", Some("1")),
        ("$['head-commit']['it\\'s']", Some("quoted")),
        ("$.head-commit.a\\b", Some("slash")),
        ("$.push.changes[0].new.name", Some("{Branch}")),
        ("$.push.changes[-1].new.type", Some("branch")),
        ("$.push.changes[*].new.name", Some("main")),
        ("$.push.changes[0:1].new.name", Some("main")),
        ("$..full_name", Some("octo/app")),
        ("$..['full_name']", Some("octo/app")),
        ("$..*", Some("octo/app")),
        ("$.*", Some("opened")),
        ("$['ref','action']", Some("opened")),
        ("$.labels[?(@.name=='release')]", None),
        ("$.labels[?(@.name == 'release')].weight", Some("3")),
        ("$.labels[?(@.weight > 1 && @.name != 'docs')]", None),
        ("$.labels[?(@.weight >= 3 || !(@.name))].name", Some("release")),
        ("$.labels[?(@['name'] == \"docs\")].weight", Some("1")),
        ("$.labels[?@.name == 'release']", None),
        ("$.labels[?(@.name)]", None),
        ("$.labels[?(@.weight == $.labels[0].weight)].name", Some("release")),
        ("$..labels[?(@.name=='docs')].weight", Some("1")),
        ("$[?(@.full_name == 'octo/app')].owner.name", Some("{Owner}")),
    ];
    for (path, equals) in met {
        assert!(is_met(path, equals, &push()), "{path} {equals:?}");
    }
    let unmet = [
        ("$.ref", Some("refs/heads/mai")),
        ("$.ref", Some("refs/heads/main ")),
        ("$.ref", Some("REFS/HEADS/MAIN")),
        ("$.missing", None),
        ("$.ref.deeper", None),
        ("$.labels", Some("release")),
        ("$.labels[2]", None),
        ("$.repository", Some("octo/app")),
        ("$.labels[?(@.name=='other')]", None),
        ("$.push.changes[0].new.name", Some("{Repo}")),
    ];
    for (path, equals) in unmet {
        assert!(!is_met(path, equals, &push()), "{path} {equals:?}");
    }
}

#[test]
fn what_is_no_path_says_why() {
    let refused = [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("$.", "a dot is followed by no name"),
        ("$.a.", "a dot is followed by no name"),
        ("$..", "a dot is followed by no name"),
        ("$.a..b..c", "more than one `..`"),
        ("$.a[", "a bracket is not closed"),
        ("$.a[]", "is not a JSONPath"),
        ("$.a[0", "a bracket is not closed"),
        ("$.a['b]", "a text is not closed"),
        ("$.a[01]", "is not a JSONPath"),
        ("$.a]", "does not continue a path"),
        ("$ .a", "does not continue a path"),
        ("$a", "does not continue a path"),
        ("$.a.length()", "calls the function length"),
        ("$.a[(@.length-1)]", "a script in brackets"),
        ("$.a[?(@.b =~ /x/)]", "regular expression"),
        ("$.a[?(@.b in ['x'])]", "\"in\" cannot stand in a filter"),
        ("$.a[?(@.b[?(@.c)])]", "a filter in a filter"),
        ("$.a[?(@.b == $..c)]", "must lead to one place"),
        ("$.a[?(@.b == $.c[*])]", "must lead to one place"),
        ("$.a[?(length(@.b) > 1)]", "\"length\" cannot stand in a filter"),
        ("$[0,0,0][0,0,0]", "more than 8 alternatives"),
        ("$.a[?(@.b", "a bracket is not closed"),
        ("$.a[?(@.b == )]", "is not a JSONPath"),
        ("$.a[?()]", "is not a JSONPath"),
    ];
    for (path, says) in refused {
        let sentence = compile(path, None).expect_err(path);
        assert!(sentence.contains(says), "{path}: {sentence}");
        assert!(sentence.starts_with("filters[0].jsonPath: "), "{sentence}");
    }
}

#[test]
fn placeholders_take_the_target_actions_configuration() {
    let filters = compile("$.ref", Some("refs/heads/{Branch}")).unwrap();
    assert!(filters.expects("refs/heads/main"));
    let filled = [
        ("{Owner}/{Repo}", "octo/app"),
        ("{Odd Key}", "odd"),
        ("plain", "plain"),
        ("{", "{"),
        ("}", "}"),
        ("{}", "{}"),
        ("{{Branch}}", "{main}"),
        ("{\"a\":1}", "{\"a\":1}"),
        // What is put in is not looked at again.
        ("{Tricky}", "{Owner}"),
        ("{Branch", "{Branch"),
        ("é{Branch}é", "émainé"),
    ];
    for (written, wanted) in filled {
        assert!(compile("$.ref", Some(written)).unwrap().expects(wanted), "{written}");
    }
    let unknown = compile("$.ref", Some("refs/heads/{BranchName}")).unwrap_err();
    assert!(unknown.starts_with("filters[0].matchEquals: "), "{unknown}");
    assert!(unknown.contains("has no BranchName"), "{unknown}");
    assert!(unknown.contains("{Branch}"), "{unknown}");
    let secret = compile("$.token", Some("{OAuthToken}")).unwrap_err();
    assert!(secret.contains("is a secret"), "{secret}");
}

#[test]
fn all_filters_must_match_and_none_is_no_filter() {
    let filters = |rules: &[Rule]| Filters::compile(rules, &configuration()).unwrap();
    let (right, wrong) = (rule("$.ref", Some("refs/heads/{Branch}")), rule("$.nowhere", None));
    assert_eq!(filters(&[]).mismatch(&push()), None);
    assert_eq!(filters(&[right.clone(), right.clone()]).mismatch(&push()), None);
    let mismatch = filters(&[right, wrong]).mismatch(&push()).unwrap();
    assert_eq!(mismatch.to_string(), "filter 2 ($.nowhere) does not match");
}

#[test]
fn asking_a_hostile_message_takes_time_that_its_size_bounds() {
    // A mebibyte of the smallest values, 31 deep: nothing that compiles may explode on it.
    let mut wide = vec![json!({"a": {"a": [1]}}); 40_000];
    wide.push((0..30).fold(json!(1), |inner, _| json!([inner])));
    let payload = json!({"a": wide, "b": push()});
    let paths = [
        "$..*",
        "$..[*,*,*,*,*,*,*,*]",
        "$..[?(@.*)]",
        "$..[?(@.a == 1 || @.b == 1 || @.c == 1 || @.d == 1)]",
        "$.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*",
        "$.a[?(@.a.a[0] == $.b.number)]",
        "$[0,-1][0,-1][0,-1]",
    ];
    for path in paths {
        let filters = compile(path, Some("nothing equals this")).unwrap();
        let started = std::time::Instant::now();
        assert!(filters.mismatch(&payload).is_some(), "{path}");
        assert!(started.elapsed().as_secs() < 5, "{path} took {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_path_panic(text in "\\PC{0,60}") {
        let _ = compile(&text, Some(&text));
    }

    #[test]
    fn nothing_made_of_paths_pieces_panics(
        pieces in proptest::collection::vec(
            prop::sample::select(vec![
                "$", "@", ".", "..", "*", "[", "]", "'", "\"", "a", "0", "-1", ":", ",", "?", "(",
                ")", "==", "=~", "&&", " ", "{", "}", "\\", "é", "true", "1e5",
            ]),
            0..24,
        ),
    ) {
        let text = pieces.concat();
        if let Ok(filters) = compile(&text, None) {
            let _ = filters.mismatch(&push());
        }
    }
}
