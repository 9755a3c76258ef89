//! `towpath up`, killed and started again under a client that tries again.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::asking::{Asking, Came, wait_for};
use crate::plan;
use crate::world::{World, check_events};

/// Beyond this the test itself has failed.
const MINUTES_MAX: u64 = 20;

/// The longest that a server may go on before it is killed: an execution takes about as long.
const MILLIS_MAX: u64 = 1_200;

/// How long the client looks away between two rounds.
const ROUND: Duration = Duration::from_millis(50);

const NAME: &str = "web-app";

/// What the client was answered.
#[derive(Debug, Default)]
struct Answered {
    /// The execution of every start, by the token that was sent.
    started: BTreeMap<String, String>,
    approved: usize,
    asked: usize,
}

#[test]
fn a_server_killed_at_any_moment_loses_nothing_that_it_answered_and_does_nothing_twice() {
    let (kills, seed) = plan();
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let world = World::new();
    let deadline = Instant::now() + Duration::from_secs(MINUTES_MAX * 60);
    let mut server = up(&world);
    create(&world);

    let is_over = AtomicBool::new(false);
    let answered = std::thread::scope(|scope| {
        let client = scope.spawn(|| {
            let mut answered = Answered::default();
            while !is_over.load(Ordering::SeqCst) {
                round(&world, &mut answered);
                std::thread::park_timeout(ROUND);
            }
            answered
        });
        for killed in 0..kills {
            assert!(
                Instant::now() < deadline,
                "{killed} kills took more than {MINUTES_MAX} minutes"
            );
            // Some do not get as far as serving.
            if !chance.random_ratio(1, 4) {
                wait_until_served(&world, &mut server, deadline);
            }
            let millis = chance.random_range(0..MILLIS_MAX);
            std::thread::park_timeout(Duration::from_millis(millis));
            if client.is_finished() {
                break;
            }
            server.kill();
            server = up(&world);
        }
        is_over.store(true, Ordering::SeqCst);
        client.join().expect("the client was content")
    });

    let executions = settle(&world, deadline);
    check_executions(&executions, &answered);
    check_statuses(&world, &executions);
    end(server);
    let ended = check_events(&world.events());
    let ran = world.check_ledger();
    assert_eq!(ended, executions.len(), "every execution has its events");
    println!(
        "{kills} kills, {} requests answered: {} starts, {} approvals; {ended} executions ended, {ran} runs",
        answered.asked,
        answered.started.len(),
        answered.approved
    );
    assert!(!answered.started.is_empty() && ran > 0, "nothing happened between the kills");
}

/// A server that does not outlive its test.
struct Server(Child);

