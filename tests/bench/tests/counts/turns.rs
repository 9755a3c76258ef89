//! What each kind of turn costs, as the table that `docs/architecture.md` shows.

use std::fmt::Write;

use bench::pipeline::declaration;
use engine::Input;
use engine::input;
use engine::state::RunKey;
use expect_test::expect_file;
use local::embedded::Meter;
use model::ids::{ApprovalToken, ExecutionId};
use model::outcome::{Failure, Outcome as Ended};
use model::status::{ExecutionMode, FailureType, RetryMode};
use runtime::hint::follow;
use runtime::{App, Hint, Outcome, sweep, turn};
use store::LogKey;

use crate::house::{House, Memory, begin, define, user, web};

/// A kind of turn, or of what follows from one.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Define,
    Start,
    StartSuperseding,
    StartAgain,
    ReportInside,
    ReportLeaving,
    ReportEnding,
    ReportFailing,
    ReportLate,
    Approve,
    Disable,
    Enable,
    Stop,
    Abandon,
    Retry,
    Tick,
    TickOverdue,
    LostRace,
    StartAction,
    StartActionWithId,
    Conclude,
    SweepIdle,
    Admit,
    Begin,
    Close,
}

const KINDS: &[(Kind, &str)] = &[
    (Kind::Define, "define a pipeline"),
    (Kind::Start, "start an execution"),
    (Kind::StartSuperseding, "start one that supersedes another"),
    (Kind::StartAgain, "start the same one again"),
    (Kind::ReportInside, "report, others of the group still run"),
    (Kind::ReportLeaving, "report, the stage is left and the next one entered"),
    (Kind::ReportEnding, "report, the execution ends"),
    (Kind::ReportFailing, "report a failure, the execution ends"),
    (Kind::ReportLate, "report that comes too late"),
    (Kind::Approve, "approve"),
    (Kind::Disable, "disable a transition"),
    (Kind::Enable, "enable it"),
    (Kind::Stop, "stop and wait"),
    (Kind::Abandon, "stop and abandon"),
    (Kind::Retry, "retry a stage"),
    (Kind::Tick, "tick, nothing is overdue"),
    (Kind::TickOverdue, "tick, an action is overdue"),
    (Kind::LostRace, "a lost race, beyond the turn itself"),
    (Kind::StartAction, "hint: start an action"),
    (Kind::StartActionWithId, "hint: start an action whose provider gives an id"),
    (Kind::Conclude, "hint: write down an end"),
    (Kind::SweepIdle, "sweep a log that owes nothing"),
    (Kind::Admit, "PARALLEL: admit an execution"),
    (Kind::Begin, "PARALLEL: begin its log"),
    (Kind::Close, "PARALLEL: close it"),
];

#[tokio::test]
async fn each_kind_of_turn_costs_what_the_table_says() {
    let mut table = String::from(
        "| What | requests | guarded puts | write units | read units | one of several | just started |\n\
         |---|--:|--:|--:|--:|--:|--:|\n",
    );
    for (kind, name) in KINDS {
        let alone = Box::pin(cost(*kind, Memory::Warm)).await;
        let shared = Box::pin(cost(*kind, Memory::Shared)).await;
        let cold = Box::pin(cost(*kind, Memory::Cold)).await;
        for meter in [&alone, &shared, &cold] {
            assert_eq!((meter.transactions(), meter.scans()), (0, 0), "{kind:?}");
            let total = meter.total();
            assert_eq!(total.guarded_puts, alone.total().guarded_puts, "{kind:?}");
            assert_eq!(total.write_units, alone.total().write_units, "{kind:?}");
        }
        let (total, shared, cold) = (alone.total(), shared.total(), cold.total());
        let (requests, puts, written) = (total.requests, total.guarded_puts, total.write_units);
        let (read, shared, cold) = (total.read_units(), shared.read_units(), cold.read_units());
        writeln!(
            table,
            "| {name} | {requests} | {puts} | {written} | {read} | {shared} | {cold} |"
        )
        .unwrap();
    }
    println!("{table}");
    expect_file!["turns.md"].assert_eq(&table);
}

