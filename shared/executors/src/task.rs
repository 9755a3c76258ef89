//! What every provider is handed: the job, where it works, and where artifacts live.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use artifacts::Directory;
use artifacts::archive::{self, Limits};
use buildspec::ProcessGroup;
use model::outcome::{Failure, StoredArtifact};
use providers::Job;
use providers::job::OutputArtifact;

use crate::fault;
use crate::git_source::clone_reference;
use crate::{Site, Workplace};
use providers::Settings;

/// One job while it is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'a> {
    pub(crate) job: &'a Job,
    pub(crate) site: &'a Site,
    pub(crate) workplace: &'a Workplace,
    /// Who ends what the job has started, when it is stopped from outside.
    pub(crate) group: ProcessGroup,
}

impl<'a> Task<'a> {
    /// Returns the settings of the action.
    pub(crate) fn settings(&self) -> Settings<'a> {
        Settings::new(&self.job.provider, &self.job.configuration)
    }

    /// Writes a line of ours into the log. What is lost here is not worth failing the work for.
    pub(crate) fn say(&self, text: &str) {
        let mark = format!("[towpath {:.3}] ", jiff::Timestamp::now());
        let lines = text.trim_end().replace('\n', &format!("\n{mark}"));
        if let Ok(mut log) = OpenOptions::new().append(true).create(true).open(&self.workplace.log)
        {
            let _ = log.write_all(format!("{mark}{lines}\n").as_bytes());
        }
    }

    /// Opens the log for somebody who writes into it.
    pub(crate) fn open_log(&self) -> Result<fs::File, Failure> {
        let log = &self.workplace.log;
        let opened = OpenOptions::new().append(true).create(true).open(log);
        opened.map_err(|error| fault::machine(format!("open the log {}", log.display()), &error))
    }

    /// Makes a directory of this run.
    pub(crate) fn directory(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.workplace.directory.join(name);
        let made = fs::create_dir_all(&path);
        made.map_err(|error| fault::machine(format!("make {}", path.display()), &error))?;
        Ok(path)
    }

    /// Returns the only input artifact.
    pub(crate) fn input(&self) -> Result<&'a StoredArtifact, Failure> {
        self.job.only_input()
    }

    /// Returns the only output artifact.
    pub(crate) fn output(&self) -> Result<&'a OutputArtifact, Failure> {
        self.job.only_output()
    }

    /// Returns where the archive of an input lies, having read it and found it unchanged (S12). An
    /// input that merely refers to a repository is refused: only CodeBuild may take it (§1.6).
    pub(crate) fn fetch(&self, artifact: &StoredArtifact) -> Result<PathBuf, Failure> {
        let archive = self.fetch_any(artifact)?;
        // What is no ZIP is no reference either.
        if let Ok(Some(_)) = clone_reference::read(&archive) {
            let refusal = providers::clone_reference::refusal(&artifact.name);
            return Err(fault::configuration(refusal));
        }
        Ok(archive)
    }

    /// Returns where the archive of an input lies, also of one that refers to a repository.
    pub(crate) fn fetch_any(&self, artifact: &StoredArtifact) -> Result<PathBuf, Failure> {
        let StoredArtifact { name, bucket, key, sha256, size_bytes: _ } = artifact;
        let fetched = self.store_directory()?.fetch(bucket, key, sha256);
        fetched.map_err(|error| {
            fault::unavailable(format!("input artifact {name}: failed to {}", fault::chain(&error)))
        })
    }

    /// Unpacks the archive of an input into a directory of this run.
    pub(crate) fn unpack(
        &self,
        artifact: &StoredArtifact,
        parent: &str,
    ) -> Result<PathBuf, Failure> {
        let archive = self.fetch(artifact)?;
        let into = self.place_of(artifact, parent)?;
        let unpacked = archive::unpack(&archive, &into, &Limits::default());
        unpacked.map_err(|error| {
            fault::job(format!(
                "input artifact {}: failed to {}",
                artifact.name,
                fault::chain(&error)
            ))
        })?;
        Ok(into)
    }

    /// Returns the place of an input below a directory of this run.
    pub(crate) fn place_of(
        &self,
        artifact: &StoredArtifact,
        parent: &str,
    ) -> Result<PathBuf, Failure> {
        let name = file_name(&artifact.name)?;
        Ok(self.directory(parent)?.join(name))
    }

    /// Stores the archive of an output where the job wants it, for ever (S12).
    pub(crate) fn store(
        &self,
        output: &OutputArtifact,
        archive: &Path,
    ) -> Result<StoredArtifact, Failure> {
        let OutputArtifact { name, files: _, bucket, key } = output;
        let stored = self.store_directory()?.store(bucket, key, archive).map_err(|error| {
            fault::job(format!("output artifact {name}: failed to {}", fault::chain(&error)))
        })?;
        self.say(&format!("Stored the artifact {name}: {} bytes", stored.size_bytes));
        Ok(StoredArtifact {
            name: name.clone(),
            bucket: bucket.clone(),
            key: key.clone(),
            sha256: stored.sha256,
            size_bytes: stored.size_bytes,
        })
    }

    fn store_directory(&self) -> Result<Directory, Failure> {
        let opened = Directory::open(&self.site.artifacts);
        opened.map_err(|error| fault::machine("reach the artifacts", &error))
    }
}

/// Returns an artifact's name if it can be the name of a file; the model allows no other.
pub(crate) fn file_name(name: &str) -> Result<&str, Failure> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    if !name.is_empty() && name.chars().all(is_plain) {
        return Ok(name);
    }
    Err(fault::configuration(format!(
        "{name:?} cannot be the name of an artifact; use letters, digits, `_` and `-`"
    )))
}
