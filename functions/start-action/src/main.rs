//! Starts actions, asks after them and stops them, as the hints in the queue say.
//!
//! It is one of the two functions that talk to providers, under the roles of pipelines.

use cloud::Settings;
use cloud::batch::Messages;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cloud::telemetry::start();
    let app = &actions::ground(&cloud::sdk::own()?, &Settings::read()?);
    let follow = |event: LambdaEvent<Messages>| async move {
        Ok::<_, Error>(cloud::hints::follow(app, &event.payload).await)
    };
    run(service_fn(follow)).await
}
