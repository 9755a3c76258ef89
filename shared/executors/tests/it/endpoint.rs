//! A server that speaks S3 stands for a bucket: a small one, which keeps objects in memory.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use executors::watch::{newest_revision, watched};
use providers::job::RevisionOverride;

use crate::scratch::{Machine, read, with_inputs, with_outputs};

/// The versions of each object, oldest first, and the headers of the last request.
#[derive(Default)]
struct Objects {
    versions: BTreeMap<String, Vec<Vec<u8>>>,
    headers: String,
}

/// Starts a server that lives as long as the test's process.
fn server(is_versioned: bool) -> (String, Arc<Mutex<Objects>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("http://{}", listener.local_addr().unwrap());
    let objects: Arc<Mutex<Objects>> = Arc::default();
    let shared = objects.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &mut shared.lock().unwrap(), is_versioned);
        }
    });
    (place, objects)
}

fn answer(mut stream: TcpStream, objects: &mut Objects, is_versioned: bool) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap() == 0 {
            return;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let mut words = head.split_whitespace();
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    objects.headers.clone_from(&lower);
    if method == "PUT" {
        objects.versions.entry(path.to_owned()).or_default().push(body);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .unwrap();
        return;
    }
    let versions = objects.versions.get(path).cloned().unwrap_or_default();
    let wanted = query.split('&').find_map(|pair| pair.strip_prefix("versionId=v"));
    let index = wanted.map_or(versions.len(), |version| version.parse().unwrap());
    let Some(bytes) = index.checked_sub(1).and_then(|index| versions.get(index)) else {
        let text = "HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\nconnection: close\r\n\r\n";
        stream.write_all(text.as_bytes()).unwrap();
        if method == "GET" {
            stream.write_all(b"NoSuchKey").unwrap();
        }
        return;
    };
    let version =
        if is_versioned { format!("x-amz-version-id: v{index}\r\n") } else { String::new() };
    let head = format!(
        "HTTP/1.1 200 OK\r\netag: \"etag-{index}\"\r\n{version}content-length: {}\r\nconnection: close\r\n\r\n",
        bytes.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    if method == "GET" {
        stream.write_all(bytes).unwrap();
    }
}

fn machine(is_versioned: bool) -> (Machine, Arc<Mutex<Objects>>) {
    let (place, objects) = server(is_versioned);
    let mut machine = Machine::new();
    machine.site.buckets.insert("store".to_owned(), place);
    (machine, objects)
}

fn put(objects: &Mutex<Objects>, path: &str, text: &str) {
    let mut objects = objects.lock().unwrap();
    objects.versions.entry(path.to_owned()).or_default().push(text.as_bytes().to_vec());
}

fn source(machine: &Machine, version: Option<&str>) -> providers::Job {
    let settings = [("S3Bucket", "store"), ("S3ObjectKey", "a/code.zip")];
    let mut job = with_outputs(machine.job("Source", "S3", &settings), &["Code"]);
    job.revisions = version
        .into_iter()
        .map(|version| RevisionOverride {
            revision_type: "S3_OBJECT_VERSION_ID".to_owned(),
            value: version.to_owned(),
        })
        .collect();
    job
}

/// R8: a server with versions still has the one that the start pinned.
#[test]
fn a_pinned_version_is_brought_and_not_the_newest() {
    let (machine, objects) = machine(true);
    put(&objects, "/store/a/code.zip", "one");
    put(&objects, "/store/a/code.zip", "two");
    let done = machine.succeed(&source(&machine, Some("v1")));
    assert_eq!(read(&machine.stored(&done.artifacts[0])), "one");
    assert_eq!(
        (done.variables["VersionId"].as_str(), done.variables["ETag"].as_str()),
        ("v1", "etag-1")
    );
    let done = machine.succeed(&source(&machine, None));
    assert_eq!(read(&machine.stored(&done.artifacts[0])), "two");
    assert_eq!(done.revision.unwrap().id, "v2");
    assert_eq!(machine.fail(&source(&machine, Some("v7"))).code, "RevisionUnavailable");
}

#[test]
fn a_server_without_versions_has_only_the_newest() {
    let (machine, objects) = machine(false);
    put(&objects, "/store/a/code.zip", "one");
    put(&objects, "/store/a/code.zip", "two");
    assert_eq!(machine.fail(&source(&machine, Some("etag-1"))).code, "RevisionOutOfSync");
    let done = machine.succeed(&source(&machine, Some("etag-2")));
    assert_eq!(read(&machine.stored(&done.artifacts[0])), "two");
}

#[test]
fn a_server_can_only_be_asked_and_an_absent_object_is_named() {
    let (machine, objects) = machine(true);
    let values = source(&machine, None).configuration;
    assert_eq!(watched("S3", &values, &machine.site).unwrap().unwrap().paths.len(), 0);
    let message = newest_revision("S3", &values, &machine.site).unwrap_err();
    assert!(message.contains("a/code.zip of bucket store"), "{message}");
    assert!(machine.fail(&source(&machine, None)).message.contains("NoSuchKey"));
    put(&objects, "/store/a/code.zip", "one");
    assert_eq!(newest_revision("S3", &values, &machine.site), Ok(Some("v1".to_owned())));
}

#[test]
fn files_are_put_with_what_they_have_besides_their_bytes() {
    let (machine, objects) = machine(true);
    let artifact = machine.artifact("Built", &[("a b/ü.txt", "text")]);
    let settings = [("BucketName", "store"), ("Extract", "true"), ("CacheControl", "max-age=60")];
    machine.succeed(&with_inputs(machine.job("Deploy", "S3", &settings), &[&artifact]));
    let objects = objects.lock().unwrap();
    assert_eq!(objects.versions["/store/a%20b/%C3%BC.txt"], [b"text".to_vec()]);
    assert!(objects.headers.contains("cache-control: max-age=60"), "{}", objects.headers);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let mut machine = Machine::new();
    machine.site.buckets.insert("store".to_owned(), "http://127.0.0.1:9".to_owned());
    let failure = machine.fail(&source(&machine, None));
    assert_eq!(failure.code, "RevisionUnavailable");
    assert!(failure.message.contains("http://127.0.0.1:9"), "{failure:?}");
}
