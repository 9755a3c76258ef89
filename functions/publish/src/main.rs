//! Tells the bus what the log says, in the log's order.

use cloud::bus::Bus;
use cloud::publish::{self, Levels};
use cloud::settings::required;
use cloud::stream::Changes;
use cloud::{Settings, telemetry};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let own = cloud::sdk::own()?;
    let app = &cloud::ground(&own, &Settings::read()?);
    let bus = &Bus::new(&own, required("TOWPATH_BUS")?, publish::has_marks()?);
    let levels = &Levels::read()?;
    let publish = |event: LambdaEvent<Changes>| async move {
        let changes = event.payload;
        Ok::<_, Error>(publish::publish(app, bus, levels, &changes, telemetry::measure).await)
    };
    run(service_fn(publish)).await
}
