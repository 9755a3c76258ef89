//! The artifacts of jobs, over S3's requests (contract J6).

use api::{ArtifactScope, Credentials};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::client::{Answer, Request};
use crate::world::{World, today};

const READ: &str = "web/Code/1";
const WRITE: &str = "web/App/2";

fn scope() -> ArtifactScope {
    ArtifactScope {
        reads: vec![("store".to_owned(), READ.to_owned())],
        writes: vec![("store".to_owned(), WRITE.to_owned())],
    }
}

fn request<'a>(method: &'a str, path: &'a str, body: &'a [u8]) -> Request<'a> {
    Request { method, path, headers: &[], body, service: "s3" }
}

async fn ask(world: &World, key: &Credentials, request: &Request<'_>) -> Answer {
    let mut client = world.connect().await;
    client.send(request.signed(key, world.port)).await;
    client.answer_to(request.method != "HEAD").await.unwrap()
}

/// Stores an artifact as our own actions do.
fn store(world: &World, key: &str, bytes: &[u8]) {
    let directory = artifacts::Directory::open(&world.directory.path().join("artifacts")).unwrap();
    let file = world.directory.path().join("file");
    std::fs::write(&file, bytes).unwrap();
    directory.store("store", key, &file).unwrap();
}

#[tokio::test]
async fn a_job_reads_its_inputs_and_writes_its_outputs() {
    let world = World::new().await;
    store(&world, READ, b"the code");
    let key = world.job_keys(&scope(), today());
    let answer = ask(&world, &key, &request("GET", "/store/web/Code/1", b"")).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "the code"));
    assert!(answer.header("etag").is_some() && answer.header("last-modified").is_some());

    let put = ask(&world, &key, &request("PUT", "/store/web/App/2", b"the application")).await;
    assert_eq!(put.status, 200, "{}", put.text());
    let head = ask(&world, &key, &request("HEAD", "/store/web/App/2", b"")).await;
    assert_eq!((head.status, head.header("content-length")), (200, Some("15")));
    let directory = artifacts::Directory::open(&world.directory.path().join("artifacts")).unwrap();
    assert_eq!(directory.look("store", WRITE).unwrap().unwrap().size_bytes, 15);
    let left = std::fs::read_dir(world.directory.path().join("uploads")).unwrap().count();
    assert_eq!(left, 0, "what was uploaded is in its place, and nowhere else");
}

#[tokio::test]
async fn a_part_of_an_artifact_can_be_read() {
    let world = World::new().await;
    store(&world, READ, b"0123456789");
    let key = world.job_keys(&scope(), today());
    let part =
        Request { headers: &[("range", "bytes=2-5")], ..request("GET", "/store/web/Code/1", b"") };
    let answer = ask(&world, &key, &part).await;
    assert_eq!((answer.status, answer.text().as_str()), (206, "2345"));
    assert_eq!(answer.header("content-range"), Some("bytes 2-5/10"));
    let other = Request {
        headers: &[("if-match", "\"other\"")],
        ..request("GET", "/store/web/Code/1", b"")
    };
    assert_eq!(ask(&world, &key, &other).await.status, 412);
}

