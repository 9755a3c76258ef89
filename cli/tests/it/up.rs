//! `towpath up`: the server that people start, and what it leaves behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;

use serde_json::{Value, json};

use crate::asking::{Asking, Came, wait_for};
use crate::endings::signal;
use crate::world::{World, build, pipe, pipeline};

const UP: &str = "up --data data --port 0 --repository app=app --events events.jsonl";

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn start(world: &World) -> (Child, Asking) {
    let child = world.start(UP);
    let asking = wait_for(&world.path("data"));
    (child, asking)
}

fn end(world: &World, child: Child) {
    signal("-TERM", child.id());
    world.finish(child).expect(0);
}

fn create(asking: &Asking, declaration: &Value) {
    asking.answer("CreatePipeline", &json!({ "pipeline": declaration }));
}

fn executions(asking: &Asking) -> Vec<Value> {
    let listed = asking.answer("ListPipelineExecutions", &json!({ "pipelineName": "web" }));
    listed["pipelineExecutionSummaries"].as_array().unwrap().clone()
}

fn succeeded(asking: &Asking) -> usize {
    executions(asking).iter().filter(|of| of["status"] == "Succeeded").count()
}

#[test]
fn it_says_where_it_is_and_no_longer_when_it_ends() {
    let world = World::new("true");
    let (child, asking) = start(&world);
    let data = world.path("data");
    let file: Value = serde_json::from_str(&world.read("data/server.json")).unwrap();
    assert_eq!(file["endpoint"], asking.endpoint);
    assert_eq!(file["pid"], child.id());
    assert_eq!(file["region"], "us-east-1");
    assert_eq!(mode(&data), 0o700);
    for name in ["credentials", "keys", "seal", "server.json"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    assert_eq!(asking.answer("ListPipelines", &json!({})), json!({ "pipelines": [] }));
    signal("-INT", child.id());
    let finished = world.finish(child).expect(0);
    for said in [
        format!("export AWS_ENDPOINT_URL_CODEPIPELINE={}\n", asking.endpoint),
        format!("export AWS_SHARED_CREDENTIALS_FILE={}/credentials", data.display()),
        "AWS_PROFILE=towpath".to_owned(),
    ] {
        assert!(finished.out.contains(&said), "{said} is not in:\n{}", finished.out);
    }
    assert!(!finished.out.contains('\u{1b}'), "nothing is painted where no terminal is");
    assert!(!data.join("server.json").exists());
    assert!(matches!(asking.ask("ListPipelines", &json!({})), Came::Nothing));
}

#[test]
fn two_on_one_directory_are_refused_by_name() {
    let world = World::new("true");
    let (child, asking) = start(&world);
    let second = world.towpath("up --data data --port 0").expect(5);
    let second = second.says(&format!("process {}", child.id()));
    second.says("stop that process, or choose another directory").says("data");
    world.towpath("up --data other --port 0 --repository").expect(5);
    asking.answer("ListPipelines", &json!({}));
    end(&world, child);
}

#[test]
fn what_cannot_be_used_is_refused_with_the_fix() {
    let world = World::new("true");
    world.write("file", "");
    world.write("bad/policies/mine.cedar", "permit (everything);");
    let (child, asking) = start(&world);
    let port = asking.endpoint.rsplit(':').next().unwrap().to_owned();
    for (words, said) in [
        ("--data a --address 0.0.0.0".to_owned(), "only this machine is served"),
        ("--data b --address 192.168.0.1".to_owned(), "only this machine is served"),
        ("--data c --address nowhere".to_owned(), "--address"),
        (format!("--data d --port {port}"), "choose another one"),
        ("--data e --port 70000".to_owned(), "--port"),
        ("--data f --requests-per-second 0".to_owned(), "--requests-per-second"),
        ("--data file --port 0".to_owned(), "file"),
        ("--data bad --port 0".to_owned(), "mine"),
        ("--data g --port 0 --profile a]b".to_owned(), "--profile"),
        ("--data h --port 0 --repository app".to_owned(), "--repository"),
        ("--data j --port 0 --third-party-type absent.json".to_owned(), "absent.json"),
        ("--data j --port 0 --third-party-type file".to_owned(), "not JSON"),
        ("--data i --port 0 --events no/such/place".to_owned(), "no/such/place"),
    ] {
        world.towpath(&format!("up {words}")).expect(5).says(said);
    }
    end(&world, child);
}

#[test]
fn a_directory_that_is_open_to_others_is_mended() {
    let world = World::new("true");
    fs::create_dir(world.path("data")).unwrap();
    fs::set_permissions(world.path("data"), fs::Permissions::from_mode(0o755)).unwrap();
    let (child, _) = start(&world);
    assert_eq!(mode(&world.path("data")), 0o700);
    signal("-TERM", child.id());
    world.finish(child).expect(0).says("it is for you alone now");
    // Keys that others could read are keys that others have: that is not for us to hush up.
    fs::set_permissions(world.path("data/seal"), fs::Permissions::from_mode(0o644)).unwrap();
    world.towpath("up --data data --port 0").expect(5).says("chmod 600");
}

#[test]
fn killed_it_goes_on_where_it_stood() {
    let world = World::new("");
    let (ledger, gate) = (world.path("ledger"), world.path("gate"));
    pipe(&gate);
    let script = format!("echo ran >> {}\ncat {}\n", ledger.display(), gate.display());
    world.write("app/build.sh", script);
    world.commit("Wait at the gate");
    let (child, asking) = start(&world);
    create(&asking, &pipeline("SUPERSEDED", &[build()]));
    world.wait("the build never began", || world.read("ledger").lines().count() == 1);
    signal("-KILL", child.id());
    assert_eq!(world.finish(child).status, None);
    fs::remove_file(world.path("data/server.json")).unwrap();

    let (child, asking) = start(&world);
    fs::write(&gate, "open").unwrap();
    world.wait("the execution never ended", || succeeded(&asking) == 1);
    assert_eq!(executions(&asking).len(), 1);
    assert_eq!(world.read("ledger").lines().count(), 1, "the build ran twice");
    end(&world, child);
    assert_eq!(crate::events::check(&world.read("events.jsonl")), 1);
}

#[test]
fn a_commit_starts_what_is_declared_to_be_watched_and_a_new_pipeline_starts_once() {
    let world = World::new("true");
    let (child, asking) = start(&world);
    create(&asking, &pipeline("SUPERSEDED", &[build()]));
    let mut unwatched = pipeline("SUPERSEDED", &[build()]);
    unwatched["name"] = json!("unwatched");
    unwatched["stages"][0]["actions"][0]["configuration"]["PollForSourceChanges"] = json!("false");
    create(&asking, &unwatched);
    world.wait("#1 never ended", || succeeded(&asking) == 1);
    world.wait("the sources were never seen", || world.path("data/sources-web.json").exists());
    world.commit("Second");
    world.wait("#2 never ended", || succeeded(&asking) == 2);
    end(&world, child);
    world.commit("While nobody looks");
    let (child, asking) = start(&world);
    world.wait("#3 never ended", || succeeded(&asking) == 3);
    let triggers: Vec<_> =
        executions(&asking).iter().map(|of| of["trigger"]["triggerType"].clone()).collect();
    assert_eq!(triggers, ["PollForSourceChanges", "PollForSourceChanges", "CreatePipeline"]);
    let listed = asking.answer("ListPipelineExecutions", &json!({ "pipelineName": "unwatched" }));
    assert_eq!(listed["pipelineExecutionSummaries"].as_array().unwrap().len(), 1);
    // A name that is used again stands for a pipeline that has seen nothing yet.
    asking.answer("DeletePipeline", &json!({ "name": "web" }));
    world.wait("what was seen is kept", || !world.path("data/sources-web.json").exists());
    end(&world, child);
}

#[test]
fn a_repository_that_is_not_there_is_told_and_ends_nothing() {
    let world = World::new("true");
    let mut elsewhere = pipeline("SUPERSEDED", &[build()]);
    elsewhere["stages"][0]["actions"][0]["configuration"]["RepositoryName"] = json!("elsewhere");
    let mut command = world.command(UP);
    command.stderr(fs::File::create(world.path("err")).unwrap());
    let mut child = command.spawn().unwrap();
    let asking = wait_for(&world.path("data"));
    create(&asking, &elsewhere);
    let told = || world.read("err").contains("web: ") && world.read("err").contains("elsewhere");
    world.wait("the trouble was never told", told);
    asking.answer("ListPipelines", &json!({}));
    signal("-TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_profile_is_written_to_the_users_own_file_only_when_asked() {
    let world = World::new("true");
    fs::create_dir_all(world.path("home")).unwrap();
    let file = world.path("home/.aws/credentials");
    let up = |words: &str| {
        let mut command = world.command(&format!("up --data data --port 0 {words}"));
        let child = command.env("HOME", world.path("home")).spawn().unwrap();
        wait_for(&world.path("data"));
        end(&world, child);
    };
    up("");
    assert!(!file.exists());
    world.write("home/.aws/credentials", "[default]\naws_access_key_id = MINE\n");
    up("--profile local");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("[default]\naws_access_key_id = MINE\n\n[local]\n"), "{text}");
    assert_eq!(mode(&file), 0o600);
    up("--profile local");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn keys_are_made_listed_and_refused_while_the_server_runs() {
    let world = World::new("true");
    world.towpath("key list --data data").expect(5).says("towpath up --data data");
    let (child, admin) = start(&world);
    create(&admin, &pipeline("SUPERSEDED", &[build()]));
    let added = world.towpath("key add ada --role Viewer --data data").expect(0).out;
    let value = |name: &str| {
        let line = added.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        line.unwrap().to_owned()
    };
    let (id, secret) = (value("aws_access_key_id"), value("aws_secret_access_key"));
    let ada = Asking::with(&admin.endpoint, &id, &secret);
    ada.answer("GetPipeline", &json!({ "name": "web" }));
    match ada.ask("StartPipelineExecution", &json!({ "name": "web" })) {
        Came::Fault(code, message) => {
            assert!(code.ends_with("AccessDeniedException"), "{code}");
            assert!(message.contains("codepipeline:StartPipelineExecution"), "{message}");
        }
        other @ (Came::Answer(_) | Came::Nothing) => panic!("{other:?}"),
    }
    let listed = world.towpath("key list --data data").expect(0).out;
    assert!(listed.contains(&format!("{id}  ada  Viewer")), "{listed}");
    assert!(!listed.contains(&secret), "a secret is shown once");
    world.towpath(&format!("key remove {id} --data data")).expect(0);
    assert!(matches!(ada.ask("GetPipeline", &json!({ "name": "web" })), Came::Fault(..)));
    world.towpath("key remove TOWPNOBODY --data data").expect(5).says("TOWPNOBODY");
    let mine = listed.lines().find(|line| line.contains("Admin")).unwrap();
    let mine = mine.split(' ').next().unwrap();
    world.towpath(&format!("key remove {mine} --data data")).expect(5).says("last key");
    end(&world, child);
}

#[test]
fn the_record_of_calls_is_whole_until_somebody_changes_it() {
    let world = World::new("true");
    world.towpath("audit verify --data data").expect(5).says("towpath up --data data");
    let (child, asking) = start(&world);
    for _ in 0..3 {
        asking.answer("ListPipelines", &json!({}));
    }
    assert!(matches!(asking.ask("GetPipeline", &json!({ "name": "x" })), Came::Fault(..)));
    end(&world, child);
    let finished = world.towpath("audit verify --data data").expect(0);
    assert!(finished.out.contains("4 records"), "{}", finished.out);
    let entries = fs::read_dir(world.path("data/audit")).unwrap();
    let days = entries.map(|entry| entry.unwrap().path());
    let day = days.filter(|path| path.extension().is_some_and(|of| of == "jsonl")).max().unwrap();
    let text = fs::read_to_string(&day).unwrap();
    fs::write(&day, text.replacen("ListPipelines", "GetPipelinesX", 1)).unwrap();
    world.towpath("audit verify --data data").expect(1).says("not as it was written");
}
