//! A deployment in memory, behind its function URLs.

use std::io;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use access::audit::{Audit, Lines};
use access::keys::{AnyOf, SessionKeys};
use access::seal::Sealer;
use access::throttle::Throttle;
use access::{Authorizer, Keys, Principal, Principals};
use api::Api;
use aws_types::SdkConfig;
use aws_types::region::Region;
use cloud::postbox::Postbox;
use gateway::{ApiDoor, Asks, Bridge, CloudHome, Mapped, Nowhere, Objects, OwnBus};
use gateway::{PublicDoor, Reply, Sts};
use local::bus::bus;
use local::embedded::Embedded;
use model::time::Timestamp;
use providers::{Job, Provider};
use runtime::App;
use runtime::app::{Place, Providers, World as Outside};
use serde_json::{Value, json};
use store::{Committed, Store};
use tokio::task::JoinSet;

use crate::elsewhere::{ASSUMED, Elsewhere, answered};
use crate::signing::{self, Pair};

pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const HOST: &str = "abc.lambda-url.eu-west-1.on.aws";
pub(crate) const DEPLOYMENT: &str = "towpath-1";
pub(crate) const BUS: &str = "towpath-live";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/Release";

/// When worlds begin: a whole second.
const BEGINNING: i64 = 1_795_687_200_000;

/// Who has which role, unless a test says otherwise.
pub(crate) const PRINCIPALS: &str = "Admin=arn:aws:iam::111122223333:role/Release,\
    JobWorker=arn:aws:iam::111122223333:role/Release,Viewer=arn:aws:iam::111122223333:user/*";

/// A clock that is moved by hand, and numbers that are different each time and the same in each run.
#[derive(Debug)]
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

/// Records of calls, kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<String>>>);

impl Lines for Kept {
    fn put(&self, line: &str) -> io::Result<()> {
        self.0.lock().unwrap().push(line.to_owned());
        Ok(())
    }
}

/// Job workers do custom actions; nobody here does the others.
struct Workers(runtime::jobs::JobWorkers);

impl Providers for Workers {
    fn find(&self, job: &Job) -> Result<&dyn Provider, String> {
        match job.owner.as_str() {
            "Custom" => Ok(&self.0),
            owner => Err(format!("nobody here does actions of owner {owner}")),
        }
    }
}

pub(crate) struct World {
    pub(crate) api: Arc<Api>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) sessions: SessionKeys,
    pub(crate) elsewhere: Elsewhere,
    pub(crate) door: ApiDoor,
    pub(crate) public: PublicDoor,
    kept: Kept,
    /// The table is gone with it.
    _embedded: Embedded,
    _tasks: JoinSet<()>,
}

/// The SDK's configuration, with a server on loopback at its other end.
pub(crate) fn sdk(elsewhere: &Elsewhere) -> SdkConfig {
    let credentials =
        aws_credential_types::Credentials::new("ASIAFUNCTION", "own", None, None, "tests");
    SdkConfig::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
            credentials,
        ))
        .http_client(transport::client(transport::Trust::Nobody))
        .endpoint_url(elsewhere.url())
        .build()
}

/// The home in the cloud, over such a server.
pub(crate) fn home(elsewhere: &Elsewhere, job_role: Option<&str>) -> CloudHome {
    let sdk = sdk(elsewhere);
    CloudHome {
        objects: Objects::new(&sdk),
        sts: aws_sdk_sts::Client::new(&sdk),
        job_role: job_role.map(str::to_owned),
        deployment: DEPLOYMENT.to_owned(),
        region: REGION.to_owned(),
        public_url: "https://hooks.example/".to_owned(),
    }
}

/// Puts the public door together as [`gateway::open::public`] does: nobody's keys, no policies, no artifacts, and
/// a bus at the other end of the wire.
fn public_door(api: &Api, kept: &Kept, elsewhere: &Elsewhere) -> PublicDoor {
    let behind = Api {
        app: api.app.clone(),
        keys: Arc::new(AnyOf::new(Vec::new())),
        authorizer: Authorizer::closed(),
        throttle: Throttle::new(1_000_000, 1_000_000),
        sealer: api.sealer.clone(),
        audit: Audit::to(Box::new(kept.clone()), 8),
        history: history::History::default(),
        home: Arc::new(Nowhere),
    };
    let bus = OwnBus::new(Postbox::new(&sdk(elsewhere), BUS));
    PublicDoor::new(Arc::new(behind), Arc::new(bus), None)
}

impl World {
    /// A deployment whose STS gives the keys of a role, and says of nobody who they are.
    pub(crate) async fn new() -> Self {
        Self::with(
            Elsewhere::new(|_| answered(200, &[("content-type", "text/xml")], ASSUMED)),
            PRINCIPALS,
        )
        .await
    }

