//! Asks a server: the API, through AWS's own SDK. No store is read here.

pub(crate) mod actions;
pub(crate) mod address;
pub(crate) mod asking;
pub(crate) mod board;
pub(crate) mod changes;
pub(crate) mod choose;
pub(crate) mod declared;
mod deployed;
pub(crate) mod difference;
pub(crate) mod door;
pub(crate) mod executions;
pub(crate) mod kept;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod place;
pub(crate) mod printing;
pub(crate) mod profile;
mod renewed;
mod signing;
pub(crate) mod situation;
pub(crate) mod spelling;
mod stack;
pub(crate) mod trouble;
pub(crate) mod wire;
pub(crate) mod words;

#[cfg(test)]
pub(crate) mod examples;

use std::time::Duration;

use aws_sdk_codepipeline::config::retry::RetryConfig;
use aws_sdk_codepipeline::config::timeout::TimeoutConfig;
use aws_sdk_codepipeline::config::{BehaviorVersion, Region};
use aws_sdk_codepipeline::error::{ProvideErrorMetadata, SdkError};

use crate::arguments::client::{ClientVerb, Connection};
use crate::client::door::Door;
use crate::client::place::Place;
use crate::client::signing::ForLambda;
use crate::ending::Ending;
use crate::{
    apply, approve, completion, credentials, delete, diff, history, logs as logs_verb, ls, pause,
    reject, resume, retry, show, start, stop, watch, r#where, why,
};

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// How soon what may be asked again is asked again.
const AGAIN: Duration = Duration::from_millis(50);

/// A server, and the means to ask it.
#[derive(Debug)]
pub(crate) struct Client {
    /// The API.
    pub(crate) api: aws_sdk_codepipeline::Client,
    /// Where it is.
    pub(crate) place: Place,
}

/// What a verb comes to: both sides are an ending, and `?` takes the shorter way.
pub(crate) type Answer = Result<Ending, Ending>;

/// Does a verb.
pub(crate) fn perform(verb: &ClientVerb) -> Ending {
    match verb {
        ClientVerb::Apply(options) => apply::apply(options),
        ClientVerb::Diff(options) => diff::diff(options),
        ClientVerb::Ls(options) => ls::ls(options),
        ClientVerb::Show(options) => show::show(options),
        ClientVerb::Start(options) => start::start(options),
        ClientVerb::Watch(options) => watch::watch(options),
        ClientVerb::Logs(options) => logs_verb::logs(options),
        ClientVerb::History(options) => history::history(options),
        ClientVerb::Approve(options) => approve::approve(options),
        ClientVerb::Reject(options) => reject::reject(options),
        ClientVerb::Stop(options) => stop::stop(options),
        ClientVerb::Retry(options) => retry::retry(options),
        ClientVerb::Pause(options) => pause::pause(options),
        ClientVerb::Resume(options) => resume::resume(options),
        ClientVerb::Delete(options) => delete::delete(options),
        ClientVerb::Why(options) => why::why(options),
        ClientVerb::Where(options) => r#where::r#where(options),
        ClientVerb::Credentials(options) => credentials::credentials(options),
        ClientVerb::Completion(options) => completion::completion(options),
    }
}

/// Finds the server and asks it.
pub(crate) fn ask(connection: &Connection, verb: impl AsyncFnOnce(Client) -> Answer) -> Ending {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Ending::Failed(Some(format!("no thread could be started: {error}"))),
    };
    runtime.block_on(async {
        let place = match place::find(connection).await {
            Ok(place) => place,
            Err(ending) => return ending,
        };
        verb(Client::new(place)).await.unwrap_or_else(|ending| ending)
    })
}

impl Client {
    /// Signs as the server's door asks for it.
    fn new(place: Place) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ANSWER).build();
        let config = aws_sdk_codepipeline::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(wire::client(&place.connector))
            .region(Region::new(place.region.clone()))
            .credentials_provider(place.keys.clone())
            .retry_config(RetryConfig::standard().with_initial_backoff(AGAIN))
            .timeout_config(timeouts);
        let config = match place.door {
            Door::Own | Door::Bridge => config.endpoint_url(&place.endpoint),
            Door::Aws => config.endpoint_resolver(ForLambda::at(&place.endpoint, &place.region)),
        };
        Self { api: aws_sdk_codepipeline::Client::from_conf(config.build()), place }
    }

    /// Turns a refusal or a failure into a sentence, and what to do.
    pub(crate) fn heard<T, E>(&self, answer: Result<T, SdkError<E>>) -> Result<T, Ending>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        answer.map_err(|error| {
            deployed::doubt(&self.place, error.code().unwrap_or_default());
            trouble::ending(&self.place, &error)
        })
    }
}
