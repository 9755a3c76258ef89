//! Records survive being written down, whatever is in them.

mod dice;

use engine::Change;
use engine::state::{Done, Inbound, Run};
use model::status::{ExecutionMode, StageStatus};
use model::time::Timestamp;
use serde_json::Value;

use self::dice::Dice;
use super::Record;
use crate::error::Error;
use crate::item::{number, text};
use crate::keys::LogKey;

/// How many different records are tried.
const CASES: u64 = 2_000;
/// How many kinds of changes there are.
const PIPELINE_KINDS: u64 = 8;
const EXECUTION_KINDS: u64 = 22;

fn web() -> LogKey {
    LogKey::Pipeline("web".into())
}

#[test]
fn every_record_survives() {
    for seed in 0..CASES {
        let record = Dice(seed).whole_record();
        let read = Record::from_item(&record.to_item(&web())).unwrap();
        assert_eq!(read, record, "seed {seed}");
    }
}

#[test]
fn every_kind_of_change_survives() {
    let mut dice = Dice(7);
    let mut record = dice.whole_record();
    record.changes.clear();
    for kind in 0..PIPELINE_KINDS {
        record.changes.push(Change::Pipeline(dice.pipeline_change(kind)));
    }
    let (id, number) = dice.subject();
    for (kind, announced) in (0..EXECUTION_KINDS).zip(1..) {
        let change = dice.execution_change(kind);
        record.changes.push(Change::Execution { id, number, announced, change });
    }
    assert_eq!(Record::from_item(&record.to_item(&web())).unwrap(), record);
}

#[test]
fn damaged_texts_are_refused_and_nothing_panics() {
    let mut refused = 0;
    for seed in 0..CASES {
        let mut dice = Dice(seed);
        let mut item = dice.whole_record().to_item(&web());
        let name = dice.of(&["state", "changes"]);
        let whole = item[name].as_s().unwrap().clone();
        let mut characters: Vec<char> = whole.chars().collect();
        let place = usize::try_from(dice.below(characters.len() as u64)).unwrap();
        match dice.below(3) {
            0 => characters.truncate(place),
            1 => drop(characters.remove(place)),
            _ => characters[place] = dice.of(&['9', '"', '}', '*', '@', 'é']),
        }
        item.insert(name.to_owned(), text(characters.into_iter().collect::<String>()));
        if let Err(error) = Record::from_item(&item) {
            let message = error.to_string();
            assert!(message.contains("PIPELINE#web") && message.contains(name), "{message}");
            refused += 1;
        }
    }
    assert!(refused > CASES / 2, "{refused}");
}

#[test]
fn a_missing_attribute_and_a_wrong_one_are_named() {
    let whole = Dice(3).whole_record().to_item(&web());
    for name in ["v", "at", "turn", "input", "changes", "state"] {
        let mut item = whole.clone();
        item.remove(name);
        let message = Record::from_item(&item).unwrap_err().to_string();
        assert!(message.contains(&format!("no `{name}`")), "{message}");
        let wrong =
            if item.contains_key("state") && name != "input" { text("x") } else { number(1) };
        item.insert(name.to_owned(), wrong);
        let message = Record::from_item(&item).unwrap_err().to_string();
        assert!(message.contains(&format!("`{name}`")), "{message}");
    }
}

#[test]
fn a_record_of_a_later_version_is_refused_with_the_way_out() {
    let mut item = Dice(3).whole_record().to_item(&web());
    item.insert("v".to_owned(), number(2));
    let error = Record::from_item(&item).unwrap_err();
    assert!(matches!(error, Error::NewerSchema { version: 2, known: 1, .. }));
    assert!(error.to_string().contains("use the version of Towpath that wrote it"), "{error}");
}

#[test]
fn members_that_a_later_version_adds_are_passed_over() {
    for seed in 0..100 {
        let record = Dice(seed).whole_record();
        let mut item = record.to_item(&web());
        item.insert("later".to_owned(), text("new"));
        for name in ["state", "changes"] {
            let mut value = serde_json::from_str(item[name].as_s().unwrap()).unwrap();
            add_members("", &mut value);
            item.insert(name.to_owned(), text(value.to_string()));
        }
        assert_eq!(Record::from_item(&item).unwrap(), record, "seed {seed}");
    }
}

