//! What a buildspec says, after it was read and found usable.

use std::collections::BTreeMap;

use crate::secrets::SecretReference;

/// A buildspec that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buildspec {
    /// Which of the two dialects it is written in.
    pub version: Version,
    /// The shell that runs the commands.
    pub shell: Shell,
    /// The variables it sets, in the order of the file; the project's own ones win over them.
    pub variables: Vec<Variable>,
    /// The variables whose last value becomes an output variable of the action.
    pub exported_variables: Vec<String>,
    /// The phases that it has, in the order in which they run.
    pub phases: Vec<Phase>,
    /// What goes into the output artifact when there is exactly one.
    pub artifacts: Option<ArtifactSet>,
    /// What goes into each output artifact when there are several (PR8).
    pub secondary_artifacts: BTreeMap<String, ArtifactSet>,
    /// What it asks for that is not done on one machine, and what it says that nobody understands.
    pub notes: Vec<String>,
}

/// The dialect of a buildspec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `0.1`: every command gets a shell of its own, so nothing is carried from one to the next.
    SeparateShells,
    /// `0.2`: one shell runs all commands, so variables and directories are carried along.
    OneShell,
}

/// A shell that a buildspec may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// The system's `sh`, which is the default.
    Sh,
    /// `bash`.
    Bash,
}

impl Shell {
    /// Returns the program to run.
    pub fn program(self) -> &'static str {
        match self {
            Shell::Sh => "/bin/sh",
            Shell::Bash => "bash",
        }
    }
}

/// An environment variable, or the place where its value is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where its value comes from.
    pub origin: Origin,
}

/// Where the value of a variable comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `PLAINTEXT`: it is written down.
    Plain(String),
    /// `PARAMETER_STORE`: the name of a parameter.
    Parameter(String),
    /// `SECRETS_MANAGER`: a secret, or one member of it.
    Secret(SecretReference),
}

impl Variable {
    /// Makes a variable whose value is written down.
    pub fn plain(name: impl Into<String>, value: impl Into<String>) -> Variable {
        Variable { name: name.into(), origin: Origin::Plain(value.into()) }
    }
}

/// The name of a phase that runs commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PhaseName {
    /// Installs what the build needs.
    Install,
    /// Prepares the build.
    PreBuild,
    /// Builds.
    Build,
    /// Runs after the build, also after one that failed.
    PostBuild,
}

impl PhaseName {
    /// Every phase, in the order in which they run.
    pub const ALL: [PhaseName; 4] =
        [PhaseName::Install, PhaseName::PreBuild, PhaseName::Build, PhaseName::PostBuild];

    /// Returns the key in the file.
    pub fn key(self) -> &'static str {
        match self {
            PhaseName::Install => "install",
            PhaseName::PreBuild => "pre_build",
            PhaseName::Build => "build",
            PhaseName::PostBuild => "post_build",
        }
    }

    /// Returns the name in logs and reports.
    pub fn title(self) -> &'static str {
        match self {
            PhaseName::Install => "INSTALL",
            PhaseName::PreBuild => "PRE_BUILD",
            PhaseName::Build => "BUILD",
            PhaseName::PostBuild => "POST_BUILD",
        }
    }
}

/// The commands of one phase and what to do when they fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Which phase it is.
    pub name: PhaseName,
    /// The user that runs its commands, if not the one that runs us.
    pub run_as: Option<String>,
    /// What happens when a command fails; without it, what is usual for the phase.
    pub on_failure: Option<OnFailure>,
    /// The commands, run until one fails.
    pub commands: Vec<String>,
    /// The commands that run afterwards, whether or not one failed.
    pub finally: Vec<String>,
}

/// What happens when a phase fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The build ends.
    Abort,
    /// The next phase runs; the build has failed nevertheless.
    Continue,
    /// The phase runs again.
    Retry {
        /// How often it may run again.
        retries_max: u32,
        /// It runs again only if this regular expression is found in what the phase printed.
        pattern: Option<String>,
    },
}

/// Which files make up an artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArtifactSet {
    /// Patterns of files, relative to the base directories.
    pub files: Vec<String>,
    /// Where the patterns start; a pattern itself, relative to the source directory.
    pub base_directory: Option<String>,
    /// Patterns of files to leave out, relative to the base directories.
    pub exclude_paths: Vec<String>,
    /// Whether the files lose their directories.
    pub discard_paths: Paths,
    /// Whether links stay links.
    pub symlinks: Symlinks,
}

/// What happens to the directories of files in an artifact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paths {
    /// Files keep their path below the base directory.
    #[default]
    Kept,
    /// Files are all put at the top.
    Discarded,
}

/// What happens to symbolic links in an artifact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symlinks {
    /// What a link points to is packed in its place.
    #[default]
    Followed,
    /// A link is packed as a link.
    Preserved,
}
