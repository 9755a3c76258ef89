//! Tells people and machines what happened: the topic, and subscribers of the deployment's own.

use cloud::batch::Messages;
use cloud::notify::{self, Subscriptions, Topic, Voice};
use cloud::settings::required;
use cloud::{Settings, telemetry};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let own = cloud::sdk::own()?;
    let app = &cloud::ground(&own, &Settings::read()?);
    let topic = Topic::new(&own, required("TOWPATH_TOPIC")?);
    let voice = &Voice { topic, subscriptions: Subscriptions::read(&own) };
    let tell = |event: LambdaEvent<Messages>| async move {
        // Boxed, since what it asks of the table and of the topic is a deep nest of futures.
        Ok::<_, Error>(Box::pin(notify::tell(app, voice, &event.payload)).await)
    };
    run(service_fn(tell)).await
}
