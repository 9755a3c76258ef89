//! Brings messages to the deployment's own subscribers. It has no table, no topic and no role of a pipeline.

use cloud::deliver::{self, Courier, Deliveries, Post, Reach};
use cloud::settings::{Missing, required};
use cloud::subscribers::Subscribers;
use cloud::telemetry;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let own = cloud::sdk::own()?;
    let subscribers = Subscribers::read(&own).ok_or(Missing("TOWPATH_SUBSCRIBERS"))?;
    let queue = required("TOWPATH_DELIVERIES_QUEUE")?;
    let courier = &Courier::new(&own, subscribers, Post::new(Reach::read()), queue);
    let deliver = |event: LambdaEvent<Deliveries>| async move {
        Ok::<_, Error>(deliver::deliver(courier, &event.payload, cloud::world::now()).await)
    };
    run(service_fn(deliver)).await
}
