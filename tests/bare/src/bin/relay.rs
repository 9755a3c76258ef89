//! The bare loop: hands every message of a queue on to the next queue, or drops it where there is none.
//!
//! What the loop of the real functions takes is measured against it, on the same queues.

use cloud::batch::{Messages, Unfinished};
use cloud::settings::optional;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = &aws_sdk_sqs::Client::new(&cloud::sdk::own()?);
    let next = &optional("BARE_NEXT_QUEUE");
    let relay = |event: LambdaEvent<Messages>| async move {
        for message in event.payload.records {
            if let Some(url) = next {
                let sending = client.send_message().queue_url(url).message_body(message.body);
                sending.send().await?;
            }
        }
        Ok::<_, Error>(Unfinished::default())
    };
    run(service_fn(relay)).await
}
