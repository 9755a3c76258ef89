//! Starts the pipelines whose sources changed, by the services' events and by those of our own webhooks, and those
//! that somebody starts by an event.
//!
//! It talks to no provider: an event says at which revision to start, and the source action fetches it.

use cloud::Settings;
use cloud::batch::Messages;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cloud::telemetry::start();
    let app = &cloud::ground(&cloud::sdk::own()?, &Settings::read()?);
    let follow = |event: LambdaEvent<Messages>| async move {
        Ok::<_, Error>(cloud::changes::follow(app, &event.payload).await)
    };
    run(service_fn(follow)).await
}
