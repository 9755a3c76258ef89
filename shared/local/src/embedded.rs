//! DynamoDB in this process, on a file.
//!
//! The store speaks to DynamoDB through the AWS SDK, here as in the cloud. Under the SDK, in place of
//! a network, sits a connector that hands each request to one engine thread, which owns a database
//! file and answers as DynamoDB would: the same conditions, the same errors.
//!
//! **Durable.** An answer to a write leaves only after the write is on the disk. Writes that wait at
//! the same time are made one by one and then brought to the disk together (`engine`), so that a
//! disk whose sync takes milliseconds still does thousands of writes a second. Killing the process at
//! any moment loses nothing that was answered.
//!
//! **Alone.** The directory belongs to one process at a time (`lock`).
//!
//! **Counted.** Every request is measured in the units that DynamoDB would bill (`meter`), so that
//! tests can pin what a turn costs.
//!
//! Streams, indexes and transactions are left out, because the store needs none of them.

mod connector;
mod engine;
mod lock;
mod meter;
mod operation;

use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};

use self::connector::Connector;
use self::engine::Engine;
pub use self::meter::{Count, Meter};

/// An embedded DynamoDB. Its clients stop working when it is dropped; everything they were answered
/// is durable by then.
#[derive(Debug)]
pub struct Embedded {
    engine: Engine,
}

/// Why an embedded DynamoDB cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory or a file in it cannot be used.
    #[error("failed to {doing} {}", path.display())]
    File {
        /// What we were doing.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process works on the directory.
    #[error(
        "failed to open {}: {holder} is using it; stop that process, or choose another directory",
        directory.display()
    )]
    InUse {
        /// Which directory.
        directory: PathBuf,
        /// Who uses it, as far as it says.
        holder: String,
    },
    /// The file is no database of ours, or damaged.
    #[error("failed to open the database {}: {reason}", path.display())]
    Database {
        /// Which file.
        path: PathBuf,
        /// What the engine says.
        reason: String,
    },
}

impl Embedded {
    /// Opens the database in `directory`, creating both if they are not there, and keeps every other
    /// process out of it.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        Ok(Self { engine: Engine::open(directory)? })
    }

    /// Makes an empty database that is forgotten when it is dropped.
    pub fn in_memory() -> Result<Self, Error> {
        Ok(Self { engine: Engine::in_memory()? })
    }

    /// Returns a client whose requests stay in this process.
    pub fn client(&self) -> Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            // Nothing resolves it: naming one spares the search for AWS's.
            .endpoint_url("http://embedded")
            .http_client(Connector::new(self.engine.requests()))
            // Nothing is lost on the way here, so there is nothing to send again.
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            // Nobody checks signatures in our own process, and without credentials nobody makes them.
            .allow_no_auth()
            .build();
        Client::from_conf(config)
    }

    /// Returns what was asked so far. The difference of two meters is what was asked between them.
    pub fn meter(&self) -> Meter {
        self.engine.meter()
    }
}
