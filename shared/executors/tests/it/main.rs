//! Jobs done from beginning to end, each through `perform` alone.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod chain;
mod endpoint;
mod git;
mod hostile;
mod lambda;
mod scratch;
mod sources;
mod stopping;
mod storage;
mod watching;
