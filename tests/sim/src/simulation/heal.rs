//! The healed world: no more faults, and everything must come to its end (L1–L8, L11, L14).

use std::sync::atomic::Ordering;

use engine::Input;
use engine::state::RunKey;
use engine::{Plans, outstanding};
use model::ids::{ExecutionId, StageName};
use store::LogKey;

use super::act::Act;
use super::{Event, Simulation};
use crate::books::{Life, Run};
use crate::settings::Faults;
use crate::work::Care;

/// How often time may have to jump to the next deadline before everything is over (L14).
const JUMPS_MAX: usize = 400;

/// How much later than its deadline an attempt is looked at: clocks differ.
const LATE_MILLIS: i64 = 60_000;

/// After how long a watch of an execution that never started is thrown away.
const WATCHED_MILLIS: i64 = 17 * 60_000;

impl Simulation {
    /// Ends all faults and waits until everything is over.
    pub(super) fn heal(&mut self) {
        self.say(format_args!("--- healed ---"));
        self.is_healed = true;
        self.faults = Faults::none();
        self.script.clear();
        self.blackout = (0, 0);
        self.drain();
        if self.settings.sweep_millis.is_none() {
            // Nobody sweeps in this world, so only what needs no sweep is promised.
            let now = self.now();
            self.check_noticed(now);
            return;
        }
        for _ in 0..JUMPS_MAX {
            let began = self.now();
            self.sweep_twice();
            self.check_noticed(began);
            self.open_every_way();
            if self.books.live().next().is_none() {
                // A watch of what never started is thrown away once it cannot start any more.
                let later = self.now() + WATCHED_MILLIS + 2 * self.settings.faults.skew_millis;
                self.surroundings.clock.store(later, Ordering::Relaxed);
                self.sweep_twice();
                self.check_end_of_world();
                return;
            }
            self.jump();
        }
        let live: Vec<_> = self.books.live().map(|(id, life)| (id, &life.place)).collect();
        panic!("after {JUMPS_MAX} deadlines these are not over: {live:?} (L4, L6)");
    }

    fn sweep_twice(&mut self) {
        for _ in 0..2 {
            self.plan(0, Event::Sweep);
            self.drain();
        }
        self.plan_publishing(0);
        self.drain();
    }

    /// After two sweeps nothing is forgotten that was to be done when they began (L1, L3, L5, L11).
    fn check_noticed(&self, began: i64) {
        for (id, life) in self.books.live() {
            assert!(
                self.is_watched(&life.log, *id),
                "{id} is not watched, and it is not over (L1)"
            );
            assert!(life.is_begun(), "{id} was admitted, and nobody began its log (L1)");
            for (key, _) in life.in_progress() {
                let (stage, action, attempt) = key.clone();
                let run = RunKey { execution: *id, stage, action, attempt };
                if self.is_approval(life, &run) {
                    continue;
                }
                let task = self.work.task(&run.id().to_string());
                let task = task.unwrap_or_else(|| panic!("{run:?} was never started (L3)"));
                assert!(task.told_at > began, "{run:?} is done, and nobody noticed (L5)");
            }
        }
    }

    fn is_approval(&self, life: &Life, run: &RunKey) -> bool {
        let stage = &self.books.plan(life).stages[life.stage];
        stage.action_index(&run.action).is_some_and(|at| stage.actions[at].is_approval())
    }

    /// Opens every way that is closed, so that nobody may wait there for ever.
    fn open_every_way(&mut self) {
        let closed: Vec<(LogKey, StageName)> = self
            .books
            .logs
            .iter()
            .filter(|(key, log)| matches!(key, LogKey::Pipeline(_)) && log.definition.is_some())
            .flat_map(|(key, log)| log.closed.iter().map(|stage| (key.clone(), stage.clone())))
            .collect();
        for (log, stage) in closed {
            let input = Input::Enable { stage, by: "everybody".to_owned() };
            let act: Act = self.people.turn(log, input, None);
            self.plan(0, Event::Act(Box::new(act), 0));
        }
        self.drain();
    }

