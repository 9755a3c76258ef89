//! The file of events: whole lines, gap-free numbers, one ending for each execution.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::{World, approve, build, pipeline};

/// Checks a file of events, and returns how many executions it tells of.
#[track_caller]
pub(crate) fn check(text: &str) -> usize {
    assert!(text.ends_with('\n'), "the last line is whole");
    let mut executions: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["source"], "towpath");
        let id = event["detail"]["execution-id"].as_str().unwrap().to_owned();
        executions.entry(id).or_default().push(event);
    }
    for (id, events) in &executions {
        let numbers: Vec<_> =
            events.iter().map(|event| event["towpath"]["sequence"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>(), "{id}");
        let last = events.last().unwrap();
        assert_eq!(last["detail-type"], "CodePipeline Pipeline Execution State Change");
    }
    executions.len()
}

#[test]
fn every_mode_writes_every_event_once() {
    for mode in ["SUPERSEDED", "QUEUED", "PARALLEL"] {
        let world = World::new("true");
        world.pipeline("web.json", &pipeline(mode, &[approve(), build()]));
        let words = "run web.json --repository app=app --data data --once --events events.jsonl";
        world.towpath(words).expect(3);
        world.towpath(&format!("{words} --yes")).expect(0);
        world.towpath(&format!("{words} --yes")).expect(0);
        assert_eq!(check(&world.read("events.jsonl")), 2, "{mode}");
    }
}

#[test]
fn a_file_that_begins_later_tells_everything_from_the_start() {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let words = "run web.json --repository app=app --data data --once";
    world.towpath(words).expect(0);
    world.towpath(&format!("{words} --events events.jsonl")).expect(0);
    assert_eq!(check(&world.read("events.jsonl")), 2);
}
