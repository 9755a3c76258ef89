//! What a run met: how many faults of each class, and how often each interesting state.

use std::collections::BTreeMap;
use std::fmt;

/// States that a run must reach now and then; a simulator that never reaches them proves nothing.
pub const SOMETIMES: &[&str] = &[
    "execution succeeded",
    "execution failed",
    "execution stopped",
    "execution superseded",
    "execution cancelled",
    "execution resumed after a failure",
    "superseded while an approval was open",
    "a lost race",
    "our own record found after a lost answer",
    "an answer to an attempt that was given up",
    "an attempt overdue",
    "an attempt abandoned",
    "an approval answered",
    "an approval with a wrong token refused",
    "a start asked for twice",
    "a start with an id older than the newest",
    "a token used again",
    "a token used with other parameters",
    "a start after a lost hint, by the sweep",
    "a start in flight while its attempt was given up",
    "a write that arrived after its writer died",
    "a process that died with calls in flight",
    "a transition disabled with somebody waiting",
    "an update with executions inside",
    "a pipeline deleted with executions inside",
    "a PARALLEL execution closed",
    "an event published twice",
    "a job that its provider never ended",
    "a start that was made and answered with an error",
];

/// Counts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many worlds.
    pub seeds: u64,
    /// How many calls went through the gate.
    pub steps: u64,
    /// How many of them went through while faults could strike.
    pub struck: u64,
    /// How many records were committed.
    pub records: u64,
    /// How many virtual milliseconds passed.
    pub millis: u64,
    /// Faults by class.
    pub faults: BTreeMap<&'static str, u64>,
    /// Interesting states.
    pub states: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts a fault.
    pub fn fault(&mut self, class: &'static str) {
        *self.faults.entry(class).or_default() += 1;
    }

    /// Counts an interesting state.
    pub fn state(&mut self, name: &'static str) {
        debug_assert!(SOMETIMES.contains(&name), "{name} is not in the list");
        *self.states.entry(name).or_default() += 1;
    }

    /// Adds what another run met.
    pub fn add(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.steps += other.steps;
        self.struck += other.struck;
        self.records += other.records;
        self.millis += other.millis;
        for (class, count) in &other.faults {
            *self.faults.entry(class).or_default() += count;
        }
        for (name, count) in &other.states {
            *self.states.entry(name).or_default() += count;
        }
    }

    /// Returns the interesting states that were never reached.
    pub fn missing(&self) -> Vec<&'static str> {
        SOMETIMES.iter().copied().filter(|name| !self.states.contains_key(name)).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.millis / 3_600_000;
        writeln!(
            f,
            "{} seeds, {} calls through the gate, {} records, {hours} virtual hours",
            self.seeds, self.steps, self.records
        )?;
        writeln!(f, "faults:")?;
        for (class, count) in &self.faults {
            writeln!(f, "  {count:>9}  {class}")?;
        }
        writeln!(f, "states reached:")?;
        for name in SOMETIMES {
            writeln!(f, "  {:>9}  {name}", self.states.get(name).unwrap_or(&0))?;
        }
        Ok(())
    }
}
