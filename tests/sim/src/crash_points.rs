//! Every moment at which the demonstration could be struck: three executions through Source, Build
//! beside Test, Approve and Deploy, one of them superseded.
//!
//! The world is the same each time, so the n-th call at the gate is the same call until something
//! strikes. Each call is struck in each way, alone; then each pair is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::campaign::{Violation, attempt, processors};
use crate::simulation::{Fate, Simulation};

/// How a call is struck.
const STRIKES: [Fate; 3] = [Fate::CrashBefore, Fate::CrashAfter, Fate::AnswerLost];

/// How many faults strike one run at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// One.
    Singles,
    /// One, and each two.
    Pairs,
}

/// What the enumeration came to.
#[derive(Debug, Default)]
pub struct Points {
    /// How many calls the undisturbed run makes.
    pub calls: u64,
    /// How many runs were struck once.
    pub singles: u64,
    /// How many runs were struck twice.
    pub pairs: u64,
    /// All runs.
    pub runs: u64,
    /// The strikes after which a law broke.
    pub broken: Vec<(Vec<(u64, Fate)>, Violation)>,
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} calls, {} singles, {} pairs, {} broken",
            self.calls,
            self.singles,
            self.pairs,
            self.broken.len()
        )?;
        for (strikes, violation) in self.broken.iter().take(5) {
            write!(f, "\n  VIOLATION after {strikes:?}: {} at {}", violation.law, violation.place)?;
        }
        Ok(())
    }
}

/// Strikes the demonstration everywhere, and counts what came of it.
pub fn enumerate(depth: Depth) -> Points {
    let mut points = Points::default();
    points.calls = match run(&[]) {
        Ok(steps) => steps,
        Err(violation) => {
            points.broken.push((Vec::new(), violation));
            return points;
        }
    };
    let singles: Vec<Vec<(u64, Fate)>> =
        (1..=points.calls).flat_map(|step| STRIKES.map(|strike| vec![(step, strike)])).collect();
    points.singles = singles.len() as u64;
    let lengths = strike_all(&singles, &mut points);
    if depth == Depth::Pairs {
        let pairs = singles.iter().zip(&lengths).flat_map(|(first, length)| {
            let (step, _) = first[0];
            (step + 1..=*length)
                .flat_map(move |second| STRIKES.map(|strike| vec![first[0], (second, strike)]))
        });
        let pairs: Vec<_> = pairs.collect();
        points.pairs = pairs.len() as u64;
        strike_all(&pairs, &mut points);
    }
    points.runs = points.singles + points.pairs;
    points
}

/// Runs every list of strikes, and returns how many calls each run made.
fn strike_all(lists: &[Vec<(u64, Fate)>], points: &mut Points) -> Vec<u64> {
    let next = AtomicU64::new(0);
    let results = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..processors() {
            scope.spawn(|| {
                let mut own = Vec::new();
                loop {
                    let index = usize::try_from(next.fetch_add(1, Ordering::Relaxed));
                    let Some((index, list)) =
                        index.ok().and_then(|index| Some((index, lists.get(index)?)))
                    else {
                        break;
                    };
                    own.push((index, run(list)));
                }
                results.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let lengths = results.into_iter().map(|(index, result)| match result {
        Ok(steps) => steps,
        Err(violation) => {
            points.broken.push((lists[index].clone(), violation));
            0
        }
    });
    lengths.collect()
}

/// Runs the demonstration once, and returns how many calls it made before it was healed.
fn run(strikes: &[(u64, Fate)]) -> Result<u64, Violation> {
    let mut steps = 0;
    attempt(|| {
        let mut simulation = Simulation::demonstration(false);
        simulation.script(strikes.iter().copied().collect());
        let (tally, trace) = simulation.run();
        steps = tally.struck;
        (tally, trace)
    })?;
    Ok(steps)
}