/// Adds a member to every object that may get some: all but stages and variables, whose members are
/// entries, and the change itself, whose one member says which it is.
fn add_members(key: &str, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| add_members("", item)),
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                add_members(key, member);
            }
            if !["s", "v", "variables", "c", "p"].contains(&key) {
                members.insert("later".to_owned(), serde_json::json!([1, { "more": null }]));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A row as the first version wrote it. It lies in people's tables: what reads it may change, this
/// text may not.
#[test]
fn a_row_of_the_first_version_stays_readable() {
    let mut item = crate::item::row("PIPELINE#web", "LOG#000000000004");
    item.insert("at".to_owned(), number(1_790_000_004_936_i64));
    item.insert("turn".to_owned(), number(4_611_686_026_387_904_571_u64));
    item.insert("input".to_owned(), text("report bbe9fb90-df24-5307-a978-6f9face8b6c3"));
    item.insert(
        "state".to_owned(),
        text(concat!(
            r#"{"i":["ABmfOkW2xwAIAAAAAAAAIA#2","ABmfOkW2xwAIAAAAAAAAEA#1"],"d":[{"r":1,"v":1}],"#,
            r#""k":"AAAATQAAAAAAAAAAAAAAAA","n":2,"s":{"Build":{"o":1,"l":{"i":1}},"#,
            r#""Source":{"o":0,"l":{}},"Test":{"x":{"t":36,"b":"alice","r":"holiday"}}},"#,
            r#""e":[{"i":1,"t":2468,"r":2,"c":8,"s":1,"u":"r@0*2","o":"2"},"#,
            r#"{"t":1234,"r":3,"c":3,"u":"r@0"}]}"#,
        )),
    );
    item.insert(
        "changes".to_owned(),
        text(concat!(
            r#"{"c":[{"x":1,"a":4,"c":{"done":{"s":"Source","n":"Checkout"}}},"#,
            r#"{"x":1,"c":{"left":"Source"}},{"x":1,"c":{"entered":"Build"}},"#,
            r#"{"x":1,"c":{"run":{"s":"Build","n":["Compile","UnitTest"]}}},"#,
            r#"{"a":2,"c":{"entered":"Source"}},{"c":{"run":{"s":"Source","n":["Checkout"]}}}]}"#,
        )),
    );
    let record = Record::from_item(&item).unwrap();
    let name = "web".into();
    let lines: Vec<_> =
        record.changes.iter().map(|change| change.line(&name).to_string()).collect();
    expect_test::expect![[r"
        web #1    ✓ succeeded      Source/Checkout
        web #1    left             Source
        web #1    entered          Build
        web #1    → run            Build/Compile     attempt 1
        web #1    → run            Build/UnitTest    attempt 1
        web #2    entered          Source
        web #2    → run            Source/Checkout   attempt 1"]]
    .assert_eq(&lines.join("\n"));
    let state = &record.state;
    let inside = state.stages["Build"].occupant.unwrap();
    let execution = &state.executions[&inside];
    let done = Done { attempt: 1, record: 4 };
    let running = Run::InProgress { attempt: 1, since: record.at };
    assert_eq!((execution.number, execution.stage, execution.announced), (1, 1, 8));
    assert_eq!((&execution.runs, &execution.results), (&vec![running; 2], &vec![vec![done]]));
    assert_eq!(execution.started_at, Timestamp::from_millis(1_790_000_002_468));
    assert_eq!(state.definition, Some(execution.definition));
    assert_eq!(execution.definition.mode, ExecutionMode::Superseded);
    assert_eq!(state.last_execution, state.stages["Source"].occupant);
    let latest = state.stages["Build"].latest.as_ref().unwrap();
    assert_eq!((latest.execution, latest.status), (inside, StageStatus::InProgress));
    assert!(matches!(&state.stages["Test"].inbound, Inbound::Disabled { by, .. } if by == "alice"));
    assert_eq!(Record::from_item(&record.to_item(&web())).unwrap(), record);
}
