//! The systems that do actions in AWS: one system, one file.
//!
//! Each file holds one `Provider`: it starts the work of a `Job`, asks how far it is, and stops it,
//! with AWS's own SDK and under the job's own role. [`Systems::find`] is the registration: one line for
//! each. What they share is small: [`Ground`] gives the SDK's settings for a job (the role assumed, the
//! Region chosen), [`artifact`] reads and writes what lies between actions, and [`fault`] turns the SDK's
//! errors into sentences.
//!
//! A provider may be killed between any two lines, and may be called again with the same job, also at
//! once from two places. What makes a start repeatable is said at the head of each file: a token that
//! the system honours, a name that it refuses to take twice, or a search before the call
//! ([`providers::Memory`]).
//!
//! Deliberately absent: the store, the queue, Lambda. A provider learns nothing of logs and locks.
//! Job workers' actions are not here either: their provider is `runtime::jobs`, which also keeps the jobs of
//! the functions that [`LambdaInvoke`] invokes.
//!
//! Start with [`ground`], then read any provider.

pub mod artifact;
mod cloudformation;
mod code_host;
mod codebuild;
mod codecommit_source;
mod codedeploy;
mod console;
mod ecr_source;
pub mod fault;
pub mod ground;
mod halt;
pub mod lambda_invoke;
mod manual_approval;
mod registry;
mod roles;
mod s3_deploy;
mod s3_source;
mod step_functions;
mod waiting;
#[cfg(test)]
mod wire;

pub use ground::Ground;
pub use lambda_invoke::LambdaInvoke;
pub use registry::Systems;
pub use roles::Roles;
