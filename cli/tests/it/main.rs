//! The `towpath` command as people use it: the real program, real Git, real builds.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a helper that fails fails its test")]

mod arguments;
#[path = "../server/asking.rs"]
mod asking;
mod bad_input;
mod client;
mod disk;
mod endings;
mod events;
mod hostile;
mod lint;
mod output;
mod restart;
mod shapes;
mod terminal;
mod up;
mod watching;
mod world;
