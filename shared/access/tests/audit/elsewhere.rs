//! Records that go to a log which is not ours.

use std::io;
use std::sync::{Arc, Mutex};

use access::audit::{Audit, Lines};
use serde_json::Value;

use crate::log::{Example, MORNING};

#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl Lines for Kept {
    fn put(&self, line: &str) -> io::Result<()> {
        self.0.lock().expect("a list").push(line.to_owned());
        Ok(())
    }
}

/// Refuses every second line.
#[derive(Debug, Default)]
struct Broken(Kept, Mutex<bool>);

impl Lines for Broken {
    fn put(&self, line: &str) -> io::Result<()> {
        let mut is_broken = self.1.lock().expect("a switch");
        *is_broken = !*is_broken;
        if *is_broken { self.0.put(line) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }
}

fn chain(kept: &Kept) -> Vec<(String, String, u64, String)> {
    let lines = kept.0.lock().expect("a list");
    let records = lines.iter().map(|line| {
        assert!(line.ends_with('\n') && line.matches('\n').count() == 1, "one line each");
        serde_json::from_str::<Value>(line).expect("JSON")
    });
    let text = |record: &Value, name: &str| record[name].as_str().expect("a text").to_owned();
    let link = |record: Value| {
        let sequence = record["sequence"].as_u64().expect("a number");
        (text(&record, "prevHash"), text(&record, "hash"), sequence, text(&record, "eventID"))
    };
    records.map(link).collect()
}

#[test]
fn each_process_has_a_chain_of_its_own_that_begins_where_it_drew() {
    let (one, other) = (Kept::default(), Kept::default());
    for (kept, beginning) in [(&one, 1), (&other, 2)] {
        let audit = Audit::to(Box::new(kept.clone()), beginning);
        for _ in 0..3 {
            audit.append(&Example::default().call(MORNING)).expect("a record");
        }
        assert_eq!(audit.head().sequence, 3);
        audit.sync().expect("nothing to wait for");
    }
    for (kept, beginning) in [(&one, 1), (&other, 2)] {
        let mut before = format!("{beginning:064x}");
        for (place, (previous, hash, sequence, _)) in (1..).zip(chain(kept)) {
            assert_eq!((previous, sequence), (before, place));
            before = hash;
        }
    }
    let ids = |kept: &Kept| chain(kept).into_iter().map(|(_, _, _, id)| id).collect::<Vec<_>>();
    assert!(ids(&one).iter().all(|id| !ids(&other).contains(id)), "an id names one record");
}

#[test]
fn a_record_that_could_not_be_written_leaves_no_gap_in_the_chain() {
    let kept = Kept::default();
    let audit = Audit::to(Box::new(Broken(kept.clone(), Mutex::default())), 1);
    let results: Vec<_> =
        (0..4).map(|_| audit.append(&Example::default().call(MORNING)).is_ok()).collect();
    assert_eq!(results, [true, false, true, false]);
    let chain = chain(&kept);
    assert_eq!(chain[1].0, chain[0].1);
    assert_eq!(chain[1].2, 2);
}
