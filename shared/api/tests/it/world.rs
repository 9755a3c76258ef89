//! A controller with the API before it, in memory: real store, real engine, real signatures.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use access::audit::Audit;
use access::keys::KeyFile;
use access::seal::Sealer;
use access::throttle::Throttle;
use access::{Authorizer, Keys};
use api::{Api, ArtifactScope, Credentials, Home, Stored};
use async_trait::async_trait;
use aws_credential_types::Credentials as SigningKey;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::Request;
use local::bus::bus;
use local::embedded::Embedded;
use model::ids::PipelineName;
use model::time::Timestamp;
use providers::{Job, Provider};
use runtime::App;
use runtime::app::{Place, Providers, World as Outside};
use serde_json::{Value, json};
use store::{Committed, Store};
use tempfile::TempDir;
use tokio::task::JoinSet;

pub(crate) const ACCOUNT: &str = "000000000000";
pub(crate) const REGION: &str = "us-east-1";

/// When worlds begin.
const BEGINNING: i64 = 1_750_000_000_000;

/// What the API answered: the answer, or the error's code and sentence.
pub(crate) type Answer = Result<Value, (String, String)>;

pub(crate) struct World {
    pub(crate) api: Arc<Api>,
    pub(crate) clock: Arc<Clock>,
    keys: Arc<KeyFile>,
    directory: TempDir,
    stored: std::path::PathBuf,
    embedded: Embedded,
    _tasks: JoinSet<()>,
}

/// A clock that is moved by hand, and numbers that are different each time and the same in each run.
pub(crate) struct Clock {
    millis: AtomicI64,
    drawn: AtomicU64,
}

impl Clock {
    pub(crate) fn pass(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Outside for Clock {
    fn now(&self) -> Timestamp {
        // No two moments are the same, as on a machine.
        Timestamp::from_millis(self.millis.fetch_add(1, Ordering::SeqCst))
    }

    fn draw(&self) -> u128 {
        let number = self.drawn.fetch_add(1, Ordering::SeqCst);
        uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, &number.to_be_bytes()).as_u128()
    }

    fn appended(&self, _committed: &Committed) {}
}

/// Job workers do custom actions; nobody here does the others.
struct Workers(runtime::jobs::JobWorkers);

impl Providers for Workers {
    fn find(&self, job: &Job) -> Result<&dyn Provider, String> {
        match job.owner.as_str() {
            "Custom" | "ThirdParty" => Ok(&self.0),
            owner => Err(format!("nobody here does actions of owner {owner}")),
        }
    }
}

/// Keeps what workers store in a directory, as one machine does.
struct House(TempDir);

#[async_trait]
impl Home for House {
    async fn artifact_credentials(
        &self,
        scope: &ArtifactScope,
        now: Timestamp,
    ) -> Result<Credentials, String> {
        Ok(Credentials {
            access_key_id: format!("TOWPJOB{}", now.millis()),
            secret_access_key: "only-for-tests".to_owned(),
            session_token: format!("{scope:?}"),
        })
    }

    async fn stored(&self, bucket: &str, key: &str) -> Result<Option<Stored>, String> {
        let path = self.0.path().join(bucket).join(key.replace('/', "_"));
        match std::fs::read(path) {
            Ok(bytes) => {
                Ok(Some(Stored { sha256: "0".repeat(64), size_bytes: bytes.len() as u64 }))
            }
            Err(_) => Ok(None),
        }
    }

    fn webhook_url(&self, id: &str) -> String {
        format!("http://127.0.0.1:7477/webhooks/{id}")
    }

    fn log_url(&self, run_id: &str) -> Option<String> {
        Some(format!("http://127.0.0.1:7477/logs/{run_id}"))
    }

    fn declared(&self, _pipeline: &PipelineName) {}

    async fn register_webhook(
        &self,
        _webhook: &str,
        _url: &str,
        _is_wanted: bool,
    ) -> Result<(), (String, String)> {
        Err(("NotConnected".to_owned(), "GitHub cannot be reached from here".to_owned()))
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::throttled(1_000_000).await
    }

    pub(crate) async fn throttled(per_second: u32) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let embedded = Embedded::in_memory().unwrap();
        let store = Store::new(embedded.client(), "towpath");
        store.create_table().await.unwrap();
        let clock = Arc::new(Clock { millis: AtomicI64::new(BEGINNING), drawn: AtomicU64::new(1) });
        let (bus, delivery) = bus();
        let place =
            Place { account: ACCOUNT.to_owned(), region: REGION.to_owned(), is_sole_writer: true };
        let workers = runtime::jobs::JobWorkers::new(store.clone(), clock.clone());
        let app = App {
            store,
            hints: Arc::new(bus),
            providers: Arc::new(Workers(workers)),
            world: clock.clone(),
            place,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(delivery.run(app.clone()));
        let mut seed = 0_u8;
        let mut draw = |bytes: &mut [u8]| {
            for byte in bytes {
                seed = seed.wrapping_mul(31).wrapping_add(17);
                *byte = seed;
            }
        };
        let path = directory.path().join("secret").join("keys.json");
        let keys = Arc::new(KeyFile::create(&path, ACCOUNT, &mut draw).unwrap());
        let house = House(tempfile::tempdir().unwrap());
        let stored = house.0.path().to_owned();
        let api = Api {
            app,
            history: history::History::default(),
            keys: keys.clone() as Arc<dyn Keys>,
            authorizer: Authorizer::new(REGION, ACCOUNT, &[]).unwrap(),
            throttle: Throttle::new(per_second, per_second),
            sealer: Sealer::new([7; 32]),
            audit: Audit::open(&directory.path().join("audit")).unwrap(),
            home: Arc::new(house),
        };
        let api = Arc::new(api);
        Self { api, clock, keys, directory, stored, embedded, _tasks: tasks }
    }

