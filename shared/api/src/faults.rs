//! What refusals and failures are called in the API.

use engine::Rejection;
use protocol::Fault;
use runtime::turn;

use crate::Api;

impl Api {
    /// Returns the fault that says that a pipeline does not exist.
    pub(crate) fn no_pipeline(&self, name: &str) -> Fault {
        let account = &self.app.place.account;
        Fault::new(
            "PipelineNotFoundException",
            format!("Account '{account}' does not have a pipeline with name '{name}'"),
        )
    }

    /// Returns the fault that a refusal is, about a pipeline.
    pub(crate) fn refused(&self, pipeline: &str, rejection: &Rejection) -> Fault {
        let code = match rejection {
            Rejection::PipelineNotFound => return self.no_pipeline(pipeline),
            Rejection::PipelineNameInUse => "PipelineNameInUseException",
            Rejection::StageNotFound(_) => "StageNotFoundException",
            Rejection::ActionNotFound(_) => "ActionNotFoundException",
            Rejection::UndeclaredVariable(_)
            | Rejection::EmptyVariable(_)
            | Rejection::MissingVariable(_)
            | Rejection::InvalidRevision { .. } => "ValidationException",
            Rejection::ConcurrentExecutionsLimit => {
                "ConcurrentPipelineExecutionsLimitExceededException"
            }
            Rejection::InvalidApprovalToken => "InvalidApprovalTokenException",
            Rejection::ApprovalAlreadyCompleted => "ApprovalAlreadyCompletedException",
            Rejection::NotStoppable(_) => "PipelineExecutionNotStoppableException",
            Rejection::DuplicatedStop(_) => "DuplicatedStopRequestException",
            Rejection::StageNotRetryable(_) => "StageNotRetryableException",
            Rejection::NotLatest(_) => "NotLatestPipelineExecutionException",
            Rejection::Conflict(_) => "ConflictException",
            // None of these answers a request of the API; asking again may be answered better.
            Rejection::PerhapsStarted(_) | Rejection::LateReport | Rejection::WrongLog => {
                "InternalFailure"
            }
        };
        Fault::new(code, sentence(&rejection.to_string()))
    }
}

/// Returns the fault that says that a pipeline has no such stage.
pub(crate) fn no_stage(pipeline: &str, stage: &str) -> Fault {
    Fault::new(
        "StageNotFoundException",
        format!("Pipeline '{pipeline}' does not have a stage with name '{stage}'"),
    )
}

/// Returns the fault that says that a pipeline has no such execution.
pub(crate) fn no_execution(pipeline: &str, execution: &str) -> Fault {
    Fault::new(
        "PipelineExecutionNotFoundException",
        format!("Pipeline '{pipeline}' does not have an execution with id '{execution}'"),
    )
}

/// Makes a sentence of a fragment.
fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// The world failed: asking again is right, and clients do so by themselves.
pub(crate) fn failed(error: &(dyn std::error::Error + 'static)) -> Fault {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    tracing::error!(error = %text, "a request could not be served");
    Fault::internal("the request could not be served; nothing is known to have changed: ask again")
}

/// Others were faster every time: where the operation has a fault for that, it is this one (P8).
pub(crate) fn contended(error: &turn::Error) -> Fault {
    match error {
        turn::Error::Contended { .. } => Fault::new(
            "ConcurrentModificationException",
            "others changed the pipeline at the same time; ask again",
        ),
        turn::Error::Store { .. } => failed(error),
    }
}