#[tokio::test]
async fn a_jobs_keys_open_nothing_else() {
    let world = World::new().await;
    store(&world, READ, b"the code");
    store(&world, "web/Code/9", b"of another job");
    let key = world.job_keys(&scope(), today());
    for (method, path) in [
        ("GET", "/store/web/Code/9"),
        ("HEAD", "/store/web/Code/9"),
        ("PUT", "/store/web/Code/1"),
        ("PUT", "/store/web/App/3"),
        ("PUT", "/other/web/App/2"),
        ("GET", "/store/web/Code/../Code/9"),
        ("GET", "/store/web%2FCode%2F9"),
        ("GET", "/store"),
        ("GET", "/store/"),
        ("DELETE", "/store/web/App/2"),
        ("POST", "/store/web/App/2"),
    ] {
        let answer = ask(&world, &key, &request(method, path, b"")).await;
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text());
        let is_head = method == "HEAD";
        assert!(
            is_head || answer.text().contains("<Code>AccessDenied</Code>"),
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn no_other_key_opens_an_artifact() {
    let world = World::new().await;
    store(&world, READ, b"the code");
    let get = request("GET", "/store/web/Code/1", b"");
    let code = |answer: &Answer| answer.text().split(['<', '>']).nth(6).map(str::to_owned);

    let admin = ask(&world, &world.admin(), &get).await;
    assert_eq!(admin.status, 403);
    let hour = 60 * 60 * 1_000;
    let expired = world.job_keys(&scope(), today().plus_millis(-hour));
    let answer = ask(&world, &expired, &get).await;
    assert_eq!((answer.status, code(&answer)), (403, Some("ExpiredToken".to_owned())));
    let good = world.job_keys(&scope(), today());
    let mut wrong = good.clone();
    wrong.secret_access_key.push('x');
    let answer = ask(&world, &wrong, &get).await;
    assert_eq!((answer.status, code(&answer)), (403, Some("SignatureDoesNotMatch".to_owned())));
    let mut stolen = world.job_keys(&ArtifactScope { reads: vec![], writes: vec![] }, today());
    stolen.session_token.clone_from(&good.session_token);
    assert_eq!(ask(&world, &stolen, &get).await.status, 403);
    let unsigned =
        format!("GET /store/web/Code/1 HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", world.port);
    let answer = world.connect().await.ask(unsigned).await;
    assert_eq!((answer.status, code(&answer)), (403, Some("AccessDenied".to_owned())));
    assert_eq!(answer.header("content-type"), Some("application/xml"));
}

#[tokio::test]
async fn a_jobs_keys_are_no_keys_of_the_api() {
    let world = World::new().await;
    let key = world.job_keys(&scope(), today());
    let call = crate::client::call("ListPipelines", "{}", &key, world.port);
    let answer = world.connect().await.ask(call).await;
    assert!(answer.text().contains("UnrecognizedClientException"), "{}", answer.text());
}

#[tokio::test]
async fn an_artifact_is_written_once() {
    // S12: the same bytes again change nothing, other bytes are refused.
    let world = World::new().await;
    let key = world.job_keys(&scope(), today());
    let put = |body| request("PUT", "/store/web/App/2", body);
    assert_eq!(ask(&world, &key, &put(b"first")).await.status, 200);
    assert_eq!(ask(&world, &key, &put(b"first")).await.status, 200);
    let answer = ask(&world, &key, &put(b"second")).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("<Code>ObjectAlreadyExists</Code>"), "{}", answer.text());
    let answer = ask(&world, &key, &request("GET", "/store/web/App/2", b"")).await;
    assert_eq!(answer.text(), "first");
}

/// Begins an upload in parts and returns its id.
async fn begin(world: &World, key: &Credentials, path: &str) -> String {
    let answer = ask(world, key, &request("POST", &format!("{path}?uploads="), b"")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let id = text.split(['<', '>']).skip_while(|part| *part != "UploadId").nth(1).unwrap();
    id.to_owned()
}

#[tokio::test]
async fn an_artifact_may_come_in_parts() {
    let world = World::new().await;
    let key = world.job_keys(&scope(), today());
    let id = begin(&world, &key, "/store/web/App/2").await;
    for (number, bytes) in [(2, "second"), (1, "wrong"), (1, "first ")] {
        let path = format!("/store/web/App/2?partNumber={number}&uploadId={id}");
        let answer = ask(&world, &key, &request("PUT", &path, bytes.as_bytes())).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let path = format!("/store/web/App/2?uploadId={id}");
    let list = |numbers: &[u32]| {
        let part = |number: &u32| format!("<Part><PartNumber>{number}</PartNumber></Part>");
        numbers.iter().map(part).collect::<Vec<_>>().concat()
    };
    for (numbers, code) in [
        (&[1, 2, 3][..], "InvalidPart"),
        (&[2, 1][..], "InvalidPartOrder"),
        (&[][..], "MalformedXML"),
    ] {
        let answer = ask(&world, &key, &request("POST", &path, list(numbers).as_bytes())).await;
        assert!(answer.text().contains(&format!("<Code>{code}</Code>")), "{}", answer.text());
    }
    let answer = ask(&world, &key, &request("POST", &path, list(&[1, 2]).as_bytes())).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = ask(&world, &key, &request("GET", "/store/web/App/2", b"")).await;
    assert_eq!(answer.text(), "first second");
    let left = std::fs::read_dir(world.directory.path().join("uploads")).unwrap().count();
    assert_eq!(left, 0, "nothing is left of the parts");
}

#[tokio::test]
async fn an_upload_is_of_one_object_and_ends() {
    let world = World::new().await;
    let mut scope = scope();
    scope.writes.push(("store".to_owned(), "web/App/3".to_owned()));
    let key = world.job_keys(&scope, today());
    let id = begin(&world, &key, "/store/web/App/2").await;
    for (method, path, status) in [
        ("PUT", format!("/store/web/App/3?partNumber=1&uploadId={id}"), 404),
        ("PUT", format!("/store/web/App/2?partNumber=0&uploadId={id}"), 400),
        ("PUT", format!("/store/web/App/2?partNumber=10001&uploadId={id}"), 400),
        ("PUT", "/store/web/App/2?partNumber=1&uploadId=..".to_owned(), 404),
        ("PUT", "/store/web/App/2?partNumber=1&uploadId=parts-absent".to_owned(), 404),
        ("PUT", format!("/store/web/Code/1?partNumber=1&uploadId={id}"), 403),
        ("POST", "/store/web/Code/1?uploads=".to_owned(), 403),
        ("GET", format!("/store/web/App/2?uploadId={id}"), 403),
        ("GET", "/store/web/App/2?acl=".to_owned(), 403),
        ("DELETE", format!("/store/web/App/2?uploadId={id}"), 204),
        ("DELETE", format!("/store/web/App/2?uploadId={id}"), 404),
    ] {
        let answer = ask(&world, &key, &request(method, &path, b"x")).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    }
}

#[tokio::test]
async fn what_came_must_be_what_was_signed() {
    let world = World::new().await;
    let key = world.job_keys(&scope(), today());
    let sum = STANDARD.encode(crc32fast::hash(b"whole").to_be_bytes());
    let headers = [("x-amz-checksum-crc32", sum.as_str())];
    let put = Request { headers: &headers, ..request("PUT", "/store/web/App/2", b"whole") };
    let mut client = world.connect().await;
    let answer = client.ask(put.sent_as(b"other", &key, world.port)).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("XAmzContentSHA256Mismatch"), "{}", answer.text());
    let wrong = [("x-amz-checksum-crc32", "AAAAAA==")];
    let put_wrong = Request { headers: &wrong, ..request("PUT", "/store/web/App/2", b"whole") };
    let answer = ask(&world, &key, &put_wrong).await;
    assert!(answer.text().contains("BadDigest"), "{}", answer.text());
    assert_eq!(ask(&world, &key, &request("GET", "/store/web/App/2", b"")).await.status, 404);
    assert_eq!(ask(&world, &key, &put).await.status, 200);
}

#[tokio::test]
async fn an_artifact_of_several_megabytes_travels_both_ways() {
    let world = World::new().await;
    let key = world.job_keys(&scope(), today());
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    let put = ask(&world, &key, &request("PUT", "/store/web/App/2", &bytes)).await;
    assert_eq!(put.status, 200, "{}", put.text());
    let answer = ask(&world, &key, &request("GET", "/store/web/App/2", b"")).await;
    assert!(answer.body == bytes, "what is got is what was put");
}
