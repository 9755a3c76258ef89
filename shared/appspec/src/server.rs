//! What an appspec for a server says: EC2 instances and machines on premises.

use std::collections::BTreeMap;

use crate::{LifecycleEvent, Note};

/// The seconds that all scripts of one lifecycle event may take together, and the timeout of a
/// script that names none.
pub const EVENT_SECONDS_MAX: u64 = 3600;

/// An appspec for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSpec {
    /// The kind of machine it was written for.
    pub os: OperatingSystem,
    /// What to copy, and where to.
    pub files: Vec<FileMapping>,
    /// What to do about files that are in the way.
    pub file_exists_behavior: FileExistsBehavior,
    /// What to change about the copies.
    pub permissions: Vec<Permission>,
    /// What to run at each event. An event without scripts is absent.
    pub hooks: BTreeMap<LifecycleEvent, Vec<Script>>,
    /// Remarks for the author.
    pub notes: Vec<Note>,
}

/// The kind of machine that an appspec is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatingSystem {
    /// Amazon Linux, Ubuntu Server, RHEL, and here any Unix.
    Linux,
    /// Windows Server: read, but not deployed here.
    Windows,
}

/// One entry of `files`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMapping {
    /// A path in the revision, without a leading slash; empty for the whole revision.
    pub source: String,
    /// The directory on the host to copy into, without the leading slash; empty for the root.
    pub destination: String,
}

/// What to do about a file on the host that no earlier deployment put there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileExistsBehavior {
    /// The deployment fails. The default.
    #[default]
    Disallow,
    /// The revision's file replaces it.
    Overwrite,
    /// It stays, and the revision's file is left out.
    Retain,
}

/// One entry of `permissions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The file itself, or the directory whose content is meant; without the leading slash.
    pub object: String,
    /// Which names right below `object`: `*` stands for any characters. `**` is everything below,
    /// at any depth.
    pub pattern: String,
    /// Which names right below `object` are left alone.
    pub except: Vec<String>,
    /// Files, directories or both.
    pub types: Vec<ObjectType>,
    /// The new owner's name.
    pub owner: Option<String>,
    /// The new group's name.
    pub group: Option<String>,
    /// The new mode: at most four octal digits.
    pub mode: Option<u32>,
    /// Access control entries; not applied here.
    pub acls: Vec<String>,
    /// The `SELinux` label; not applied here.
    pub context: Option<Context>,
}

/// What a permission applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectType {
    /// Files, and links.
    File,
    /// Directories that the deployment makes.
    Directory,
}

/// An `SELinux` label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The `SELinux` user.
    pub user: Option<String>,
    /// The `SELinux` type.
    pub label_type: Option<String>,
    /// The range specifier.
    pub range: Option<String>,
}

/// One script of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Where it is in the revision, without a leading slash.
    pub location: String,
    /// How long it may run. `None` is [`EVENT_SECONDS_MAX`].
    pub timeout_seconds: Option<u64>,
    /// The user to run it as; the deploying one if not given.
    pub runas: Option<String>,
}
