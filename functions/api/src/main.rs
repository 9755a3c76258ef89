//! Answers CodePipeline's API, as its function URL hands requests over.
//!
//! The same program serves both function URLs of the API: the one whose requests it checks itself, and the
//! one whose callers AWS has identified. `TOWPATH_IDENTITY` says which.

use gateway::Event;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use tokio::sync::OnceCell;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cloud::telemetry::start();
    // Opened by the first request: Lambda waits for a function to be ready, and people for an answer.
    let door = &OnceCell::new();
    let answer = |event: LambdaEvent<Event>| async move {
        let door = door.get_or_try_init(gateway::open::api).await?;
        Ok::<_, Error>(door.answer(event.payload).await)
    };
    run(service_fn(answer)).await
}