impl Server {
    fn kill(&mut self) {
        // One that has ended cannot be killed, and need not.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn up(world: &World) -> Server {
    let child = world.command("up").args(["--port", "0"]).spawn();
    Server(child.expect("towpath can be started"))
}

fn wait_until_served(world: &World, server: &mut Server, deadline: Instant) {
    let id = server.0.id();
    let serves = || {
        let text = std::fs::read(world.path("data/server.json")).ok()?;
        let file: Value = serde_json::from_slice(&text).expect("the file appears whole");
        Some(file["pid"] == id)
    };
    while serves() != Some(true) {
        let ended = server.0.try_wait().expect("a child can be asked");
        assert_eq!(ended, None, "a server ended by itself");
        assert!(Instant::now() < deadline, "a server never served");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Ends the server as whoever stops a service does.
fn end(mut server: Server) {
    let id = server.0.id().to_string();
    let ended = Command::new("kill").args(["-TERM", &id]).status();
    assert!(ended.expect("kill can be run").success());
    let status = server.0.wait().expect("a child can be waited for");
    assert_eq!(status.code(), Some(0), "an orderly end");
}

fn create(world: &World) {
    let text = std::fs::read(world.path("pipeline.yaml")).expect("the pipeline is there");
    let declaration: Value = serde_yaml_ng::from_slice(&text).expect("the pipeline is YAML");
    let created =
        wait_for(&world.path("data")).answer("CreatePipeline", &json!({ "pipeline": declaration }));
    assert_eq!(created["pipeline"]["name"], NAME);
}

/// One round of the client: a start, a look at everything, and the approval that waits.
fn round(world: &World, answered: &mut Answered) {
    let token = format!("start-{}", answered.started.len());
    let start = json!({ "name": NAME, "clientRequestToken": token });
    let started = insist(world, "StartPipelineExecution", &start, answered);
    let id = started["pipelineExecutionId"].as_str().expect("a start has an id").to_owned();
    // Asked again, as a client does whose answer was lost, it is the same start.
    let again = insist(world, "StartPipelineExecution", &start, answered);
    assert_eq!(again["pipelineExecutionId"], id.as_str(), "{token} started twice");
    answered.started.insert(token, id.clone());

    let read = json!({ "pipelineName": NAME, "pipelineExecutionId": id });
    let read = insist(world, "GetPipelineExecution", &read, answered);
    assert_eq!(read["pipelineExecution"]["pipelineExecutionId"], id.as_str());
    approve(world, answered);
}

/// Approves what waits for it, if anything does.
fn approve(world: &World, answered: &mut Answered) {
    let state = insist(world, "GetPipelineState", &json!({ "name": NAME }), answered);
    let Some(token) = waiting(&state) else { return };
    let approval = json!({
        "pipelineName": NAME,
        "stageName": "Approve",
        "actionName": "Release",
        "result": { "status": "Approved", "summary": "" },
        "token": token,
    });
    answered.asked += 1;
    match Asking::of(&world.path("data")).map(|asking| asking.ask("PutApprovalResult", &approval)) {
        Some(Came::Answer(_)) => answered.approved += 1,
        // Whether it was given is seen in the next round.
        Some(Came::Nothing) | None => {}
        Some(Came::Fault(code, message)) => {
            let is_known = code.ends_with("ApprovalAlreadyCompletedException")
                || code.ends_with("InvalidApprovalTokenException");
            assert!(is_known, "{code}: {message}");
        }
    }
}

fn waiting(state: &Value) -> Option<&str> {
    let stages = state["stageStates"].as_array()?;
    let stage = stages.iter().find(|stage| stage["stageName"] == "Approve")?;
    let latest = &stage["actionStates"][0]["latestExecution"];
    (latest["status"] == "InProgress").then(|| latest["token"].as_str()).flatten()
}

/// Asks until there is an answer: whoever is killed is started again.
fn insist(world: &World, operation: &str, body: &Value, answered: &mut Answered) -> Value {
    let deadline = Instant::now() + Duration::from_secs(MINUTES_MAX * 60);
    while Instant::now() < deadline {
        match Asking::of(&world.path("data")).map(|asking| asking.ask(operation, body)) {
            Some(Came::Answer(answer)) => {
                answered.asked += 1;
                return answer;
            }
            Some(Came::Fault(code, _)) if code.ends_with("ConcurrentModificationException") => {}
            Some(Came::Fault(code, message)) => panic!("{operation} {body}: {code}: {message}"),
            Some(Came::Nothing) | None => std::thread::park_timeout(Duration::from_millis(10)),
        }
    }
    panic!("{operation} {body} was never answered");
}

/// Approves until every execution has ended, and returns them all.
fn settle(world: &World, deadline: Instant) -> Vec<Value> {
    let mut answered = Answered::default();
    loop {
        assert!(Instant::now() < deadline, "not every execution ended");
        approve(world, &mut answered);
        let executions = list(world, &mut answered);
        let is_running = |of: &Value| of["status"] == "InProgress" || of["status"] == "Stopping";
        if !executions.iter().any(is_running) {
            return executions;
        }
        std::thread::park_timeout(ROUND);
    }
}

fn list(world: &World, answered: &mut Answered) -> Vec<Value> {
    let mut executions = Vec::new();
    let mut request = json!({ "pipelineName": NAME });
    loop {
        let page = insist(world, "ListPipelineExecutions", &request, answered);
        let of_page = page["pipelineExecutionSummaries"].as_array().expect("a list has summaries");
        executions.extend(of_page.iter().cloned());
        match page["nextToken"].as_str() {
            Some(token) => request["nextToken"] = json!(token),
            None => return executions,
        }
    }
}

/// Every start that was answered is there once, and nothing else is but the pipeline's own first one.
fn check_executions(executions: &[Value], answered: &Answered) {
    let id = |of: &Value| of["pipelineExecutionId"].as_str().expect("an id").to_owned();
    let ids: BTreeSet<_> = executions.iter().map(id).collect();
    assert_eq!(ids.len(), executions.len(), "an execution is listed twice");
    let started: BTreeSet<_> = answered.started.values().cloned().collect();
    assert_eq!(started.len(), answered.started.len(), "two tokens have one execution");
    let lost: Vec<_> = started.difference(&ids).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    assert_eq!(ids.len(), started.len() + 1, "somebody else started something");
    let succeeded = executions.iter().filter(|of| of["status"] == "Succeeded").count();
    assert!(succeeded > 0, "nothing went through");
}

/// A kill is no reason to fail.
fn check_statuses(world: &World, executions: &[Value]) {
    if let Some(of) = executions.iter().find(|of| of["status"] == "Failed") {
        let id = &of["pipelineExecutionId"];
        let request = json!({ "pipelineName": NAME, "filter": { "pipelineExecutionId": id } });
        let actions = insist(world, "ListActionExecutions", &request, &mut Answered::default());
        let failed = actions["actionExecutionDetails"].as_array().expect("a list has details");
        let failed: Vec<_> = failed.iter().filter(|of| of["status"] == "Failed").collect();
        panic!("{id} failed: {failed:#?}");
    }
}
