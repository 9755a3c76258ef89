//! A host on this very machine, over real sockets, where the deployment stands on it too.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use model::outcome::Outcome;
use providers::{Progress, Provider as _};
use serde_json::json;

use super::forge::Forge;
use super::{COMMIT, CodeHost, connection_job};
use crate::Ground;
use crate::wire::Wire;
use crate::wire::bucket::zip;

/// Answers requests until a connection says nothing, and returns the address.
fn serve(answer: impl Fn(&str, &str) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let own = address.clone();
    thread::spawn(move || {
        for stream in listener.incoming().take(20) {
            let Ok(mut stream) = stream else { return };
            let head = read_head(&mut stream);
            let target = head.split(' ').nth(1).unwrap_or_default();
            let _ = stream.write_all(&answer(&own, target));
        }
    });
    address
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn ground(forge: &Forge) -> Ground {
    let served = forge.clone();
    let mut ground = Wire::to(move |asked| served.answer(asked)).ground();
    ground.own = ground.own.to_builder().endpoint_url("http://127.0.0.1:1").build();
    ground
}

fn gitlab(own: &str, target: &str) -> Vec<u8> {
    let project = "/api/v4/projects/ada%2Fweb/repository";
    if target == format!("{project}/branches/release%2F1.0") {
        let branch = json!({ "commit": { "id": COMMIT, "message": "A" } });
        return response("200 OK", "", branch.to_string().as_bytes());
    }
    if target == format!("{project}/archive.zip?sha={COMMIT}") {
        return response("302 Found", &format!("location: http://{own}/moved\r\n"), b"");
    }
    match target {
        "/moved" => response("200 OK", "", &zip(&[("top/a", "A")])),
        _ => response("404 Not Found", "", b""),
    }
}

#[tokio::test]
async fn a_host_of_this_machine_is_asked_where_the_deployment_is_on_it_too() {
    let host = serve(gitlab);
    let secret = json!({ "kind": "gitlab", "host": host, "token": "t" });
    let forge = Forge::with_secret(&secret);
    let provider = CodeHost::new(ground(&forge));
    let progress = provider.start(&connection_job("ada/web")).await.unwrap();
    let Progress::Done(Outcome::Succeeded(success)) = progress else { panic!("{progress:?}") };
    assert_eq!(success.variables["CommitId"], COMMIT);
    assert_eq!(forge.state().buckets.file(&success.artifacts[0], "a").as_deref(), Some("A"));
}

#[tokio::test]
async fn it_sends_us_to_no_other_door_of_this_machine() {
    let other = serve(|_, _| response("200 OK", "", &zip(&[("top/secret", "S")])));
    let host = serve(move |own, target| {
        let answer = gitlab(own, target);
        if !answer.starts_with(b"HTTP/1.1 302") {
            return answer;
        }
        response("302 Found", &format!("location: http://{other}/moved\r\n"), b"")
    });
    let forge = Forge::with_secret(&json!({ "kind": "gitlab", "host": host, "token": "t" }));
    let provider = CodeHost::new(ground(&forge));
    let progress = provider.start(&connection_job("ada/web")).await.unwrap();
    let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{progress:?}") };
    assert!(failure.message.contains("only the host itself is asked"), "{}", failure.message);
}
