//! Takes deliveries of webhooks and answers of approvers, who have no keys of ours.

use gateway::Event;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cloud::telemetry::start();
    let door = &gateway::open::public().await?;
    let answer =
        |event: LambdaEvent<Event>| async move { Ok::<_, Error>(door.answer(event.payload).await) };
    run(service_fn(answer)).await
}
