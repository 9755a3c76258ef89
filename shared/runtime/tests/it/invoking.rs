//! Functions that are invoked for an action and report by themselves (contract §5.4, §6.3).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use engine::Input;
use engine::state::RunKey;
use model::outcome::{Failure, Outcome, Success};
use providers::invoke::{Invocation, Invoke, Invoked};
use providers::{Error, Job, Progress, Provider};
use runtime::app::Providers;
use runtime::hint::follow;
use runtime::jobs::{self, Caller, Invocations, Refused, Report};
use runtime::{App, Hint, turn};
use store::{JobId, LogKey};

use crate::world::{Outside, World, web};

/// Whoever may report signs with this or any other key.
const CALLER: Caller<'_> = Caller { worker: "AKIAFUNCTION", client_token: None };

/// Lambda, as the runtime sees it.
#[derive(Default)]
struct Lambda {
    invocations: Mutex<Vec<Invocation>>,
    /// What comes of the next invocations; else they are handed over.
    answers: Mutex<VecDeque<Result<Invoked, Error>>>,
    /// Somebody who starts the same job while it is being invoked.
    rival: Mutex<Option<Invocations>>,
    /// What the rival was told.
    told: Mutex<Option<Progress>>,
}

#[async_trait]
impl Invoke for Lambda {
    async fn invoke(&self, job: &Job, invocation: &Invocation) -> Result<Invoked, Error> {
        self.invocations.lock().unwrap().push(invocation.clone());
        let rival = self.rival.lock().unwrap().take();
        if let Some(rival) = rival {
            let told = rival.start(job).await.unwrap();
            *self.told.lock().unwrap() = Some(told);
        }
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(Invoked::HandedOver))
    }
}

/// Systems of which the deployment's action is a function.
struct Systems {
    outside: Arc<Outside>,
    invocations: Invocations,
}

impl Providers for Systems {
    fn find(&self, job: &Job) -> Result<&dyn Provider, String> {
        Ok(if job.category == "Source" { &*self.outside } else { &self.invocations })
    }
}

struct Bench {
    world: World,
    lambda: Arc<Lambda>,
    hint: Hint,
    run: RunKey,
}

impl Bench {
    /// Takes an execution to the point where the function is to be invoked.
    async fn new() -> Self {
        let world = World::new().await;
        world.start().await;
        let hint = world.until_deployment().await;
        let Hint::StartAction(_, run) = &hint else { panic!("{hint}") };
        let run = run.clone();
        Self { world, lambda: Arc::default(), hint, run }
    }

    fn invocations(&self) -> Invocations {
        let store = self.world.newcomer().store;
        let functions = self.lambda.clone();
        Invocations::new(store, self.world.clock.clone(), "123456789012", functions)
    }

    fn app(&self) -> App {
        let outside = self.world.outside.clone();
        let providers = Arc::new(Systems { outside, invocations: self.invocations() });
        App { providers, ..self.world.newcomer() }
    }

    async fn start(&self) {
        follow(&self.app(), &self.hint).await.unwrap();
    }

    async fn ask(&self) {
        follow(&self.app(), &Hint::AskProvider(web(), self.run.clone())).await.unwrap();
    }

    async fn report(&self, id: JobId, report: &Report) -> Result<(), jobs::Error> {
        let app = self.world.sweeper();
        let job = jobs::reportable(&app, id, CALLER).await?;
        jobs::report(&app, job, CALLER, report).await
    }

    fn id(&self, number: u32) -> JobId {
        JobId::of(self.run.id(), number)
    }

    fn invoked(&self) -> Vec<Invocation> {
        self.lambda.invocations.lock().unwrap().clone()
    }

    fn answers(&self, answer: Result<Invoked, Error>) {
        self.lambda.answers.lock().unwrap().push_back(answer);
    }

