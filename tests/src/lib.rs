//! Tests of the whole project, and of the project as a text.
//!
//! Everything here looks at Towpath from outside: at its files, at its manifests, at its commands.
//! What one crate promises is tested in that crate; a test belongs here only if no single crate
//! could show what it shows.
//!
//! - `run` is the one door: format, lints, documentation, tests, demonstration, in parts that also
//!   run alone. `tests/run --list` names them.
//! - `tests/tidy` holds what a compiler does not: which crate may know which, how long a file may
//!   be, what a manifest says, which licences and packages are let in, and that the README is true.
//!
//! Deliberately absent: code. The simulator and the benchmark are crates of their own below this
//! directory, since they are programs that a person runs with arguments.
//!
//! Start with `tests/tidy/main.rs`.
