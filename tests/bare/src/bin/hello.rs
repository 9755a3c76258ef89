//! The least that a function can be: what the functions' starts are measured against.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let hello = |_: LambdaEvent<Value>| async { Ok::<_, Error>(Value::from("hello")) };
    run(service_fn(hello)).await
}
