//! Buildspecs run for real: shells, failures, variables, archives, processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod archives;
mod corpus;
mod failures;
mod processes;
mod shells;
mod variables;
mod workplace;
