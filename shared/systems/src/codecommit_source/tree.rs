//! The files of a commit, asked for one by one.
//!
//! Every file is kept under a number, never under its own name: a name may lead anywhere, and becomes a
//! name only in the archive, which refuses those that do.

use std::collections::VecDeque;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use aws_sdk_codecommit::Client;
use aws_sdk_codecommit::operation::get_folder::GetFolderOutput;
use aws_sdk_codecommit::types::FileModeTypeEnum;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use providers::Job;
use tokio::task::JoinSet;

use crate::artifact::{Entry, disk};
use crate::fault::Fault;

/// How many files, links and folders a commit may have (contract §1.6).
const ENTRIES_MAX: usize = 100_000;

/// How many bytes they may have together (contract §1.6).
const BYTES_MAX: u64 = 1_000_000_000;

/// How many files are asked for at a time.
const ASKED_AT_ONCE_MAX: usize = 16;

/// What an entry of a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File { is_executable: bool },
    Link,
}

/// A file or a link that is to be asked for.
#[derive(Clone, Debug)]
struct Wanted {
    name: String,
    blob: String,
    kind: Kind,
}

/// Brings every file of a commit into the directory, and says which name each has in the archive.
/// Submodules are not brought in, as in CodePipeline; their directories are empty.
pub(super) async fn bring(
    client: &Client,
    job: &Job,
    repository: &str,
    commit: &str,
    into: &Path,
) -> Result<Vec<Entry>, Fault> {
    let blobs =
        Blobs { client: client.clone(), job: job.clone(), repository: repository.to_owned() };
    let (wanted, submodules) = list(&blobs, commit).await?;
    let mut entries = Vec::new();
    let mut bytes = 0;
    let mut underway = JoinSet::new();
    let mut waiting = wanted.into_iter().enumerate();
    loop {
        while underway.len() < ASKED_AT_ONCE_MAX {
            let Some((number, wanted)) = waiting.next() else { break };
            let source = into.join(number.to_string());
            entries.push(Entry { name: wanted.name.clone(), source: source.clone() });
            underway.spawn(blobs.clone().bring(wanted, source));
        }
        let Some(brought) = underway.join_next().await else { break };
        bytes += brought.map_err(|error| Fault::Later(format!("a file was lost: {error}")))??;
        if bytes > BYTES_MAX {
            return Err(too_large(commit, &format!("more than {BYTES_MAX} bytes")));
        }
    }
    for (number, name) in submodules.into_iter().enumerate() {
        let source = into.join(format!("submodule-{number}"));
        fs::create_dir(&source).map_err(|error| disk("make a directory", &error))?;
        set_mode(&source, 0o755)?;
        entries.push(Entry { name, source });
    }
    Ok(entries)
}

/// Lists the files and links of a commit, and its submodules.
async fn list(blobs: &Blobs, commit: &str) -> Result<(Vec<Wanted>, Vec<String>), Fault> {
    let mut wanted = Vec::new();
    let mut submodules = Vec::new();
    let mut folders = VecDeque::from([String::new()]);
    let mut folders_seen = 0;
    while let Some(folder) = folders.pop_front() {
        let found = blobs.folder(commit, &folder).await?;
        for file in found.files() {
            let is_executable = file.file_mode() == Some(&FileModeTypeEnum::Executable);
            let (path, blob) = (file.relative_path(), file.blob_id());
            wanted.push(entry(&folder, path, blob, Kind::File { is_executable })?);
        }
        for link in found.symbolic_links() {
            wanted.push(entry(&folder, link.relative_path(), link.blob_id(), Kind::Link)?);
        }
        for submodule in found.sub_modules() {
            submodules.push(join(&folder, submodule.relative_path())?);
        }
        for below in found.sub_folders() {
            folders.push_back(join(&folder, below.relative_path())?);
            folders_seen += 1;
        }
        if wanted.len() + submodules.len() + folders_seen > ENTRIES_MAX {
            return Err(too_large(commit, &format!("more than {ENTRIES_MAX} files and folders")));
        }
    }
    Ok((wanted, submodules))
}

fn entry(
    folder: &str,
    path: Option<&str>,
    blob: Option<&str>,
    kind: Kind,
) -> Result<Wanted, Fault> {
    let name = join(folder, path)?;
    let blob = blob.ok_or_else(|| Fault::Later(format!("CodeCommit gave {name} no content")))?;
    Ok(Wanted { name, blob: blob.to_owned(), kind })
}

/// Returns the path of something in a folder. Only its own name is taken of what CodeCommit says.
fn join(folder: &str, path: Option<&str>) -> Result<String, Fault> {
    let path = path.unwrap_or_default().trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or_default();
    if matches!(name, "" | "." | "..") {
        return Err(Fault::job_failed(format!(
            "a folder of the commit, /{folder}, holds an entry called {path:?}, which cannot be the name \
             of a file; remove it from the repository"
        )));
    }
    Ok(if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") })
}

fn too_large(commit: &str, what: &str) -> Fault {
    Fault::configuration(format!(
        "commit {commit} has {what}, which is too large for an artifact; set OutputArtifactFormat to \
         CODEBUILD_CLONE_REF, so that CodeBuild clones it"
    ))
}

/// The repository's content, as this job may read it.
#[derive(Clone)]
struct Blobs {
    client: Client,
    job: Job,
    repository: String,
}

impl Blobs {
    async fn folder(&self, commit: &str, folder: &str) -> Result<GetFolderOutput, Fault> {
        let asked = self.client.get_folder().repository_name(&self.repository);
        let asked = asked.commit_specifier(commit).folder_path(format!("/{folder}"));
        asked.send().await.map_err(|error| {
            let subject = format!("/{folder} of the repository {}", self.repository);
            Fault::for_job(&self.job, &error, "codecommit:GetFolder", &subject)
        })
    }

    /// Brings one file or link to the disk, and returns how many bytes it has.
    async fn bring(self, wanted: Wanted, to: PathBuf) -> Result<u64, Fault> {
        let Wanted { name, blob, kind } = wanted;
        let asked = self.client.get_blob().repository_name(&self.repository).blob_id(blob);
        let answer = asked.send().await.map_err(|error| {
            if error.code() == Some("FileTooLargeException") {
                return Fault::configuration(format!(
                    "the file {name} is larger than CodeCommit hands out; set OutputArtifactFormat to \
                     CODEBUILD_CLONE_REF, so that CodeBuild clones the repository, or keep the file in \
                     S3"
                ));
            }
            let subject = format!("{name} of the repository {}", self.repository);
            Fault::for_job(&self.job, &error, "codecommit:GetBlob", &subject)
        })?;
        let content = answer.content().as_ref();
        let written = match kind {
            Kind::File { .. } => fs::write(&to, content),
            Kind::Link => match std::str::from_utf8(content) {
                Ok(target) => symlink(target, &to),
                Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            },
        };
        written.map_err(|error| disk(&format!("write {name}"), &error))?;
        match kind {
            Kind::File { is_executable: true } => set_mode(&to, 0o755)?,
            Kind::File { is_executable: false } => set_mode(&to, 0o644)?,
            Kind::Link => {}
        }
        Ok(content.len() as u64)
    }
}

/// Gives a file the permissions that Git keeps, whatever this process's mask is, so that one commit makes
/// the same archive everywhere.
fn set_mode(path: &Path, mode: u32) -> Result<(), Fault> {
    let set = fs::set_permissions(path, Permissions::from_mode(mode));
    set.map_err(|error| disk("set permissions", &error))
}