async fn cost(kind: Kind, memory: Memory) -> Meter {
    let house = House::new().await;
    match kind {
        Kind::Define => {
            let json = declaration("web", ExecutionMode::Superseded);
            house.count(memory, async |app| define(app, &json).await).await
        }
        Kind::Start | Kind::StartSuperseding | Kind::StartAgain => {
            starting(&house, memory, kind).await
        }
        Kind::ReportInside
        | Kind::ReportLeaving
        | Kind::ReportEnding
        | Kind::ReportFailing
        | Kind::ReportLate => reporting(&house, memory, kind).await,
        Kind::Approve => approving(&house, memory).await,
        Kind::Disable | Kind::Enable | Kind::Stop | Kind::Abandon | Kind::Retry => {
            asking(&house, memory, kind).await
        }
        Kind::Tick | Kind::TickOverdue | Kind::SweepIdle => looking(&house, memory, kind).await,
        Kind::LostRace => racing(&house).await,
        Kind::StartAction | Kind::StartActionWithId | Kind::Conclude => {
            following(&house, memory, kind).await
        }
        Kind::Admit | Kind::Begin | Kind::Close => in_parallel(&house, memory, kind).await,
    }
}

async fn superseded(house: &House) {
    house.define(&declaration("web", ExecutionMode::Superseded)).await;
}

async fn take(app: &App, input: &Input) {
    let outcome = turn(app, &web(), input, None).await.unwrap();
    assert!(matches!(outcome, Outcome::Changed(_)), "{input}: {outcome:?}");
}

async fn starting(house: &House, memory: Memory, kind: Kind) -> Meter {
    superseded(house).await;
    if let Kind::StartSuperseding = kind {
        house.start().await;
        house.start().await;
    }
    let id = if let Kind::StartAgain = kind {
        house.start().await
    } else {
        house.app.draw_execution_id()
    };
    house.count(memory, async |app| begin(app, id).await).await
}

async fn reporting(house: &House, memory: Memory, kind: Kind) -> Meter {
    superseded(house).await;
    house.start().await;
    let compile = house.follow_until("Compile").await;
    let unit_test = RunKey { action: "UnitTest".into(), ..compile.clone() };
    if let Kind::ReportInside = kind {
        return house.count(memory, async |app| take(app, &House::report(&compile)).await).await;
    }
    take(&house.app, &House::report(&compile)).await;
    if let Kind::ReportFailing = kind {
        return house.count(memory, async |app| take(app, &failed(&unit_test)).await).await;
    }
    if let Kind::ReportLeaving = kind {
        return house.count(memory, async |app| take(app, &House::report(&unit_test)).await).await;
    }
    take(&house.app, &House::report(&unit_test)).await;
    let deploy = RunKey { stage: "Deploy".into(), action: "Deploy".into(), ..compile.clone() };
    if let Kind::ReportEnding = kind {
        return house.count(memory, async |app| take(app, &House::report(&deploy)).await).await;
    }
    house
        .count(memory, async |app| {
            let outcome = turn(app, &web(), &House::report(&compile), None).await.unwrap();
            assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
        })
        .await
}

fn failed(run: &RunKey) -> Input {
    let failure = Failure::new(FailureType::JobFailed, "the tests failed".to_owned());
    Input::Report { run: run.clone(), outcome: Ended::Failed(failure) }
}

async fn approving(house: &House, memory: Memory) -> Meter {
    let json = declaration("web", ExecutionMode::Superseded);
    let mut json: serde_json::Value = serde_json::from_str(&json).unwrap();
    json["stages"][2]["actions"][0] = serde_json::json!({
        "name": "Deploy",
        "actionTypeId": {
            "category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"
        },
    });
    house.define(&json.to_string()).await;
    house.start().await;
    let run = house.follow_until("Deploy").await;
    let secret = house.app.store.glance(&web()).unwrap().state.secret;
    let approve = Input::Approve(input::Approve {
        stage: run.stage.clone(),
        action: run.action.clone(),
        token: ApprovalToken::derive(secret, run.id()),
        is_approved: true,
        summary: "looks good".to_owned(),
        by: user(),
    });
    house.count(memory, async |app| take(app, &approve).await).await
}

