//! One world, from its first event to its last check.
//!
//! Everything that happens is an event with a moment: a call at the gate is answered, a hint is
//! delivered, a person asks for something, a job ends. The simulator takes the earliest, moves the
//! clock there, and lets the program that it concerns go on until it calls outside again. First faults
//! strike (safety is checked at every step); then the world is healed and everything must come to its
//! end (`heal`).

mod act;
mod fate;
mod heal;
mod outside;
mod people;
mod publisher;
mod sabotaged;
mod task;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use model::ids::{ExecutionId, PipelineName};
use runtime::{App, Hint};
use store::{LogKey, Store};

use crate::books::Books;
use crate::chance::{Chance, Concern};
use crate::gate::{Call, CallId, Gate, Request, TaskId};
use crate::programs::{Surroundings, TABLE};
use crate::sabotage::Sabotage;
use crate::settings::{Faults, Settings};
use crate::table::Table;
use crate::tally::Tally;
use crate::trace::Trace;
use crate::transport;
use crate::work::Work;

pub use act::Act;
pub use fate::Fate;
use task::Task;

/// When every world begins: 2023-11-14T22:13:20Z.
const BEGINNING_MILLIS: i64 = 1_700_000_000_000;

/// How many events a world may take before it counts as going in circles (L14).
const EVENTS_MAX: u64 = 200_000;

/// Something that happens at a moment.
#[derive(Debug)]
enum Event {
    /// A call at the gate meets its fate.
    Open(CallId),
    /// A call whose caller is gone arrives after all.
    Arrive(Request),
    /// A hint is delivered, after so many tries that failed.
    Deliver(Hint, u32),
    /// A person asks for something.
    Act(Box<Act>, u32),
    /// A person thinks of the next thing to ask.
    Think,
    /// The sweep looks at everything.
    Sweep,
    /// The publisher looks at everything.
    Publish,
    /// A job ended, and its system says so.
    Ended(Hint),
    /// People have had enough.
    Calm,
    /// An approver answers everything that is open.
    Approve,
}

/// A running copy of the program.
struct Process {
    app: App,
    skew_millis: i64,
    /// The newest record that it has seen of each log, by partition.
    seen: BTreeMap<String, u64>,
}

impl Process {
    fn new(app: App, skew_millis: i64) -> Self {
        Self { app, skew_millis, seen: BTreeMap::new() }
    }
}

/// One simulated world.
pub struct Simulation {
    settings: Settings,
    faults: Faults,
    script: BTreeMap<u64, Fate>,
    steps: u64,
    trace: Trace,
    tally: Tally,
    surroundings: Surroundings,
    table: Arc<Mutex<Table>>,
    observer: Store,
    processes: Vec<Process>,
    tasks: BTreeMap<TaskId, Task>,
    woken: task::Woken,
    task_last: TaskId,
    calls: BTreeMap<CallId, Call>,
    agenda: BTreeMap<(i64, u64), Event>,
    event_last: u64,
    is_publishing_planned: bool,
    publishing: BTreeSet<LogKey>,
    books: Books,
    work: Work,
    people: people::People,
    cursors: BTreeMap<LogKey, u64>,
    published: BTreeMap<ExecutionId, Vec<u32>>,
    event_texts: BTreeMap<(ExecutionId, u32), u64>,
    faults_chance: Chance,
    latency_chance: Chance,
    people_chance: Chance,
    work_chance: Chance,
    blackout: (i64, i64),
    acts_left: u32,
    is_calm: bool,
    is_healed: bool,
}

impl Simulation {
    /// Makes the world that a seed stands for.
    pub fn of_seed(seed: u64, is_printed: bool) -> Self {
        let settings = Settings::draw(&mut Chance::new(seed, Concern::Shape));
        Self::new(seed, settings, is_printed)
    }

    /// Makes a world of the given kind, with the chance of a seed.
    pub fn new(seed: u64, settings: Settings, is_printed: bool) -> Self {
        let table: Arc<Mutex<Table>> = Arc::default();
        let surroundings = Surroundings {
            gate: Gate::default(),
            clock: Arc::new(AtomicI64::new(BEGINNING_MILLIS)),
            chance: Arc::new(Mutex::new(Chance::new(seed, Concern::Programs))),
            is_unnumbered: settings.sabotage == Some(Sabotage::TurnsUnnumbered),
        };
        let mut simulation = Self {
            faults: Faults::none(),
            script: BTreeMap::new(),
            steps: 0,
            trace: Trace::new(is_printed),
            tally: Tally { seeds: 1, ..Tally::default() },
            observer: Store::new(transport::direct(table.clone()), TABLE),
            table,
            surroundings,
            processes: Vec::new(),
            tasks: BTreeMap::new(),
            woken: task::Woken::default(),
            task_last: 0,
            calls: BTreeMap::new(),
            agenda: BTreeMap::new(),
            event_last: 0,
            is_publishing_planned: false,
            publishing: BTreeSet::new(),
            books: Books::default(),
            work: Work::default(),
            people: people::People::default(),
            cursors: BTreeMap::new(),
            published: BTreeMap::new(),
            event_texts: BTreeMap::new(),
            faults_chance: Chance::new(seed, Concern::Faults),
            latency_chance: Chance::new(seed, Concern::Latency),
            people_chance: Chance::new(seed, Concern::People),
            work_chance: Chance::new(seed, Concern::Work),
            blackout: (0, 0),
            acts_left: settings.acts,
            is_calm: false,
            is_healed: false,
            settings,
        };
        simulation.start_processes();
        simulation
    }

