//! Whoever looks for the first time sees what somebody sees who watched all along.

use std::collections::BTreeMap;

use history::actions::{Filter, list};
use history::execution::find;
use history::stages::stages;
use history::{History, executions};
use model::ids::ActionRunId;
use model::status::{ActionStatus, RetryMode};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use runtime::App;

use crate::oracle::Oracle;
use crate::world::{World, declaration, demonstration, log, web};

/// How many things happen in one life.
const STEPS: usize = 200;

/// After how many steps the lists are gone through from end to end, besides the stages.
const STEPS_BETWEEN_LISTS: usize = 9;

/// Goal: a cold start, a warm process and a naive reading of every record agree, whatever happened.
/// Method: a random life, drawn from a seed; after each step everybody is asked. Summaries are written
/// late, as they are where a queue carries the hints (P10).
#[tokio::test]
async fn cold_and_warm_processes_agree_with_the_log_at_every_record() {
    for (seed, mode) in [(1, "SUPERSEDED"), (2, "QUEUED"), (3, "PARALLEL"), (4, "SUPERSEDED")] {
        let mut life = Life { world: World::new().await, chance: ChaCha8Rng::seed_from_u64(seed) };
        life.world.define(&demonstration(mode)).await;
        for step in 0..STEPS {
            life.step(mode).await;
            let are_lists_due = step % STEPS_BETWEEN_LISTS == 0 || step + 1 == STEPS;
            let place = format!("seed {seed} {mode} step {step}");
            compare(&life.world, are_lists_due, &place).await;
        }
    }
}

struct Life {
    world: World,
    chance: ChaCha8Rng,
}

impl Life {
    async fn step(&mut self, mode: &str) {
        let world = &self.world;
        let runs = world.in_progress().await;
        match self.chance.random_range(0..100) {
            0..25 => {
                let head = world.app.store.load(&log()).await.unwrap();
                let unfinished = head.state.executions.len() + head.state.admitted.len();
                if head.state.definition.is_some() && unfinished < 12 {
                    world.start().await;
                }
            }
            25..70 if !runs.is_empty() => {
                let (log, run, is_approval) = &runs[self.chance.random_range(0..runs.len())];
                world.end(log, run, *is_approval, self.chance.random_bool(0.8)).await;
            }
            70..76 => {
                let stage =
                    ["Source", "Build", "Approve", "Deploy"][self.chance.random_range(0..4)];
                world.disable(stage, "a leak").await;
            }
            76..84 => {
                for stage in ["Source", "Build", "Approve", "Deploy"] {
                    world.enable(stage).await;
                }
            }
            84..88 if !runs.is_empty() => {
                let id = runs[self.chance.random_range(0..runs.len())].1.execution;
                let reason = self.chance.random_bool(0.5).then_some("the wrong branch");
                world.stop(id, self.chance.random_bool(0.5), reason).await;
            }
            88..94 => self.retry().await,
            94..97 => {
                let full = ["Source", "Build", "Approve", "Deploy"];
                let less = ["Source", "Build", "Audit", "Deploy"];
                let stages = if self.chance.random_bool(0.5) { full } else { less };
                world.define(&declaration(mode, &stages)).await;
            }
            97 => world.delete().await,
            _ => world.conclude().await,
        }
        if self.chance.random_bool(0.7) {
            self.world.relay().await;
        }
        if self.chance.random_bool(0.4) {
            self.world.conclude().await;
        }
    }

    async fn retry(&mut self) {
        let Some(look) = self.world.history.look(&self.world.app, &web()).await.unwrap() else {
            return;
        };
        let listed = executions::list(&self.world.app, &look, 30, None, None).await.unwrap();
        for summary in listed.executions {
            let mode = if self.chance.random_bool(0.5) {
                RetryMode::FailedActions
            } else {
                RetryMode::AllActions
            };
            for stage in ["Source", "Build", "Approve", "Deploy"] {
                let retried = self.world.retry(summary.execution, stage, mode).await;
                if matches!(retried, runtime::Outcome::Changed(_)) {
                    return;
                }
            }
        }
    }
}

async fn compare(world: &World, are_lists_due: bool, place: &str) {
    let newcomer = world.newcomer();
    let cold = History::default();
    let warm_look = world.history.look(&world.app, &web()).await.unwrap();
    let cold_look = cold.look(&newcomer, &web()).await.unwrap();
    let (Some(warm_look), Some(cold_look)) = (warm_look, cold_look) else {
        let is_there = world.app.store.load(&log()).await.unwrap().state.definition.is_some();
        assert!(!is_there, "{place}: the pipeline is there, and somebody does not see it");
        return;
    };
    assert_eq!(stages(&warm_look), stages(&cold_look), "{place}");
    assert_eq!(warm_look.life, cold_look.life, "{place}");
    if !are_lists_due {
        return;
    }

    let oracle = Oracle::of(&world.outside.appended.lock().unwrap());
    for (who, app, history, look) in
        [("warm", &world.app, &world.history, &warm_look), ("cold", &newcomer, &cold, &cold_look)]
    {
        let place = format!("{place}, {who}");
        let mut listed = BTreeMap::new();
        let mut after = None;
        loop {
            let page = executions::list(app, look, 3, after, None).await.unwrap();
            for summary in &page.executions {
                let told = (summary.status, summary.particulars.stop_reason.clone());
                let former = listed.insert(summary.execution, told);
                assert_eq!(former, None, "{place}: listed twice");
                assert!(after.is_none_or(|after| summary.execution < after), "{place}: order");
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut expected = oracle.executions.clone();
        for (status, reason) in expected.values_mut() {
            // Why somebody stopped it is told while that is how it ended.
            use model::status::ExecutionStatus::{Stopped, Stopping};
            if !matches!(status, Stopped | Stopping) {
                *reason = None;
            }
        }
        assert_eq!(listed, expected, "{place}");
        compare_attempts(app, history, look, &oracle, &place).await;
    }
}

async fn compare_attempts(
    app: &App,
    history: &History,
    look: &history::Look,
    oracle: &Oracle,
    place: &str,
) {
    let all = attempts(app, history, look, Filter::All, 4).await;
    let statuses: BTreeMap<ActionRunId, ActionStatus> = all.iter().copied().collect();
    assert_eq!(statuses.len(), all.len(), "{place}: an attempt is listed twice");
    let known: BTreeMap<_, _> =
        oracle.executions.keys().flat_map(|id| oracle.attempts_of(*id)).collect();
    assert_eq!(statuses, known, "{place}");
    for id in oracle.executions.keys().rev().take(4) {
        let found = find(app, look, *id).await.unwrap();
        let found = found.unwrap_or_else(|| panic!("{place}: {id} is not found"));
        let own = attempts(app, history, look, Filter::Of(&found), 2).await;
        assert_eq!(own.into_iter().collect::<BTreeMap<_, _>>(), oracle.attempts_of(*id), "{place}");
    }
}

async fn attempts(
    app: &App,
    history: &History,
    look: &history::Look,
    filter: Filter<'_>,
    limit: usize,
) -> Vec<(ActionRunId, ActionStatus)> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = list(history, app, look, filter, after, limit).await.unwrap();
        let detail =
            |it: &history::actions::Detail| (it.attempt.run.id(), it.attempt.progress.status());
        found.extend(page.details.iter().map(detail));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}
