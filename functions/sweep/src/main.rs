//! Looks at everything that might have been forgotten, each minute.
//!
//! It talks to no provider: what is to be asked of one goes into the queue of hints.

use cloud::Settings;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cloud::telemetry::start();
    let app = &cloud::ground(&cloud::sdk::own()?, &Settings::read()?);
    let sweep = |_: LambdaEvent<Value>| async move { Ok::<_, Error>(cloud::sweep::run(app).await) };
    run(service_fn(sweep)).await
}