    /// Returns a new key pair with one role.
    pub(crate) fn key(&self, name: &str, role: &str) -> (String, String) {
        self.key_of(name, &[role])
    }

    /// Returns a new key pair with some roles.
    pub(crate) fn key_of(&self, name: &str, roles: &[&str]) -> (String, String) {
        let roles: Vec<_> = roles.iter().map(|role| (*role).to_owned()).collect();
        let mut count = 0_u8;
        let mut draw = |bytes: &mut [u8]| {
            for (place, byte) in bytes.iter_mut().enumerate() {
                count = count.wrapping_add(name.as_bytes()[place % name.len()]).rotate_left(3);
                *byte = count;
            }
        };
        self.keys.add(name, &roles, &mut draw).unwrap()
    }

    pub(crate) fn audit(&self) -> std::path::PathBuf {
        self.directory.path().join("audit")
    }

    /// Stores an artifact as a worker does with the keys of its job.
    pub(crate) fn upload(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let bucket = self.stored.join(bucket);
        std::fs::create_dir_all(&bucket).unwrap();
        std::fs::write(bucket.join(key.replace('/', "_")), bytes).unwrap();
    }

    /// Returns what was asked of the table so far.
    pub(crate) fn meter(&self) -> local::embedded::Meter {
        self.embedded.meter()
    }

    /// Asks as the administrator.
    pub(crate) async fn ask(&self, operation: &str, request: Value) -> Answer {
        let admin = self.keys.pair_of("admin").unwrap();
        self.ask_as(&admin, operation, request).await
    }

    /// Asks, and expects an answer.
    pub(crate) async fn ok(&self, operation: &str, request: Value) -> Value {
        match self.ask(operation, request.clone()).await {
            Ok(answer) => answer,
            Err((code, message)) => panic!("{operation} {request}: {code}: {message}"),
        }
    }

    /// Asks, and expects the error of this code.
    pub(crate) async fn fault(&self, operation: &str, request: Value) -> (String, String) {
        match self.ask(operation, request).await {
            Ok(answer) => panic!("{operation} was answered {answer}"),
            Err(fault) => fault,
        }
    }

    /// Asks with a key pair.
    pub(crate) async fn ask_as(
        &self,
        key: &(String, String),
        operation: &str,
        request: Value,
    ) -> Answer {
        let body = request.to_string();
        let request = signed(key, operation, &body, self.clock.now());
        let (parts, body) = request.into_parts();
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let response = self.api.handle(&parts, &body, peer).await;
        let status = response.status();
        let answer: Value = if response.body().is_empty() {
            json!({})
        } else {
            serde_json::from_slice(response.body()).unwrap()
        };
        if status.is_success() {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Err((text("__type"), text("message")))
    }

    /// Waits until something is so, asking again and again while the hints are followed.
    pub(crate) async fn until<T>(&self, mut look: impl AsyncFnMut(&Self) -> Option<T>) -> T {
        for _ in 0..20_000 {
            if let Some(found) = look(self).await {
                return found;
            }
            tokio::task::yield_now().await;
        }
        panic!("it never came to be so");
    }
}

/// Signs a request as the SDKs do, by their own code.
fn signed(key: &(String, String), operation: &str, body: &str, now: Timestamp) -> Request<Bytes> {
    let target = format!("CodePipeline_20150709.{operation}");
    let headers = [
        ("host", "127.0.0.1:7477"),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", target.as_str()),
    ];
    let identity = SigningKey::new(&key.0, &key.1, None, None, "tests").into();
    let time = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.millis()).unwrap());
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name("codepipeline")
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let signable = SignableRequest::new(
        "POST",
        "http://127.0.0.1:7477/",
        headers.iter().copied(),
        SignableBody::Bytes(body.as_bytes()),
    );
    let (instructions, _) = sign(signable.unwrap(), &parameters).unwrap().into_parts();
    let mut request = Request::post("http://127.0.0.1:7477/");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let mut request = request.body(Bytes::from(body.to_owned())).unwrap();
    instructions.apply_to_request_http1x(&mut request);
    request
}

/// A pipeline of custom actions and an approval: `Source/Bring`, `Build/Make`, `Approve/Release`.
pub(crate) fn pipeline(name: &str) -> Value {
    let custom = |category: &str, provider: &str| json!({"category": category, "owner": "Custom", "provider": provider, "version": "1"});
    json!({
        "name": name,
        "roleArn": "arn:aws:iam::000000000000:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": [
            {"name": "Source", "actions": [{
                "name": "Bring", "actionTypeId": custom("Source", "Carrier"),
                "outputArtifacts": [{"name": "code"}],
            }]},
            {"name": "Approve", "actions": [{
                "name": "Release",
                "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
            }]},
            {"name": "Build", "actions": [{
                "name": "Make", "actionTypeId": custom("Build", "Maker"),
                "inputArtifacts": [{"name": "code"}],
            }]},
        ],
    })
}
