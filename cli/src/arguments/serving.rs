//! What can be typed to serve, and to say who may ask.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Site;

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Where the state, artifacts, logs and keys are kept; it belongs to one process at a time.
    #[arg(long, value_name = "DIR", default_value = ".towpath")]
    pub(crate) data: PathBuf,
    /// The port to listen on; 0 takes any free one. Without it: the first free one from 7477 up.
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// The address to listen on. Only this machine is served.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", hide = true)]
    pub(crate) address: IpAddr,
    /// The Region that stands in names and events.
    #[arg(long, default_value = "us-east-1")]
    pub(crate) region: String,
    /// Write state-change events as JSON lines; a restart goes on where the file ends.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// Write this profile to your own ~/.aws/credentials, too.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// How many requests a second each key may make.
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) requests_per_second: u32,
    /// A partner's action type, whose jobs its workers poll for as third-party jobs. Can be given
    /// several times.
    #[arg(long = "third-party-type", value_name = "FILE")]
    pub(crate) third_party_types: Vec<PathBuf>,
    // Last, because its heading stands over whatever follows.
    #[command(flatten)]
    pub(crate) site: Site,
}

#[derive(Debug, Args)]
pub(crate) struct Key {
    /// The data directory of `towpath up`.
    #[arg(long, value_name = "DIR", default_value = ".towpath", global = true)]
    pub(crate) data: PathBuf,
    #[command(subcommand)]
    pub(crate) verb: KeyVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyVerb {
    /// Make a key for somebody, and print it: its secret is shown this once.
    Add {
        /// Whose it is.
        #[arg(value_name = "NAME")]
        name: String,
        /// What they may do: Viewer, Operator, Approver, Editor, Admin, or for job workers `JobWorker`;
        /// or a role of your own policies. Can be given several times.
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<String>,
    },
    /// List the keys, without their secrets.
    List,
    /// Remove a key. It is refused from then on.
    Remove {
        /// The access key, as `list` shows it.
        #[arg(value_name = "ACCESSKEY")]
        access_key: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// The data directory of `towpath up`.
    #[arg(long, value_name = "DIR", default_value = ".towpath", global = true)]
    pub(crate) data: PathBuf,
    #[command(subcommand)]
    pub(crate) verb: AuditVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditVerb {
    /// Check that no record of a call was changed, removed or moved.
    Verify,
}