    /// Strikes at the given steps instead of by chance.
    pub fn script(&mut self, script: BTreeMap<u64, Fate>) {
        self.script = script;
    }

    /// Makes the world of the demonstration: the same each time, and nothing strikes by chance.
    pub fn demonstration(is_printed: bool) -> Self {
        let mut simulation = Self::new(0, Settings::demonstration(), is_printed);
        simulation.people.is_demonstrating = true;
        simulation
    }

    /// Runs the world to its end. Panics with the law that is broken, if one is.
    pub fn run(mut self) -> (Tally, Trace) {
        self.set_up();
        self.faults = self.settings.faults.clone();
        // A script counts the calls from here on.
        self.steps = 0;
        if self.people.is_demonstrating {
            self.plan_demonstration();
        } else {
            self.plan_chaos();
        }
        while !self.is_calm {
            self.take_next();
        }
        self.tally.struck = self.steps;
        self.heal();
        self.finish()
    }

    /// Counts what was met, once everything was checked.
    fn finish(mut self) -> (Tally, Trace) {
        self.tally.steps = self.steps;
        let millis = self.now() - BEGINNING_MILLIS;
        self.tally.millis = u64::try_from(millis).unwrap_or(0);
        (self.tally, self.trace)
    }

    fn start_processes(&mut self) {
        let far = self.settings.faults.skew_millis;
        for _ in 0..self.settings.processes {
            let skew_millis = self.latency_chance.between(-far, far);
            let app = self.surroundings.process(skew_millis, self.settings.is_sole_writer);
            self.processes.push(Process::new(app, skew_millis));
        }
    }

    /// Creates the pipelines, before anything goes wrong.
    fn set_up(&mut self) {
        for number in 0..self.settings.pipelines {
            let name = PipelineName::new(["web", "api"][number % 2]);
            let act = self.people.create(&name, &mut self.people_chance);
            self.plan(0, Event::Act(Box::new(act), 0));
        }
        self.drain();
        assert!(!self.books.logs.is_empty(), "the pipelines exist");
    }

    /// Plans the first of everything that comes again and again.
    fn plan_chaos(&mut self) {
        self.plan(0, Event::Think);
        if let Some(millis) = self.settings.sweep_millis {
            self.plan(millis, Event::Sweep);
        }
        if self.faults.blackout_millis > 0 {
            let span = self.settings.act_delay_millis * f64::from(self.settings.acts);
            let from = self.now() + self.faults_chance.time_millis(span / 2.0);
            self.blackout = (from, from + self.faults.blackout_millis);
        }
    }

    /// Takes events until none is left.
    fn drain(&mut self) {
        while !self.agenda.is_empty() {
            self.take_next();
        }
        assert!(self.tasks.is_empty(), "somebody waits for what nobody does (L1)");
    }

    fn take_next(&mut self) {
        let Some(((at, _), event)) = self.agenda.pop_first() else {
            panic!("nothing happens any more, and people still wait (L1)")
        };
        assert!(self.event_last < EVENTS_MAX, "the world goes in circles (L14)");
        if at > self.now() {
            self.surroundings.clock.store(at, Ordering::Relaxed);
        }
        match event {
            Event::Open(call) => self.open(call),
            Event::Arrive(request) => self.arrive(&request),
            Event::Deliver(hint, tries) => self.deliver(hint, tries),
            Event::Act(act, tries) => self.act(*act, tries),
            Event::Think => self.think(),
            Event::Sweep => self.sweep(),
            Event::Publish => self.publish(),
            Event::Ended(hint) => self.send_hint(&hint),
            Event::Calm => self.is_calm = true,
            Event::Approve => self.approve_all(),
        }
    }

    fn plan(&mut self, after_millis: i64, event: Event) {
        self.event_last += 1;
        let at = self.now().saturating_add(after_millis.max(0));
        self.agenda.insert((at, self.event_last), event);
    }

    fn now(&self) -> i64 {
        self.surroundings.clock.load(Ordering::Relaxed)
    }

    fn say(&mut self, line: std::fmt::Arguments<'_>) {
        let now = self.now() - BEGINNING_MILLIS;
        self.trace.line(now, line);
    }

    fn with_table<T>(&self, look: impl FnOnce(&mut Table) -> T) -> T {
        look(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
