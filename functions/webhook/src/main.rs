//! Takes deliveries of webhooks and answers of approvers, who have no keys of ours. A delivery that is meant for a
//! pipeline goes onto our own bus, and `source-change` starts it.

use gateway::Event;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use tokio::sync::OnceCell;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cloud::telemetry::start();
    // Opened by the first request: Lambda waits for a function to be ready, and people for an answer.
    let door = &OnceCell::new();
    let answer = |event: LambdaEvent<Event>| async move {
        let door = door.get_or_try_init(gateway::open::public).await?;
        Ok::<_, Error>(door.answer(event.payload).await)
    };
    run(service_fn(answer)).await
}
