//! A server over a real controller, in memory, with a home whose logs are opened by hand.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use access::audit::Audit;
use access::keys::{KeyFile, SessionKeys};
use access::seal::Sealer;
use access::throttle::Throttle;
use access::{Authorizer, Identity};
use api::{Api, ArtifactScope, Credentials, Home, LogPiece, Stored};
use async_trait::async_trait;
use history::History;
use local::bus::bus;
use local::embedded::Embedded;
use local::world::{Machine, now};
use model::ids::PipelineName;
use model::time::Timestamp;
use providers::{Job, Provider};
use runtime::App;
use runtime::app::{Place, Providers};
use server::{Artifacts, Doors, Limits, Server};
use store::Store;
use tempfile::TempDir;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::task::JoinHandle;

use crate::client::Client;

const ACCOUNT: &str = "000000000000";
const REGION: &str = "us-east-1";

/// A server, and what its tests hold of it.
pub(crate) struct World {
    pub(crate) port: u16,
    pub(crate) artifacts: Artifacts,
    pub(crate) house: Arc<House>,
    pub(crate) directory: TempDir,
    key: (String, String),
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
    _embedded: Embedded,
}

/// A home whose log called `gated` is read only once it is let go, and where `broken` panics.
pub(crate) struct House {
    pub(crate) asked: Notify,
    pub(crate) let_go: Semaphore,
}

struct Nobody;

impl Providers for Nobody {
    fn find(&self, _job: &Job) -> Result<&dyn Provider, String> {
        Err("nobody does actions here".to_owned())
    }
}

#[async_trait]
impl Home for House {
    async fn artifact_credentials(
        &self,
        _scope: &ArtifactScope,
        _now: Timestamp,
    ) -> Result<Credentials, String> {
        Err("there are no jobs here".to_owned())
    }

    async fn stored(&self, _bucket: &str, _key: &str) -> Result<Option<Stored>, String> {
        Ok(None)
    }

    fn webhook_url(&self, id: &str) -> String {
        id.to_owned()
    }

    fn log_url(&self, _run_id: &str) -> Option<String> {
        None
    }

    fn printed_by(&self, run_id: &str) -> Option<PipelineName> {
        assert_ne!(run_id, "broken", "this log breaks whoever asks for it");
        (run_id == "gated").then(|| PipelineName::new("web"))
    }

    async fn read_log(
        &self,
        _run_id: &str,
        offset: u64,
        _bytes_max: usize,
    ) -> Result<LogPiece, String> {
        self.asked.notify_one();
        self.let_go.acquire().await.unwrap().forget();
        Ok(LogPiece { bytes: "printed\n".into(), next: offset + 8, has_ended: true })
    }

    fn declared(&self, _pipeline: &PipelineName) {}

    async fn register_webhook(
        &self,
        _webhook: &str,
        _url: &str,
        _is_wanted: bool,
    ) -> Result<(), (String, String)> {
        Err(("NotConnected".to_owned(), "there are no hosts here".to_owned()))
    }
}

/// Fills a buffer with what looks like chance.
pub(crate) fn draw(bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(16) {
        let drawn =
            runtime::app::World::draw(&Machine::new(tokio::sync::mpsc::unbounded_channel().0));
        chunk.copy_from_slice(&drawn.to_be_bytes()[..chunk.len()]);
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::within(Limits::default()).await
    }

    pub(crate) async fn within(limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let embedded = Embedded::in_memory().unwrap();
        let store = Store::new(embedded.client(), "towpath");
        store.create_table().await.unwrap();
        let app = App {
            store,
            hints: Arc::new(bus().0),
            providers: Arc::new(Nobody),
            world: Arc::new(Machine::new(tokio::sync::mpsc::unbounded_channel().0)),
            place: Place {
                account: ACCOUNT.to_owned(),
                region: REGION.to_owned(),
                is_sole_writer: true,
            },
        };
        let keys =
            KeyFile::create(&directory.path().join("keys/file"), ACCOUNT, &mut draw).unwrap();
        let key = keys.pair_of("admin").unwrap();
        let house = Arc::new(House { asked: Notify::new(), let_go: Semaphore::new(0) });
        let sealer = Sealer::new([7; 32]);
        let stored = artifacts::Directory::open(&directory.path().join("artifacts")).unwrap();
        let uploads = directory.path().join("uploads");
        std::fs::create_dir(&uploads).unwrap();
        let artifacts = Artifacts::new(stored, SessionKeys::new(sealer.clone()), uploads);
        let api = Api {
            app,
            keys: Arc::new(keys),
            authorizer: Authorizer::new(REGION, ACCOUNT, &[]).unwrap(),
            throttle: Throttle::new(1_000_000, 1_000_000),
            sealer,
            audit: Audit::open(&directory.path().join("audit")).unwrap(),
            history: History::default(),
            home: house.clone(),
        };
        let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
        let server = Server::bind(loopback, Some(0), limits).await.unwrap();
        let port = server.address().port();
        let doors = Doors { api: Arc::new(api), artifacts: artifacts.clone() };
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(doors, async {
            // A world that is dropped stops, too.
            let _ = stopped.await;
        }));
        let stop = Some(stop);
        Self { port, artifacts, house, directory, key, stop, serving, _embedded: embedded }
    }

    /// Opens a connection.
    pub(crate) async fn connect(&self) -> Client {
        Client::connect(self.port).await
    }

    /// Makes keys for a job's artifacts, as of some moment.
    pub(crate) fn job_keys(&self, scope: &ArtifactScope, at: Timestamp) -> Credentials {
        let worker = Identity {
            arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/job/1"),
            account: ACCOUNT.to_owned(),
            name: "job".to_owned(),
            roles: Vec::new(),
        };
        self.artifacts.issue(&worker, scope, at, &mut draw).unwrap()
    }

    /// Returns the admin's key.
    pub(crate) fn admin(&self) -> Credentials {
        let (access_key_id, secret_access_key) = self.key.clone();
        Credentials { access_key_id, secret_access_key, session_token: String::new() }
    }

    /// Begins to stop the server.
    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has stopped.
    pub(crate) async fn stopped(self) {
        self.serving.await.unwrap();
    }
}

/// Now, as the server reads the clock.
pub(crate) fn today() -> Timestamp {
    now()
}
