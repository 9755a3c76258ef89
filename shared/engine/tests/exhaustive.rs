//! Goal: no state that can be reached breaks a law, whatever is asked in it.
//!
//! Method: breadth first from the empty log, under every input of [`crate::moves`]. Two states are
//! the same when nothing that a decision looks at differs ([`key`]): moments count only as "within
//! the 30 days or not", and executions by who is newer. PARALLEL executions share nothing, so the
//! walk takes their two kinds of log apart and gives each every message at every moment, which is
//! more than the two could ever send each other.

mod key;
mod seen;
mod walk;

use std::fmt::Write as _;

use expect_test::expect_file;

use crate::moves::Bounds;
use crate::shape;
use seen::Seen;
use walk::{Start, Walk, walk};

/// What is walked.
struct Ground {
    /// What it shows, for people.
    name: &'static str,
    /// The pipeline.
    pipeline: &'static str,
    /// What an update makes of it.
    update: &'static str,
    /// Which kind of log.
    start: Start,
    /// How far the walk goes.
    bounds: Bounds,
    /// How many updates it follows.
    updates: u8,
}

impl Ground {
    fn walk(&self, seen: &mut Seen) -> Walk {
        let (pipeline, update) = (shape::pipeline(self.pipeline), shape::pipeline(self.update));
        walk(&pipeline, &update, self.start, self.bounds, self.updates, seen)
    }
}

/// 3 stages and 4 executions; then fewer executions, and what groups, retries and updates make of them.
macro_rules! locked {
    ($mode:literal) => {
        &[
            Ground {
                name: concat!($mode, ": four executions"),
                pipeline: concat!($mode, ": Source(S) Build(B) Prod(approve P)"),
                update: concat!($mode, ": Source(S) Build(B) Live(D)"),
                start: Start::Pipeline,
                bounds: Bounds { starts: 4, attempts: 1 },
                updates: 0,
            },
            Ground {
                name: concat!($mode, ": three executions, groups of actions"),
                pipeline: concat!($mode, ": Source(S) Build(A|B, C@2) Prod(approve P)"),
                update: concat!($mode, ": Source(S) Build(A|B, C@2) Live(D)"),
                start: Start::Pipeline,
                bounds: Bounds { starts: 3, attempts: 1 },
                updates: 0,
            },
            Ground {
                name: concat!($mode, ": two executions, updated"),
                pipeline: concat!($mode, ": Source(S) Build(A|B) Prod(approve P)"),
                update: concat!($mode, ": Source(S) Build(A|B) Live(D)"),
                start: Start::Pipeline,
                bounds: Bounds { starts: 2, attempts: 1 },
                updates: 1,
            },
            Ground {
                name: concat!($mode, ": two executions, retried"),
                pipeline: concat!($mode, ": Source(S) Build(B) Prod(approve P)"),
                update: concat!($mode, ": Source(S) Build(B) Live(D)"),
                start: Start::Pipeline,
                bounds: Bounds { starts: 2, attempts: 2 },
                updates: 0,
            },
        ]
    };
}

const SUPERSEDED: &[Ground] = locked!("SUPERSEDED");
const QUEUED: &[Ground] = locked!("QUEUED");

const PARALLEL: &[Ground] = &[
    Ground {
        name: "PARALLEL: the pipeline's log, four executions",
        pipeline: "PARALLEL: Source(S) Build(A|B, C@2) Prod(approve P)",
        update: "PARALLEL: Source(S) Build(A|B, C@2) Live(D)",
        start: Start::Pipeline,
        bounds: Bounds { starts: 4, attempts: 2 },
        updates: 1,
    },
    Ground {
        name: "PARALLEL: an execution's log, retried",
        pipeline: "PARALLEL: Source(S) Build(A|B, C@2) Prod(approve P)",
        update: "PARALLEL: Source(S) Build(A|B, C@2) Live(D)",
        start: Start::Execution,
        bounds: Bounds { starts: 1, attempts: 3 },
        updates: 0,
    },
    Ground {
        name: "PARALLEL: an execution's log, six ready actions",
        pipeline: "PARALLEL: Source(S) Build(A|B|C|D|E|F) Prod(approve P)",
        update: "PARALLEL: Source(S) Build(A|B|C|D|E|F) Live(D)",
        start: Start::Execution,
        bounds: Bounds { starts: 1, attempts: 1 },
        updates: 0,
    },
];

/// Walks some grounds, and adds what they came to to the book.
#[expect(clippy::print_stdout, reason = "a walk of many seconds shows that it goes on")]
fn walk_all(grounds: &[Ground]) -> (String, Seen) {
    let (mut rows, mut seen) = (String::new(), Seen::default());
    for ground in grounds {
        let walk = ground.walk(&mut seen);
        println!("{}: {walk:?}", ground.name);
        let Walk { states, inputs, transitions, refusals } = walk;
        let _ = writeln!(
            rows,
            "| {} | `{}` | {states} | {inputs} | {transitions} | {refusals} |",
            ground.name,
            ground.pipeline.replace('|', "\\|")
        );
    }
    (rows, seen)
}

#[test]
fn no_reachable_state_breaks_a_law_and_the_book_of_states_is_true() {
    // The two big walks share nothing, so they run side by side.
    let walks = std::thread::scope(|scope| {
        let walks = [SUPERSEDED, QUEUED, PARALLEL].map(|grounds| scope.spawn(|| walk_all(grounds)));
        walks.map(|walk| walk.join().expect("a law broke: see above"))
    });
    let (mut rows, mut seen) = (String::new(), Seen::default());
    for (walked, saw) in walks {
        rows.push_str(&walked);
        seen.add(&saw);
    }
    seen.check_tables();
    expect_file!["../../../docs/states.md"].assert_eq(&seen.book(&rows));
}