    /// Follows what was hinted at, and says whether the execution is over.
    async fn is_over(&self) -> bool {
        while let Some((hint, _)) = self.world.hints.take() {
            follow(&self.app(), &hint).await.unwrap();
        }
        let head = self.world.newcomer().store.load(&web()).await.unwrap();
        head.state.executions.is_empty()
    }
}

fn succeeded() -> Report {
    let variables = [("A".to_owned(), "1".to_owned())].into();
    let success = Success { variables, ..Success::default() };
    Report::Succeeded { success, progress: store::Progress::default() }
}

fn goes_on() -> Report {
    Report::Continues { token: "half".to_owned(), progress: store::Progress::default() }
}

fn refusal(reported: Result<(), jobs::Error>) -> Refused {
    match reported {
        Err(jobs::Error::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_function_is_invoked_once_and_its_report_ends_the_action() {
    let bench = Bench::new().await;
    for _ in 0..3 {
        bench.start().await;
        bench.ask().await;
    }
    let expected = Invocation {
        id: bench.id(0).to_string(),
        account: "123456789012".to_owned(),
        continuation_token: None,
    };
    assert_eq!(bench.invoked(), [expected]);
    assert!(!bench.is_over().await);
    bench.report(bench.id(0), &succeeded()).await.unwrap();
    assert!(bench.is_over().await);
    let again = bench.report(bench.id(0), &succeeded()).await;
    assert!(matches!(refusal(again), Refused::InvalidState { .. }));
}

#[tokio::test]
async fn nobody_can_poll_for_the_job_of_a_function_j4() {
    let bench = Bench::new().await;
    bench.start().await;
    bench.report(bench.id(0), &goes_on()).await.unwrap();
    let row = bench.world.app.store.worker_job(bench.id(0)).await.unwrap().unwrap();
    let taken = jobs::dispatch(&bench.world.app, &row.queue, 10, "AKIAWORKER").await.unwrap();
    assert_eq!(taken, []);
}

#[tokio::test]
async fn an_invocation_of_which_nobody_knows_whether_it_was_made_is_made_again_with_its_id() {
    let bench = Bench::new().await;
    bench.answers(Err(Error::Unreachable("the connection broke".to_owned())));
    follow(&bench.app(), &bench.hint).await.expect_err("the answer was lost");
    bench.start().await;
    let ids: Vec<_> = bench.invoked().into_iter().map(|it| it.id).collect();
    assert_eq!(ids, [bench.id(0).to_string(), bench.id(0).to_string()]);
    bench.report(bench.id(0), &succeeded()).await.unwrap();
    assert!(bench.is_over().await);
}

#[tokio::test]
async fn a_function_may_report_before_we_know_that_it_was_invoked() {
    let bench = Bench::new().await;
    bench.answers(Err(Error::Unreachable("the connection broke".to_owned())));
    follow(&bench.app(), &bench.hint).await.expect_err("the answer was lost");
    bench.report(bench.id(0), &succeeded()).await.unwrap();
    assert!(bench.is_over().await);
    assert_eq!(bench.invoked().len(), 1);
}

#[tokio::test]
async fn of_two_who_come_at_once_one_invokes_and_a_lease_runs_out() {
    let bench = Bench::new().await;
    *bench.lambda.rival.lock().unwrap() = Some(bench.invocations());
    bench.start().await;
    assert_eq!(bench.invoked().len(), 1);
    let told = bench.lambda.told.lock().unwrap().clone();
    assert!(
        matches!(told, Some(Progress::Running { ask_again_seconds: Some(121), .. })),
        "{told:?}"
    );
    // Whoever held the lease died before Lambda answered.
    let store = &bench.world.app.store;
    let mut row = store.worker_job(bench.id(0)).await.unwrap().unwrap();
    row.state = store::JobState::Dispatched {
        nonce: "n".to_owned(),
        worker: String::new(),
        until: bench.app().world.now().plus_minutes(2),
    };
    assert!(store.swap_worker_job(&row).await.unwrap());
    bench.ask().await;
    assert_eq!(bench.invoked().len(), 1);
    bench.world.clock.pass_minutes(2);
    bench.ask().await;
    assert_eq!(bench.invoked().len(), 2);
}

#[tokio::test]
async fn a_function_that_goes_on_is_invoked_again_after_half_a_minute_as_another_job_j9() {
    let bench = Bench::new().await;
    bench.start().await;
    while bench.world.hints.take().is_some() {}
    bench.report(bench.id(0), &goes_on()).await.unwrap();
    let later = bench.world.hints.take();
    assert_eq!(later, Some((Hint::AskProvider(web(), bench.run.clone()), 30)));
    bench.ask().await;
    assert_eq!(bench.invoked().len(), 1, "it is too early");
    let late = bench.report(bench.id(0), &succeeded()).await;
    assert!(matches!(refusal(late), Refused::InvalidState { .. }), "the job is another one now");
    bench.world.clock.pass_minutes(1);
    bench.ask().await;
    let expected = Invocation {
        id: bench.id(1).to_string(),
        account: "123456789012".to_owned(),
        continuation_token: Some("half".to_owned()),
    };
    assert_eq!(bench.invoked()[1], expected);
    bench.report(bench.id(1), &succeeded()).await.unwrap();
    assert!(bench.is_over().await);
}

#[tokio::test]
async fn a_function_that_says_nothing_for_twenty_minutes_has_failed_and_a_token_begins_them_anew() {
    let bench = Bench::new().await;
    bench.start().await;
    bench.world.clock.pass_minutes(19);
    bench.report(bench.id(0), &goes_on()).await.unwrap();
    bench.world.clock.pass_minutes(1);
    bench.ask().await;
    bench.world.clock.pass_minutes(19);
    bench.ask().await;
    assert!(is_in_progress(&bench).await);
    bench.world.clock.pass_minutes(1);
    bench.ask().await;
    assert!(!is_in_progress(&bench).await);
    let late = bench.report(bench.id(1), &succeeded()).await;
    assert!(matches!(refusal(late), Refused::InvalidState { .. }));
}

async fn is_in_progress(bench: &Bench) -> bool {
    let head = bench.world.newcomer().store.load(&web()).await.unwrap();
    let runs = head.state.executions.values().flat_map(|execution| &execution.runs);
    runs.into_iter().any(|run| matches!(run, engine::state::Run::InProgress { .. }))
}

#[tokio::test]
async fn a_function_that_answers_at_once_needs_no_report() {
    let bench = Bench::new().await;
    bench.answers(Ok(Invoked::Continues("half".to_owned())));
    bench.start().await;
    bench.world.clock.pass_minutes(1);
    bench.answers(Ok(Invoked::Succeeded(Success::default())));
    bench.ask().await;
    assert!(bench.is_over().await);
    assert_eq!(bench.invoked()[1].continuation_token.as_deref(), Some("half"));

    let bench = Bench::new().await;
    let failure = Failure { code: "JobFailed".to_owned(), ..Failure::default() };
    bench.answers(Ok(Invoked::Failed(failure.clone())));
    bench.start().await;
    let row = bench.world.app.store.worker_job(bench.id(0)).await.unwrap().unwrap();
    assert_eq!(row.state, store::JobState::Done(Outcome::Failed(failure)));
}

#[tokio::test]
async fn what_was_given_up_takes_no_report_j15() {
    let bench = Bench::new().await;
    bench.start().await;
    let execution = bench.run.execution;
    let stop = Input::Stop { execution, abandon: true, reason: None, by: "somebody".to_owned() };
    let log: LogKey = web();
    turn(&bench.world.newcomer(), &log, &stop, None).await.unwrap();
    let late = bench.report(bench.id(0), &succeeded()).await;
    assert!(matches!(refusal(late), Refused::InvalidState { .. }));
    assert!(bench.is_over().await);
    let row = bench.world.app.store.worker_job(bench.id(0)).await.unwrap().unwrap();
    assert_eq!(row.state, store::JobState::Closed);
}
