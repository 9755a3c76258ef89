//! Where bytes live between actions.
//!
//! An action's output is one ZIP archive per attempt, written once and never again (contract §1.6,
//! law S12). [`directory`] is the home of such objects on one machine: [`Directory::store`] puts a
//! file under a bucket and a key and says its SHA-256, [`Directory::fetch`] hands the file out only
//! while it still has that digest. A retry writes a new object under a new key; which object a later
//! action reads is the pipeline's business, and so is making an output visible only when its action
//! has succeeded (R34).
//!
//! [`archive`] turns a tree of files into such an archive and back. What it reads may come from
//! anybody, so it trusts nothing that an archive says of itself: names, links, sizes, checksums and
//! the places of entries are checked before a byte is written, bytes are counted while they stream,
//! and every file is made through a handle that cannot leave its directory.
//!
//! Deliberately absent: pipelines, executions and who may read what. Networks and clocks, too.
//!
//! Start with [`directory`], then read [`archive`].

pub mod archive;
pub mod digest;
pub mod directory;
mod error;

pub use directory::{Directory, Stored};
pub use error::{Error, Retry};