    pub(crate) async fn with(elsewhere: Elsewhere, principals: &str) -> Self {
        let embedded = Embedded::in_memory().unwrap();
        let store = Store::new(embedded.client(), "towpath");
        store.create_table().await.unwrap();
        let clock = Arc::new(Clock { millis: AtomicI64::new(BEGINNING), drawn: AtomicU64::new(1) });
        let (bus, delivery) = bus();
        let workers = runtime::jobs::JobWorkers::new(store.clone(), clock.clone());
        let place =
            Place { account: ACCOUNT.to_owned(), region: REGION.to_owned(), is_sole_writer: false };
        let app = App {
            store,
            hints: Arc::new(bus),
            providers: Arc::new(Workers(workers)),
            world: clock.clone(),
            place,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(delivery.run(app.clone()));
        let sealer = Sealer::new([7; 32]);
        let sessions = SessionKeys::new(sealer.clone());
        let principals = Principals::read(principals).unwrap();
        let keys = Mapped::new(sessions.clone(), principals.clone());
        let kept = Kept::default();
        let api = Arc::new(Api {
            app,
            keys: Arc::new(keys) as Arc<dyn Keys>,
            authorizer: Authorizer::new(REGION, ACCOUNT, &[]).unwrap(),
            throttle: Throttle::new(1_000_000, 1_000_000),
            sealer,
            audit: Audit::to(Box::new(kept.clone()), 7),
            history: history::History::default(),
            home: Arc::new(home(&elsewhere, Some("arn:aws:iam::111122223333:role/jobs"))),
        });
        let sts = Sts::new(Some(elsewhere.url()));
        let bridge = Bridge::new(sts, sessions.clone(), principals, DEPLOYMENT);
        let door = ApiDoor::new(api.clone(), Asks::Signature(Box::new(bridge)), None);
        let public = public_door(&api, &kept, &elsewhere);
        Self {
            api,
            clock,
            sessions,
            elsewhere,
            door,
            public,
            kept,
            _embedded: embedded,
            _tasks: tasks,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the newest record of a call.
    pub(crate) fn newest_record(&self) -> Value {
        serde_json::from_str(self.kept.0.lock().unwrap().last().unwrap()).unwrap()
    }

    pub(crate) fn records(&self) -> usize {
        self.kept.0.lock().unwrap().len()
    }

    /// Issues a key to an identity of IAM, as the bridge does.
    pub(crate) fn key_of(&self, arn: &str) -> Pair {
        let mut number = 0_u8;
        let mut draw = |bytes: &mut [u8]| {
            for byte in bytes {
                number = number.wrapping_mul(31).wrapping_add(17);
                *byte = number;
            }
        };
        let identity = Principal::read(arn).unwrap().identity(Vec::new());
        let issued = self.sessions.issue(&identity, None, self.now(), 3600, &mut draw);
        Pair { key: issued.access_key, secret: issued.secret, token: Some(issued.session_token) }
    }

    pub(crate) fn admin(&self) -> Pair {
        self.key_of("arn:aws:sts::111122223333:assumed-role/Release/ann")
    }

    /// Makes a signed call of the JSON protocol.
    pub(crate) fn call(&self, pair: &Pair, operation: &str, request: &Value) -> Value {
        let body = request.to_string();
        let target = format!("CodePipeline_20150709.{operation}");
        let sent =
            [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let url = format!("https://{HOST}/");
        let headers = signing::headers(pair, &url, &sent, body.as_bytes(), self.now());
        event("POST", "/", headers, &body)
    }

    /// Asks as the administrator, and expects an answer.
    pub(crate) async fn ok(&self, operation: &str, request: Value) -> Value {
        let reply = self.send(self.call(&self.admin(), operation, &request)).await;
        assert_eq!(reply.status_code, 200, "{operation} {request}: {}", reply.body);
        serde_json::from_str(&reply.body).unwrap_or_default()
    }

    /// Hands an event to the API's door.
    pub(crate) async fn send(&self, event: Value) -> Reply {
        self.door.answer(serde_json::from_value(event).unwrap()).await
    }

    /// Hands an event to the public door.
    pub(crate) async fn knock(&self, event: Value) -> Reply {
        self.public.answer(serde_json::from_value(event).unwrap()).await
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

/// What a function URL hands over.
pub(crate) fn event(
    method: &str,
    path: &str,
    headers: impl IntoIterator<Item = (String, String)>,
    body: &str,
) -> Value {
    let mut named: serde_json::Map<String, Value> =
        headers.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    named.insert("host".into(), HOST.into());
    named.insert("x-forwarded-for".into(), "203.0.113.1".into());
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": named,
        "requestContext": {
            "accountId": "anonymous", "apiId": "abc", "domainName": HOST, "domainPrefix": "abc",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7",
                "userAgent": "tests",
            },
            "requestId": "r", "routeKey": "$default", "stage": "$default",
            "time": "26/Nov/2026:10:00:00 +0000", "timeEpoch": 1_795_687_200_000_i64,
        },
        "body": body, "isBase64Encoded": false,
    })
}

/// Returns an error's code and sentence.
pub(crate) fn fault(reply: &Reply) -> (String, String) {
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (text("__type"), text("message"))
}
