//! An execution of a Step Functions state machine (contract §5.4).
//!
//! **A repeated start.** The execution's name is made of the attempt's id. Step Functions refuses a name
//! that was used within 90 days, so whoever starts again learns that the execution is there, and its ARN
//! follows from the name. Express state machines keep no names: their action is over as soon as the start
//! was answered, and an answer that is lost starts them again, with the same name.
//!
//! What a standard execution puts out becomes the output artifact: a ZIP archive with the one file
//! `output.json`. Express executions have no output that can be asked for, so an output artifact of theirs
//! is refused before anything starts.

mod order;
mod outcome;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::StateMachineType;
use providers::{Error, Job, Memory, Progress, Provider};

use crate::fault::Fault;
use crate::halt::{self, Halt, settle};
use crate::{Ground, console, waiting};
use order::Order;

/// For how long Step Functions may not show an execution that it said it started.
const UNSEEN_MILLIS_MAX: i64 = 10 * 60 * 1000;

/// An execution of a state machine.
pub(crate) struct StepFunctions {
    ground: Ground,
}

impl StepFunctions {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground }
    }

    async fn client(&self, job: &Job) -> Result<Client, Error> {
        Ok(Client::new(&self.ground.of(job).await?))
    }

    async fn begin(&self, job: &Job) -> Result<Progress, Halt> {
        if let Some(execution) = &job.external_id {
            let order = Order::of(job)?;
            return self.look(job, &order, execution).await;
        }
        let order = Order::of(job)?;
        let input = order.input(&self.ground, job).await?;
        let client = self.client(job).await?;
        if !job.outputs.is_empty() {
            refuse_express(&client, job, &order).await?;
        }
        let started = client
            .start_execution()
            .state_machine_arn(&order.state_machine)
            .name(&order.name)
            .input(input)
            .send()
            .await;
        match started {
            Ok(started) if is_express(&started.execution_arn) => {
                Ok(outcome::begun(job, &order, &started.execution_arn))
            }
            Ok(started) => Ok(running(job, &started.execution_arn)),
            Err(error) => {
                let subject = &order.state_machine;
                let fault = Fault::for_job(job, &error, "states:StartExecution", subject);
                self.not_started(job, &order, fault).await
            }
        }
    }

    /// Says what it means that no execution was started.
    async fn not_started(&self, job: &Job, order: &Order, fault: Fault) -> Result<Progress, Halt> {
        // An earlier start did it, and its answer was lost.
        if fault.is("ExecutionAlreadyExists") {
            return self.look(job, order, &order.execution).await;
        }
        if fault.is("ExecutionLimitExceeded") {
            return waiting::for_room(&self.ground, job, fault);
        }
        if fault.is("StateMachineDoesNotExist") {
            return Err(halt::configuration(format!(
                "StateMachineArn is {:?}, and there is no such state machine; correct it, or create the \
                 state machine",
                order.state_machine
            )));
        }
        if fault.is("InvalidName") {
            return Err(halt::configuration(format!(
                "ExecutionNamePrefix makes {:?}, which is no name for an execution; use letters, digits, \
                 hyphens and underscores only",
                order.name
            )));
        }
        Err(fault.into())
    }

    /// Says how far an execution is.
    async fn look(&self, job: &Job, order: &Order, execution: &str) -> Result<Progress, Halt> {
        if let Some(progress) = self.described(job, order, execution).await? {
            return Ok(progress);
        }
        let age = (self.ground.now)().millis() - job.requested_at_millis;
        if age < UNSEEN_MILLIS_MAX {
            return Ok(running(job, execution));
        }
        Err(halt::job(format!(
            "Step Functions does not know the execution {execution} any more, so nobody can say how it \
             ended; retry the stage"
        )))
    }

    /// Returns how far an execution is, if Step Functions knows it.
    async fn described(
        &self,
        job: &Job,
        order: &Order,
        execution: &str,
    ) -> Result<Option<Progress>, Halt> {
        let client = self.client(job).await?;
        match client.describe_execution().execution_arn(execution).send().await {
            Ok(found) => outcome::progress(&self.ground, job, order, &found).await.map(Some),
            Err(error) => {
                let fault = Fault::for_job(job, &error, "states:DescribeExecution", execution);
                if fault.is("ExecutionDoesNotExist") {
                    return Ok(None);
                }
                Err(fault.into())
            }
        }
    }

    async fn ask(&self, job: &Job) -> Result<Progress, Halt> {
        let order = Order::of(job)?;
        if let Some(execution) = &job.external_id {
            return self.look(job, &order, execution).await;
        }
        let found = self.described(job, &order, &order.execution).await?;
        Ok(found.unwrap_or(Progress::Unknown))
    }

    async fn stop(&self, job: &Job) -> Result<(), Halt> {
        let execution = match &job.external_id {
            Some(execution) => execution.clone(),
            None => Order::of(job)?.execution,
        };
        let client = self.client(job).await?;
        let asked = client.stop_execution().execution_arn(&execution);
        let cause = format!("the pipeline {} does not wait for it any more", job.pipeline);
        match asked.error("Abandoned").cause(cause).send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let fault = Fault::for_job(job, &error, "states:StopExecution", &execution);
                // It was never started.
                if fault.is("ExecutionDoesNotExist") {
                    return Ok(());
                }
                Err(fault.into())
            }
        }
    }
}

#[async_trait]
impl Provider for StepFunctions {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        settle(self.begin(job).await)
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        settle(self.ask(job).await)
    }

    async fn cancel(&self, job: &Job) -> Result<(), Error> {
        halt::stopped(self.stop(job).await)
    }

    fn memory(&self) -> Memory {
        // By its name an execution is found without notes; its event finds us by its ARN.
        Memory::Noted
    }
}

/// Whether an execution is one of an express state machine, which its ARN says.
fn is_express(execution: &str) -> bool {
    execution.split(':').nth(5) == Some("express")
}

/// Refuses an output artifact of an express state machine before anything starts.
async fn refuse_express(client: &Client, job: &Job, order: &Order) -> Result<(), Halt> {
    let machine = &order.state_machine;
    let described = client.describe_state_machine().state_machine_arn(machine).send().await;
    let described = described
        .map_err(|error| Fault::for_job(job, &error, "states:DescribeStateMachine", machine))?;
    if described.r#type == StateMachineType::Express {
        return Err(halt::configuration(format!(
            "{machine} is an express state machine, whose output nobody can ask for; take the output \
             artifact out of the action, or make the state machine a standard one"
        )));
    }
    Ok(())
}

fn running(job: &Job, execution: &str) -> Progress {
    Progress::Running {
        external_id: Some(execution.to_owned()),
        external_url: Some(link(job, execution)),
        // An event tells of the end; the sweep asks in case it does not (ADR 16).
        ask_again_seconds: None,
    }
}

/// Where people look at an execution.
fn link(job: &Job, execution: &str) -> String {
    let region = &job.region;
    let host = console::host(region);
    let kind = if is_express(execution) { "express-executions" } else { "executions" };
    format!("https://{host}/states/home?region={region}#/v2/{kind}/details/{execution}")
}
