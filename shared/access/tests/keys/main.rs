//! Keys: the file of one machine, sessions, and both together.

mod chance;
mod file;
mod session;
