//! What can go wrong between us and the table.

use std::error::Error as StdError;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use model::ids::PipelineName;
use model::violation::Refusal;

use crate::keys::LogKey;

/// Why the store could not do what it was asked. A lost race is not among these; it is an answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table did not answer, or refused.
    #[error("failed to {doing} of {subject}")]
    Request {
        /// What we were doing.
        doing: &'static str,
        /// Whose row it was.
        subject: String,
        /// Whether it may work later.
        retry: Retry,
        /// What the SDK says.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A row is there, but it is not what we write.
    #[error("failed to read row {partition} {sort}: {reason}")]
    Unreadable {
        /// Its partition key.
        partition: String,
        /// Its sort key.
        sort: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A row was written by a later version of ours.
    #[error(
        "failed to read row {partition} {sort}: it has schema {version}, and this program knows \
         schemas up to {known}; use the version of Towpath that wrote it, or a later one"
    )]
    NewerSchema {
        /// Its partition key.
        partition: String,
        /// Its sort key.
        sort: String,
        /// The schema it says it has.
        version: u64,
        /// The newest schema that we can read.
        known: u64,
    },
    /// A declaration that an execution is pinned to is gone from the log.
    #[error(
        "failed to find the declaration that record {record} of pipeline {pipeline} should hold"
    )]
    DefinitionMissing {
        /// Which pipeline.
        pipeline: PipelineName,
        /// Which record.
        record: u64,
    },
    /// A declaration in the log means nothing to us.
    #[error("failed to read the declaration in record {record} of pipeline {pipeline}")]
    DefinitionUnreadable {
        /// Which pipeline.
        pipeline: PipelineName,
        /// Which record.
        record: u64,
        /// What is wrong with it.
        source: Refusal,
    },
    /// The record would not fit into the table. Nothing was written.
    #[error(
        "failed to append to the log of {log}: the record would have {bytes} bytes, and the limit \
         is {bytes_max}; most of it is the {largest} ({largest_bytes} bytes), make that smaller"
    )]
    TooLarge {
        /// Which log.
        log: LogKey,
        /// How large the record would be.
        bytes: usize,
        /// How large it may be.
        bytes_max: usize,
        /// Its largest part.
        largest: &'static str,
        /// How large that is.
        largest_bytes: usize,
    },
}

/// Whether asking again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It may work later.
    Again,
    /// It fails until somebody changes something.
    Never,
}

impl Error {
    /// Says whether asking again can help.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Request { retry, .. } => *retry,
            Self::Unreadable { .. }
            | Self::NewerSchema { .. }
            | Self::DefinitionMissing { .. }
            | Self::DefinitionUnreadable { .. }
            | Self::TooLarge { .. } => Retry::Never,
        }
    }

    /// Wraps what the SDK says about one request.
    pub(crate) fn request<E, R>(
        doing: &'static str,
        subject: &(impl ToString + ?Sized),
        error: SdkError<E, R>,
    ) -> Self
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let retry = retry_of(&error);
        // The SDK's outer error says only that the service answered with one; what the service
        // says is worth more to whoever reads the message.
        let source: Box<dyn StdError + Send + Sync> = if let SdkError::ServiceError(answer) = error
        {
            Box::new(answer.into_err())
        } else {
            Box::new(error)
        };
        Self::Request { doing, subject: subject.to_string(), retry, source }
    }
}

/// Codes of refusals that stay until a person changes something.
const LASTING: [&str; 8] = [
    "AccessDeniedException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "ItemCollectionSizeLimitExceededException",
    "MissingAuthenticationTokenException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ValidationException",
];

fn retry_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Retry {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    let is_construction = matches!(error, SdkError::ConstructionFailure(_));
    match code {
        Some(code) if LASTING.contains(&code) => Retry::Never,
        None if is_construction => Retry::Never,
        Some(_) | None => Retry::Again,
    }
}
