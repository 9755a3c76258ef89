//! What stands for the cloud on this machine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where the things that a pipeline names are found on this machine.
///
/// Kept beside every run, so it changes only by adding optional members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    /// Where artifacts live.
    pub artifacts: PathBuf,
    /// Repositories by the name that a source action uses (`my-repo`, `owner/repo`): a path or any
    /// URL that Git can reach.
    pub repositories: BTreeMap<String, String>,
    /// Hosts by the name of a deployment group: the directory that stands for the host.
    pub hosts: BTreeMap<String, PathBuf>,
    /// Buckets by name: a directory, or an endpoint URL of an S3-compatible server.
    pub buckets: BTreeMap<String, String>,
    /// Functions by name: the command that stands for the function.
    pub functions: BTreeMap<String, String>,
    /// Values of parameters for `env.parameter-store`.
    pub parameters: BTreeMap<String, String>,
    /// Values of secrets for `env.secrets-manager` and secret settings.
    pub secrets: BTreeMap<String, String>,
    /// Settings of build projects by name; a project that is not here has none.
    pub projects: BTreeMap<String, Project>,
}

/// What a build project says besides its buildspec's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// The buildspec: a path inside the primary source, an absolute path on this machine, or, when
    /// it has more than one line, the buildspec itself. Without it, `buildspec.yml` of the source.
    pub buildspec: Option<String>,
    /// The project's environment; the action's variables win over it.
    pub environment: BTreeMap<String, String>,
}

/// Where one run works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workplace {
    /// Exists, is empty, and belongs to this run alone.
    pub directory: PathBuf,
    /// Exists; what the work prints is appended.
    pub log: PathBuf,
}