async fn asking(house: &House, memory: Memory, kind: Kind) -> Meter {
    superseded(house).await;
    let disable =
        Input::Disable { stage: "Deploy".into(), reason: "fair week".to_owned(), by: user() };
    let input = if let Kind::Disable = kind {
        disable
    } else if let Kind::Enable = kind {
        take(&house.app, &disable).await;
        Input::Enable { stage: "Deploy".into(), by: user() }
    } else {
        let execution = house.start().await;
        let compile = house.follow_until("Compile").await;
        if let Kind::Retry = kind {
            let unit_test = RunKey { action: "UnitTest".into(), ..compile.clone() };
            take(&house.app, &failed(&compile)).await;
            take(&house.app, &House::report(&unit_test)).await;
            let mode = RetryMode::FailedActions;
            Input::Retry { execution, stage: "Build".into(), mode, by: user() }
        } else {
            let abandon = matches!(kind, Kind::Abandon);
            Input::Stop { execution, abandon, reason: None, by: user() }
        }
    };
    house.count(memory, async |app| take(app, &input).await).await
}

async fn looking(house: &House, memory: Memory, kind: Kind) -> Meter {
    superseded(house).await;
    if let Kind::SweepIdle = kind {
        return house.count(memory, async |app| sweep::sweep(app, &web()).await.unwrap()).await;
    }
    house.start().await;
    house.follow_until("Compile").await;
    if let Kind::TickOverdue = kind {
        house.clock.pass(1000 * 60 * 60 * 24 * 30);
        return house.count(memory, async |app| take(app, &Input::Tick).await).await;
    }
    house
        .count(memory, async |app| {
            let outcome = turn(app, &web(), &Input::Tick, None).await.unwrap();
            assert_eq!(outcome, Outcome::Unchanged);
        })
        .await
}

/// A turn on a head that is not the newest any more. What that costs beyond the same turn alone is the
/// race.
async fn racing(raced: &House) -> Meter {
    let alone = House::new().await;
    let mut meters = Vec::new();
    for house in [&alone, raced] {
        superseded(house).await;
        house.start().await;
        let compile = house.follow_until("Compile").await;
        let unit_test = RunKey { action: "UnitTest".into(), ..compile.clone() };
        if std::ptr::eq(house, raced) {
            // The house thinks that it is alone, and looks at what it remembers.
            take(&house.newcomer(), &House::report(&compile)).await;
        }
        let report = House::report(&unit_test);
        meters.push(house.count(Memory::Warm, async |app| take(app, &report).await).await);
    }
    &meters[1] - &meters[0]
}

async fn following(house: &House, memory: Memory, kind: Kind) -> Meter {
    superseded(house).await;
    house.start().await;
    if let Kind::Conclude = kind {
        house.follow_until("Deploy").await;
        let deploy = deploy_of(house);
        take(&house.app, &House::report(&deploy)).await;
        let hint = house.take().unwrap();
        assert!(matches!(hint, Hint::Conclude(..)), "{hint}");
        return house.count(memory, async |app| follow(app, &hint).await.unwrap()).await;
    }
    let run = house.follow_until("Compile").await;
    // Whoever starts an action learns nothing of its end.
    let has_id = matches!(kind, Kind::StartActionWithId);
    house.scripted.run_under(has_id.then_some("web:6f2d1f1e"));
    let hint = Hint::StartAction(web(), run);
    house.count(memory, async |app| follow(app, &hint).await.unwrap()).await
}

fn deploy_of(house: &House) -> RunKey {
    let head = house.app.store.glance(&web()).unwrap();
    let execution = *head.state.executions.keys().next().unwrap();
    RunKey { execution, stage: "Deploy".into(), action: "Deploy".into(), attempt: 1 }
}

async fn in_parallel(house: &House, memory: Memory, kind: Kind) -> Meter {
    house.define(&declaration("web", ExecutionMode::Parallel)).await;
    let id: ExecutionId = house.app.draw_execution_id();
    if let Kind::Admit = kind {
        return house.count(memory, async |app| begin(app, id).await).await;
    }
    begin(&house.app, id).await;
    let open = house.take().unwrap();
    if let Kind::Begin = kind {
        return house.count(memory, async |app| follow(app, &open).await.unwrap()).await;
    }
    follow(&house.app, &open).await.unwrap();
    let input = Input::Close { execution: id, attempt: 1 };
    let log = LogKey::Pipeline(web().pipeline().clone());
    house
        .count(memory, async |app| {
            turn(app, &log, &input, None).await.unwrap();
        })
        .await
}
