//! One machine: the whole controller in one process.
//!
//! The handlers are the ones that run on Lambda; this crate gives them a home. [`embedded`] is
//! DynamoDB in the process, [`bus`] carries hints, [`supervise`] runs actions in processes of their
//! own that outlive ours, [`sources`] notices new revisions and [`watchers`] those of many pipelines,
//! [`publisher`] writes state-change events,
//! [`capability`] knows beforehand which actions would fail here, [`trouble`] tells whoever sits in
//! front what does not work, and [`controller`] puts them together over one data directory that belongs
//! to one process.
//!
//! Killing the process at any moment loses nothing: what was decided is in the log, what was started
//! goes on in its own process, and the next start looks at both.
//!
//! Deliberately absent: any rule of pipelines, and a cluster. Past one machine, the distributed engine
//! is AWS's.
//!
//! Start with [`controller`].

pub mod bus;
pub mod capability;
pub mod controller;
pub mod embedded;
mod past;
pub mod publisher;
pub mod sources;
pub mod supervise;
pub mod trouble;
pub mod watchers;
pub mod world;
