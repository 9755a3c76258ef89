//! Answers CodePipeline's API, as its function URL hands requests over.
//!
//! The same program serves both function URLs of the API: the one whose requests it checks itself, and the
//! one whose callers AWS has identified. `TOWPATH_IDENTITY` says which.

use gateway::Event;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cloud::telemetry::start();
    let door = &gateway::open::api().await?;
    let answer =
        |event: LambdaEvent<Event>| async move { Ok::<_, Error>(door.answer(event.payload).await) };
    run(service_fn(answer)).await
}
