//! `towpath up`: the API, served on this machine.

mod directory;
mod greeting;
mod home;
mod masking;
mod partners;
mod profile;

use std::sync::Arc;
use std::time::Duration;

use access::Authorizer;
use access::audit::Audit;
use access::keys::{KeyFile, SessionKeys};
use access::throttle::Throttle;
use api::Api;
use history::History;
use local::controller::{ACCOUNT, Controller, Error};
use local::watchers::Watchers;
use rustix::process::{Resource, getrlimit, setrlimit};
use server::{Artifacts, Doors, Limits, Server};
use tokio::sync::mpsc;

use crate::arguments::serving::Up;
use crate::ending::Ending;
use crate::run::outside::{Heard, Outside, stop_here};
use crate::run::prepare;
use crate::up::directory::Directory;
use crate::up::home::LocalHome;
use crate::up::masking::Secrets;

pub(crate) use crate::up::directory::{audit_directory, key_file};

/// How many files may be open at once, if the system lets us: each connection is one.
const FILES_MAX: u64 = 16_384;

/// How often the record of calls is brought to the disk.
const RECORDS_SYNCED: Duration = Duration::from_secs(5);

/// Serves until it is ended.
pub(crate) fn up(options: &Up) -> Ending {
    let directory = match Directory::prepare(&options.data) {
        Ok(directory) => directory,
        Err(message) => return Ending::BadInput(message),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Ending::Failed(Some(format!("no threads could be started: {error}"))),
    };
    let ending = runtime.block_on(serve(options, &directory));
    // A look at a source that does not answer would keep us here.
    runtime.shutdown_background();
    ending.err().unwrap_or(Ending::Succeeded)
}

async fn serve(options: &Up, directory: &Directory) -> Result<(), Ending> {
    let outside = Outside::new(false)
        .map_err(|error| Ending::Failed(Some(format!("signals cannot be listened to: {error}"))))?;
    raise_file_limit();
    let (data, region) = (directory.path().to_owned(), options.region.clone());
    let events = options.events.clone();
    let settings =
        prepare::settings(&options.site, data, region, events).map_err(Ending::BadInput)?;
    let partners = partners::read(&options.third_party_types).map_err(Ending::BadInput)?;
    let bound = Server::bind(options.address, options.port, Limits::default()).await;
    let server = bound.map_err(|error| Ending::BadInput(local::bus::chain(&error)))?;
    let opened = Controller::open(settings).await;
    let (mut controller, feed) = opened.map_err(|error| refuse(&error))?;
    // What is appended is read from the store by whoever asks; nobody looks on here.
    tokio::spawn(drain(feed));
    if let Some(troubles) = controller.hear_troubles() {
        tokio::spawn(greeting::tell_troubles(troubles));
    }

    partners::register(&controller.app, &partners).await?;
    let keys = directory.keys().map_err(Ending::BadInput)?;
    directory.write_credentials(&keys, &options.region).map_err(Ending::BadInput)?;
    if let Some(name) = &options.profile {
        let path =
            directory::write_profile(name, &keys, &options.region).map_err(Ending::BadInput)?;
        greeting::say_profile(name, &path);
    }
    let (doors, watching) = open_doors(options, directory, &controller, keys, &server.endpoint())
        .map_err(Ending::BadInput)?;
    tokio::spawn(watching);
    let api = doors.api.clone();
    tokio::spawn(keep_records(api.clone()));

    let announced = directory.announce(&server.endpoint(), &options.region);
    announced.map_err(|message| Ending::Failed(Some(message)))?;
    greeting::greet(&server.endpoint(), directory, &options.region);
    server.serve(doors, interrupted(outside)).await;
    directory.withdraw();
    sync_records(&api);
    greeting::bid_farewell();
    Ok(())
}

/// Returns the values that no log shows over the API, as CodeBuild masks what comes from Secrets Manager
/// and from the parameter store.
fn masked(site: &executors::Site) -> Secrets {
    let values = site.secrets.values().chain(site.parameters.values());
    Secrets::new(values.map(String::as_str))
}

/// Puts together what is behind the doors. Returns them, and the watching of sources.
fn open_doors(
    options: &Up,
    directory: &Directory,
    controller: &Controller,
    keys: KeyFile,
    endpoint: &str,
) -> Result<(Doors, impl Future<Output = ()> + use<>), String> {
    let settings = controller.settings();
    let sealer = directory.sealer()?;
    let stored = artifacts::Directory::open(&settings.site.artifacts)
        .map_err(|error| format!("failed to {}", local::bus::chain(&error)))?;
    let sessions = SessionKeys::new(sealer.clone());
    let artifacts = Artifacts::new(stored.clone(), sessions, directory.uploads()?);
    let (watchers, watching) = Watchers::new(
        controller.app.clone(),
        settings.site.clone(),
        settings.data.clone(),
        controller.troubles(),
    );
    let home = LocalHome {
        endpoint: endpoint.to_owned(),
        runs: settings.data.join("runs"),
        stored,
        artifacts: artifacts.clone(),
        watchers,
        secrets: masked(&settings.site),
    };
    let audit = Audit::open(&directory.audit()).map_err(|error| {
        format!("the audit log {} cannot be opened: {error}", directory.audit().display())
    })?;
    let api = Api {
        app: controller.app.clone(),
        keys: Arc::new(keys),
        authorizer: Authorizer::new(&options.region, ACCOUNT, &directory.policies()?)?,
        throttle: Throttle::new(options.requests_per_second, options.requests_per_second),
        sealer,
        audit,
        history: History::default(),
        home: Arc::new(home),
    };
    Ok((Doors { api: Arc::new(api), artifacts }, watching.run()))
}

/// Brings the record of calls to the disk now and then: for each call it would take as long as a disk.
async fn keep_records(api: Arc<Api>) {
    let mut beat = tokio::time::interval(RECORDS_SYNCED);
    loop {
        beat.tick().await;
        let api = api.clone();
        // Should the thread be lost, the next beat brings everything.
        let _ = tokio::task::spawn_blocking(move || sync_records(&api)).await;
    }
}

fn sync_records(api: &Api) {
    if let Err(error) = api.audit.sync() {
        tracing::error!(%error, "the record of calls could not be brought to the disk");
    }
}

/// Returns once somebody ends us.
async fn interrupted(mut outside: Outside) {
    loop {
        match outside.hear().await {
            Heard::Interrupt => return,
            Heard::Stop => stop_here(),
            Heard::Keys(_) | Heard::Silence => {}
        }
    }
}

async fn drain<T>(mut feed: mpsc::UnboundedReceiver<T>) {
    while feed.recv().await.is_some() {}
}

/// Lets more connections in than many systems let a process have files. What the system refuses is
/// found out when it is needed, and then connections wait.
fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(FILES_MAX, |maximum| maximum.min(FILES_MAX));
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

/// A data directory that cannot be used is the user's to mend; anything else is this machine's.
fn refuse(error: &Error) -> Ending {
    let message = local::bus::chain(error);
    match error {
        Error::Directory { .. } | Error::Embedded(_) | Error::Events { .. } => {
            Ending::BadInput(message)
        }
        Error::Store(_) | Error::Turn(_) => Ending::Failed(Some(message)),
    }
}
