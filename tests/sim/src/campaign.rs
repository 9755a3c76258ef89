//! Many seeds, on every processor, and what they met together.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use crate::simulation::Simulation;
use crate::tally::Tally;
use crate::trace::Trace;

/// A world in which a law broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What broke, with its name.
    pub law: String,
    /// Where it was noticed.
    pub place: String,
}

/// What many seeds came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What the seeds met that broke no law.
    pub tally: Tally,
    /// The seeds that broke one.
    pub violations: Vec<(u64, Violation)>,
}

thread_local! {
    /// Where this thread panicked last, for the report.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
    /// Whether a panic of this thread is a finding and no crash.
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs every seed of a range on as many threads as there are processors.
pub fn run(seeds: Range<u64>) -> Outcome {
    let next = AtomicU64::new(seeds.start);
    let outcome = Mutex::new(Outcome::default());
    thread::scope(|scope| {
        for _ in 0..processors() {
            scope.spawn(|| work(&next, seeds.end, &outcome));
        }
    });
    let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome.violations.sort_by_key(|(seed, _)| *seed);
    outcome
}

/// Returns how many threads work.
pub fn processors() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn work(next: &AtomicU64, end: u64, outcome: &Mutex<Outcome>) {
    let mut own = Outcome::default();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            break;
        }
        match attempt(|| Simulation::of_seed(seed, false).run()) {
            Ok((tally, _)) => own.tally.add(&tally),
            Err(violation) => own.violations.push((seed, violation)),
        }
    }
    let mut all = outcome.lock().unwrap_or_else(PoisonError::into_inner);
    all.tally.add(&own.tally);
    all.violations.extend(own.violations);
}

/// Runs one world, and returns the law that it breaks, if it breaks one.
pub fn attempt(world: impl FnOnce() -> (Tally, Trace)) -> Result<(Tally, Trace), Violation> {
    keep_quiet();
    IS_QUIET.set(true);
    let run = catch_unwind(AssertUnwindSafe(world));
    IS_QUIET.set(false);
    run.map_err(|panic| Violation {
        law: message(panic.as_ref()),
        place: PLACE.with(|place| place.borrow().clone()),
    })
}

/// Has broken laws noted instead of printed, in the threads that look for them.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| {
            if IS_QUIET.get() {
                let place = info.location().map(ToString::to_string).unwrap_or_default();
                PLACE.with(|known| *known.borrow_mut() = place);
            } else {
                loud(info);
            }
        }));
    });
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "something broke without a word".to_owned())
}
