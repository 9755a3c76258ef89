//! What cannot be done: a sentence, what to do, and 5.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::json;

use crate::client::{Served, VARIABLES};
use crate::world::{Finished, World, action, build, pipeline, stage};

/// Runs a verb with an environment.
fn ask(served: &Served, words: &str, environment: &[(&str, &str)]) -> Finished {
    let mut command = served.command(words);
    command.envs(environment.iter().copied());
    served.world.finish(command.spawn().unwrap())
}

/// Runs a verb where there is no server.
fn alone(world: &World, words: &str) -> Finished {
    let mut command = world.command(words);
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    world.finish(command.spawn().unwrap())
}

#[test]
fn without_a_server_the_answer_says_how_to_start_one() {
    let world = World::new("");
    for verb in ["ls", "show web", "start web", "watch web", "logs web", "why web", "where abcd"] {
        alone(&world, verb).expect(5).says("`towpath up`").says(".towpath/server.json");
    }
    // An address where nobody listens: one that was given back just now.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    world.write(
        ".towpath/server.json",
        json!({ "endpoint": format!("http://127.0.0.1:{port}"), "credentials": "keys", "pid": 1 })
            .to_string(),
    );
    alone(&world, "ls").expect(5).says("keys (server.json)");
    world.write(".towpath/keys", "[towpath]\naws_access_key_id=A\naws_secret_access_key=b\n");
    alone(&world, "ls").expect(5).says("nobody answers at").says("written by process 1");
}

#[test]
fn a_server_that_was_killed_is_named_and_asked_again_after_its_next_start() {
    let mut served = Served::new("true");
    served.kill();
    served.ask("ls").expect(5).says("nobody answers at").says("`towpath up`");
    std::fs::remove_file(served.world.path("data/server.json")).unwrap();
    served.serve();
    served.ask("ls").expect(0);
}

#[test]
fn what_is_not_there_is_named_with_the_verb_that_lists_it() {
    let served = Served::new("true");
    for words in [
        "show web",
        "start web",
        "why web",
        "history web",
        "logs web",
        "watch web",
        "approve web",
        "stop web",
        "retry web",
        "delete web --yes",
        "resume web Build",
        "pause web Build --reason x",
    ] {
        served.ask(words).expect(5).says("`towpath ls` lists the pipelines");
    }
    let id = "01997f3e-8d2b-7c11-9a55-0242ac3f9a12";
    served.ask(&format!("watch {id}")).expect(5).says("`towpath history NAME`");
    served.world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    served.ask("apply web.json --yes").expect(0);
    served.ask("watch web --exit-status").expect(0);
    served.ask("logs web --execution ffffffff").expect(5).says("`towpath history web`");
    served.ask("logs web Build").expect(5).says("STAGE/ACTION");
    served.ask("stop web").expect(5).says("nothing of web is under way");
    served.ask("start web -v Nope=1").expect(5).says("Nope");
    served.ask("start web --revision Compile=1").expect(5).says("it has: Commit");
    served.ask("where abc").expect(5).says("too short");
}

#[test]
fn a_file_that_is_refused_is_refused_with_every_place() {
    let served = Served::new("true");
    let world = &served.world;
    served.ask("apply nope.json").expect(5).says("nope.json: No such file");
    let wrong = stage("Ship", &[action("Send", "Deploy/AWS/CodeDepoy", &json!({}), &json!({}))]);
    world.pipeline("wrong.json", &pipeline("SUPERSEDED", &[wrong]));
    for verb in ["apply", "diff"] {
        let refused = served.ask(&format!("{verb} wrong.json")).expect(5);
        refused.says("wrong.json is refused:").says("no action type Deploy/AWS/CodeDepoy/1");
    }
    let two = "Resources:\n  A:\n    Type: AWS::CodePipeline::Pipeline\n  B:\n    Type: AWS::CodePipeline::Pipeline\n";
    world.write("two.yaml", two);
    served.ask("apply two.yaml").expect(5).says("--resource: A, B");
    served.ask("apply two.yaml --resource C").expect(5).says("no pipeline C");
    served.ask("apply two.yaml --resource A").expect(5).says("two.yaml is refused:");
    assert!(served.ask("ls").expect(0).out.contains("no pipeline yet"));
}

#[test]
fn a_key_that_the_server_does_not_know_is_named_by_where_it_comes_from() {
    let served = Served::new("true");
    let words = "ls --data data";
    let unknown = [("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN"), ("AWS_SECRET_ACCESS_KEY", "none")];
    ask(&served, words, &unknown).expect(5).says("the key of AWS_ACCESS_KEY_ID");
    let half = [("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN")];
    ask(&served, words, &half).expect(5).says("set both or neither");
    let credentials = served.server_file()["credentials"].as_str().unwrap().to_owned();
    let profile = [("AWS_PROFILE", "nope"), ("AWS_SHARED_CREDENTIALS_FILE", credentials.as_str())];
    ask(&served, words, &profile).expect(5).says("has no profile nope");
    // The right key with a wrong secret: the signature is wrong, and no secret is shown.
    let text = std::fs::read_to_string(&credentials).unwrap();
    let id = text.lines().find_map(|line| line.split_once("aws_access_key_id"));
    let id = id.unwrap().1.trim_start_matches([' ', '=']).trim().to_owned();
    let wrong = [("AWS_ACCESS_KEY_ID", id.as_str()), ("AWS_SECRET_ACCESS_KEY", "canary")];
    let refused = ask(&served, words, &wrong).expect(5).says("does not know the key");
    assert!(!refused.err.contains("canary"), "{}", refused.err);
    // The key of this machine is nothing to a deployment in AWS.
    ask(&served, "ls --data data --endpoint https://127.0.0.1:1", &[("PATH", "/nowhere")])
        .expect(5)
        .says("who you are");
    ask(&served, "ls --data data --endpoint here", &[]).expect(5).says("is no address");
}

#[test]
fn what_answers_and_is_no_server_of_ours_is_told_so() {
    let served = Served::new("true");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It answers every request with a page; it ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let page =
                "HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html></html>";
            let _ = stream.write_all(page.as_bytes());
        }
    });
    let words = format!("ls --data data --endpoint http://{address}");
    let refused = ask(&served, &words, &[]).expect(1);
    refused.says("is not CodePipeline's API");
}

#[test]
fn a_key_that_may_not_or_asks_too_often_is_told_so() {
    let mut served = Served::new("true");
    let made = served.ask("key add ada --role Viewer").expect(0).out;
    let value = |name: &str| {
        let found = made.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap().trim_start_matches([' ', '=']).to_owned()
    };
    let (id, secret) = (value("aws_access_key_id"), value("aws_secret_access_key"));
    let viewer = [("AWS_ACCESS_KEY_ID", id.as_str()), ("AWS_SECRET_ACCESS_KEY", &secret)];
    served.world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    served.ask("apply web.json --yes").expect(0);
    ask(&served, "show web --data data", &viewer).expect(0);
    let refused = ask(&served, "start web --data data", &viewer).expect(5);
    refused.says("StartPipelineExecution").says("may not do that");
    served.kill();
    std::fs::remove_file(served.world.path("data/server.json")).unwrap();
    served.serve_with("--port 0 --requests-per-second 1");
    // What the SDK asks again by itself is not seen here; a few requests at once are too many for it.
    served.world.wait("nothing was too much", || {
        let finished = served.ask("show web");
        assert!(matches!(finished.status, Some(0 | 1)), "{}", finished.err);
        finished.err.contains("too many requests with this key just now; try again in a moment")
    });
}
