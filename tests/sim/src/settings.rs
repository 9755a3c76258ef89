//! What a seed's world is like.
//!
//! Swarm testing: each seed first draws which classes of faults strike in it at all (each with
//! probability one half) and how hard. Worlds with every fault at once would end before anything
//! interesting happens; worlds with a few reach further.

use crate::chance::Chance;
use crate::sabotage::Sabotage;

/// Which faults strike, each with its probability or size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// A call fails and nothing was done.
    pub failed: f64,
    /// A call is done and its answer is lost.
    pub answer_lost: f64,
    /// A write is done, its answer is lost, and the SDK sends it again.
    pub sent_again: f64,
    /// A call fails, and is done later after all.
    pub done_late: f64,
    /// The process dies at a call.
    pub crashed: f64,
    /// A hint is lost.
    pub hint_lost: f64,
    /// A hint is delivered twice.
    pub hint_doubled: f64,
    /// How long a hint takes, in milliseconds.
    pub hint_delay_millis: f64,
    /// How long a call takes, in milliseconds.
    pub call_delay_millis: f64,
    /// How far a process's clock may be off, in milliseconds.
    pub skew_millis: i64,
    /// A job never ends by itself.
    pub stalled: f64,
    /// A provider says that a job runs when it is over, for a while.
    pub lied: f64,
    /// A provider reports an end that is none yet.
    pub told_early: f64,
    /// A provider changes its mind about how a job ended.
    pub flipped: f64,
    /// A provider refuses a job for good.
    pub refused: f64,
    /// A provider starts a job and answers with an error.
    pub started_and_failed: f64,
    /// A caller asks the same again though it was answered.
    pub asked_again: f64,
    /// A replica that is asked lacks what was written last.
    pub stale: f64,
    /// For how long, at a time, nothing answers at all, in milliseconds.
    pub blackout_millis: i64,
}

/// A world before it begins.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which faults strike until the world is healed.
    pub faults: Faults,
    /// How many processes work side by side.
    pub processes: usize,
    /// Whether the one process may believe what it last saw.
    pub is_sole_writer: bool,
    /// Whether whoever follows a hint also does what comes of it.
    pub does_errands: bool,
    /// How many pipelines there are.
    pub pipelines: usize,
    /// How many things people do.
    pub acts: u32,
    /// How long people wait between two of them, in milliseconds.
    pub act_delay_millis: f64,
    /// How long the sweep waits, in milliseconds; never when `None`.
    pub sweep_millis: Option<i64>,
    /// How long a job takes, in milliseconds.
    pub job_millis: f64,
    /// How often a job fails.
    pub job_fails: f64,
    /// What keeps the promises and is broken here on purpose.
    pub sabotage: Option<Sabotage>,
}

impl Faults {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self { hint_delay_millis: 20.0, call_delay_millis: 5.0, ..Self::default() }
    }

    /// Draws which classes strike and how hard.
    pub fn draw(chance: &mut Chance) -> Self {
        let mut class = |from: f64, to: f64| {
            let (strikes, size) = (chance.happens(0.5), chance.spread(from, to));
            if strikes { Some(size) } else { None }
        };
        let rare = |size: Option<f64>| size.unwrap_or(0.0);
        Self {
            failed: rare(class(0.002, 0.1)),
            answer_lost: rare(class(0.002, 0.1)),
            sent_again: rare(class(0.01, 0.2)),
            done_late: rare(class(0.002, 0.05)),
            crashed: rare(class(0.002, 0.05)),
            hint_lost: rare(class(0.05, 1.0)),
            hint_doubled: rare(class(0.05, 0.5)),
            hint_delay_millis: class(100.0, 600_000.0).unwrap_or(20.0),
            call_delay_millis: class(10.0, 20_000.0).unwrap_or(5.0),
            skew_millis: class(1.0, 300_000.0).map_or(0, whole),
            stalled: rare(class(0.01, 0.3)),
            lied: rare(class(0.05, 0.5)),
            told_early: rare(class(0.05, 0.5)),
            flipped: rare(class(0.05, 0.5)),
            refused: rare(class(0.01, 0.1)),
            started_and_failed: rare(class(0.02, 0.3)),
            asked_again: rare(class(0.05, 0.5)),
            blackout_millis: class(1_000.0, 900_000.0).map_or(0, whole),
            stale: rare(class(0.05, 0.5)),
        }
    }
}

impl Settings {
    /// The demonstration's world: one process, as on one machine, and nothing strikes by chance.
    pub fn demonstration() -> Self {
        Self {
            faults: Faults::none(),
            processes: 1,
            is_sole_writer: true,
            does_errands: false,
            pipelines: 1,
            acts: 0,
            act_delay_millis: 1_000.0,
            sweep_millis: Some(120 * 60_000),
            job_millis: 10_000.0,
            job_fails: 0.0,
            sabotage: None,
        }
    }

    /// Draws a world.
    pub fn draw(chance: &mut Chance) -> Self {
        let is_sole_writer = chance.happens(0.2);
        let mut faults = Faults::draw(chance);
        if is_sole_writer {
            // One process over a table inside of itself: what it asked is done or it is dead.
            let mut inside = faults;
            (inside.answer_lost, inside.sent_again, inside.done_late) = (0.0, 0.0, 0.0);
            inside.stale = 0.0;
            faults = inside;
        }
        Self {
            faults,
            processes: if is_sole_writer { 1 } else { 1 + chance.place(3) },
            is_sole_writer,
            pipelines: if chance.happens(0.15) { 2 } else { 1 },
            acts: u32::try_from(chance.between(4, 14)).unwrap_or(4),
            act_delay_millis: chance.spread(1_000.0, 400_000.0),
            sweep_millis: Some(whole(chance.spread(120_000.0, 1_200_000.0))),
            job_millis: chance.spread(1_000.0, 600_000.0),
            job_fails: if chance.happens(0.5) { 0.25 } else { 0.02 },
            sabotage: None,
            does_errands: !is_sole_writer && chance.happens(0.5),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a simulated world")]
fn whole(size: f64) -> i64 {
    size as i64
}
