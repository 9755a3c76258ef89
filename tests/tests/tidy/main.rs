//! The project as a text: what the compiler does not hold together.
//!
//! Each test gathers everything that is out of order before it fails, one line for each thing: where
//! it is, what is wrong, and what to do about it. What a rule allows is data at the top of its file,
//! so that a new crate, arrow or licence is one line in one table.
//!
//! | File | Holds |
//! |---|---|
//! | `arrows` | which crate may know which, and who may touch what from outside |
//! | `budgets` | how long files are, what they are called, how `lib.rs` opens |
//! | `constructs` | what no source file contains |
//! | `manifests` | what every crate's manifest says |
//! | `dependencies` | a reason for each dependency, one version, and a use |
//! | `deny` | the licences, packages and sources of `deny.toml` |
//! | `words` | that README and docs name what exists, and that commands in them run |
//! | `itself` | that the project's text is its own, and belongs to no one machine |
//!
//! Beneath them: `project` reads the tree, `manifest` a crate's manifest, `source` takes comments and
//! strings out of Rust, `spans` finds code in Markdown, and `findings` gathers.

mod findings;
mod manifest;
mod project;
mod source;
mod spans;

mod arrows;
mod budgets;
mod constructs;
mod deny;
mod dependencies;
mod itself;
mod manifests;
mod words;
