//! A Lambda function that is invoked for an action (contract §5.4).
//!
//! This is the half that speaks to Lambda. The job that the function reports about, and how often it is
//! invoked, is `runtime::jobs::Invocations`' to know: the store is not known here.
//!
//! The setting `InvocationType` says how the function answers:
//!
//! | Value | The function … |
//! |---|---|
//! | `Event` (when it is not set, as with CodePipeline) | is handed the `CodePipeline.job` event, and reports by `PutJobSuccessResult` or `PutJobFailureResult` of our API |
//! | `RequestResponse` | is waited for, for a minute. What it returns is its answer (`answer`), and an error that it throws is a failure. It needs no access to our API |
//!
//! The event is the same. Its credentials are a session of the job's role that may do nothing but read the
//! inputs and write the outputs.

mod answer;
mod event;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::types::InvocationType;
use aws_smithy_types::retry::RetryConfig;
use providers::{Error, Invocation, Invoke, Invoked, Job, Settings};

use crate::fault::Fault;
use crate::halt::{self, Halt};
use crate::{Ground, artifact};

/// How long a function that answers by returning may take. Whoever invokes it is a function as well, and
/// must be done before its own time is over.
const RETURN_SECONDS_MAX: u64 = 60;

/// Invokes functions.
pub struct LambdaInvoke {
    ground: Ground,
    patience: Duration,
}

/// What is asked of Lambda, read from an action's settings.
struct Order<'a> {
    function: &'a str,
    is_waited_for: bool,
}

impl<'a> Order<'a> {
    fn of(job: &'a Job) -> Result<Self, Halt> {
        let settings = Settings::of(job);
        let function = settings.required("FunctionName")?;
        let is_waited_for = match settings.optional("InvocationType") {
            None | Some("Event") => false,
            Some("RequestResponse") => true,
            Some(other) => {
                return Err(halt::configuration(format!(
                    "InvocationType is {other:?}; write Event if the function reports by \
                     PutJobSuccessResult, or RequestResponse if what it returns is its answer"
                )));
            }
        };
        Ok(Self { function, is_waited_for })
    }
}

impl LambdaInvoke {
    /// Makes it.
    pub fn new(ground: Ground) -> Self {
        Self { ground, patience: Duration::from_secs(RETURN_SECONDS_MAX) }
    }

    async fn ask(&self, job: &Job, invocation: &Invocation) -> Result<Invoked, Halt> {
        let order = Order::of(job)?;
        let event = event::event(&self.ground, job, invocation).await?;
        let settings = self.ground.of(job).await?;
        // Trying again is the job's to decide: it knows what an invocation was for.
        let settings = aws_sdk_lambda::config::Builder::from(&settings)
            .retry_config(RetryConfig::disabled())
            .build();
        let kind = if order.is_waited_for {
            InvocationType::RequestResponse
        } else {
            InvocationType::Event
        };
        let asked = aws_sdk_lambda::Client::from_conf(settings)
            .invoke()
            .function_name(order.function)
            .invocation_type(kind)
            .payload(event.into())
            .send();
        let Ok(answered) = tokio::time::timeout(self.patience, asked).await else {
            return Err(self.slow(&order));
        };
        let answered = answered
            .map_err(|error| Fault::for_job(job, &error, "lambda:InvokeFunction", order.function));
        match answered {
            Ok(answered) if order.is_waited_for => self.read(job, &order, &answered).await,
            Ok(_) => Ok(Invoked::HandedOver),
            Err(fault) if fault.is("ResourceNotFoundException") => {
                Err(halt::configuration(format!(
                    "FunctionName is {:?}, and there is no such function in {}; correct it, or create \
                     the function",
                    order.function, job.region
                )))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Says what it means that Lambda did not answer in time.
    fn slow(&self, order: &Order) -> Halt {
        let Order { function, is_waited_for } = order;
        let seconds = self.patience.as_secs();
        if !is_waited_for {
            return halt::later(format!(
                "lambda:InvokeFunction of {function} was not answered within {seconds} seconds"
            ));
        }
        halt::job(format!(
            "the function {function} did not return within {seconds} seconds, and may go on; make it \
             faster, or set InvocationType to Event and let it report by PutJobSuccessResult"
        ))
    }

    /// Reads what a function returned, and takes over what it stored.
    async fn read(
        &self,
        job: &Job,
        order: &Order<'_>,
        answered: &InvokeOutput,
    ) -> Result<Invoked, Halt> {
        let payload = answered.payload.as_ref().map_or(&[][..], |payload| payload.as_ref());
        if answered.function_error.is_some() {
            return Ok(Invoked::Failed(answer::thrown(order.function, payload)));
        }
        let mut read = answer::returned(order.function, payload);
        if let Invoked::Succeeded(success) = &mut read {
            for output in &job.outputs {
                let Some(stored) = artifact::adopt(&self.ground, job, output).await? else {
                    return Err(halt::job(format!(
                        "the function {} returned, and output artifact {} is not at {}/{}; let it upload \
                         it there, with the credentials of the event, before it returns",
                        order.function, output.name, output.bucket, output.key
                    )));
                };
                success.artifacts.push(stored);
            }
        }
        Ok(read)
    }
}

#[async_trait]
impl Invoke for LambdaInvoke {
    async fn invoke(&self, job: &Job, invocation: &Invocation) -> Result<Invoked, Error> {
        match self.ask(job, invocation).await {
            Ok(invoked) => Ok(invoked),
            Err(Halt::Failed(failure)) => Ok(Invoked::Failed(*failure)),
            Err(Halt::Error(error)) => Err(error),
        }
    }
}