    /// Moves time to the next moment at which something must happen.
    fn jump(&mut self) {
        let next = self
            .books
            .live()
            .flat_map(|(id, life)| life.in_progress().map(move |run| (id, life, run)))
            .filter_map(|(id, life, (key, run))| self.due(*id, life, key, run))
            .min();
        let next = next.unwrap_or_else(|| {
            let live: Vec<_> = self.books.live().map(|(id, life)| (id, &life.place)).collect();
            panic!("nothing runs, and these are not over: {live:?} (L2)")
        });
        if next > self.now() {
            self.surroundings.clock.store(next, Ordering::Relaxed);
        }
        self.say(format_args!("--- time jumps ---"));
    }

    /// Returns when an attempt is over at the latest.
    fn due(
        &self,
        id: ExecutionId,
        life: &Life,
        (stage, action, attempt): &(StageName, model::ids::ActionName, u32),
        run: &Run,
    ) -> Option<i64> {
        let declared = &self.books.plan(life).stages[life.stage];
        let minutes = declared.actions[declared.action_index(action)?].timeout_minutes();
        let skew = self.settings.faults.skew_millis;
        let deadline = run.since.plus_minutes(i64::from(minutes)).millis() + skew + LATE_MILLIS;
        let (stage, action) = (stage.clone(), action.clone());
        let key = RunKey { execution: id, stage, action, attempt: *attempt };
        let told = self.work.task(&key.id().to_string()).map_or(i64::MAX, |task| task.told_at);
        Some(deadline.min(told))
    }

    /// Everything is over: what was promised is there, and nothing is left over.
    fn check_end_of_world(&mut self) {
        for id in &self.people.acknowledged {
            assert!(self.books.lives.contains_key(id), "{id} was accepted and is gone (L1)");
        }
        for (key, log) in &self.books.logs {
            assert!(log.inside.is_empty(), "{key}: a lock is left over (S1)");
            assert!(log.admitted.is_empty(), "{key}: {:?} were never closed (L1)", log.admitted);
            if let LogKey::Pipeline(_) = key {
                let owed = outstanding(&log.state, &Plans::default());
                assert!(owed.is_empty(), "{key} still owes {owed:?} (L1)");
            }
            let cursor = self.cursors.get(key).copied().unwrap_or(0);
            assert_eq!(cursor, log.sequence, "{key} was not published to its end (L8)");
        }
        for (id, life) in &self.books.lives {
            let last = self.published.get(id).and_then(|numbers| numbers.last().copied());
            let count = u32::try_from(self.published.get(id).map_or(0, Vec::len)).unwrap_or(0);
            assert_eq!(last.unwrap_or(0), life.announced, "{id}: events are missing (S22, L8)");
            assert_eq!(count, life.announced, "{id}: events are missing (S22, L8)");
        }
        self.check_concluded();
        self.check_cancelled();
    }

    /// Every execution has its summary, and nobody watches any more.
    fn check_concluded(&self) {
        let watched: Vec<String> = self
            .with_table(|table| table.rows("LIVE#").map(|(_, sort, _)| sort.to_owned()).collect());
        for (id, life) in &self.books.lives {
            let name = life.log.pipeline();
            let summary = self.with_table(|table| {
                let sort = format!("EXECUTION#{id}");
                let row = table.row(&format!("PIPELINE#{name}"), &sort);
                row.and_then(|row| row["status"]["S"].as_str().map(str::to_owned))
            });
            let status = life.status.map(|status| status.as_str().to_owned());
            assert_eq!(summary, status, "{id}: the summary is wrong (L1)");
        }
        assert!(watched.is_empty(), "these are over and still watched: {watched:?} (L1)");
    }

    /// Where no hint is lost and no process dies, what was given up is told to stop.
    fn check_cancelled(&self) {
        let faults = &self.settings.faults;
        let is_calm = faults.hint_lost
            + faults.crashed
            + faults.failed
            + faults.answer_lost
            + faults.done_late
            == 0.0
            && faults.blackout_millis == 0;
        if !is_calm {
            return;
        }
        for task in self.work.tasks() {
            let run = crate::gate::run_of(&task.job);
            let given_up = self.books.run(&run).is_some_and(|(_, run)| {
                matches!(
                    run.status,
                    crate::books::RunStatus::Abandoned | crate::books::RunStatus::Overdue
                )
            });
            let is_over = task.ends_at.is_some_and(|ends| ends <= self.now());
            let is_told = is_over || task.care != Care::Asked;
            assert!(!given_up || is_told, "{run:?} was never told to stop");
        }
    }
}
