//! CodeBuild's buildspecs: read, and run for real on one machine.
//!
//! [`read()`] turns the text of a buildspec into a [`Buildspec`] or refuses it, naming every problem
//! with its place and its fix; [`commands()`] does the same for the list of a Commands action. What a
//! buildspec asks for and this machine does not do (reports, caches, runtimes, batches) is in its
//! notes, which open the log, so that nothing is silently left out.
//!
//! [`Build::run`] then does what the buildspec says: it resolves parameters and secrets, runs the
//! phases in a real shell, and packs the artifacts. One shell lives for the whole build, as version
//! 0.2 promises, and a new one takes over its variables and directory when a command ends it; see
//! `shell/driver.sh`. Everything the commands print goes straight into the log file; once a
//! command has ended, the values of secrets and parameters that it printed are overwritten there.
//!
//! The crate is synchronous and belongs in a process of its own, since a build takes minutes and its
//! processes must be found when it is stopped: [`ProcessGroup`] says who finds them.
//!
//! Deliberately absent: pipelines and the network. Containers, too: a build runs on the machine as
//! it is, with what is installed there. Of a secret, only the value itself is known: what a command
//! makes of it, such as its Base64 form, is not.
//!
//! Start with [`mod@read`] or with [`build`].

pub mod build;
pub mod commands;
mod environment;
mod group;
mod log;
mod outputs;
pub mod read;
pub mod refusal;
pub mod secrets;
mod shell;
pub mod specification;
mod user;
mod yaml;

pub use build::{
    About, Build, Ended, FailureKind, FailureReport, OutputRequest, PhaseReport, PhaseStatus,
};
pub use commands::commands;
pub use group::ProcessGroup;
pub use read::read;
pub use refusal::{Problem, Refusal};
pub use secrets::{Resolver, SecretReference, SecretResolver};
pub use specification::{Buildspec, Origin, Variable};
