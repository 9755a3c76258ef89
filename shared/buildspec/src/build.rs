//! Runs a build: its environment, its phases, its artifacts.

mod phases;
mod report;

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use report::{Ended, FailureKind, FailureReport, PhaseReport, PhaseStatus};

use crate::environment::{self, Environment};
use crate::group::ProcessGroup;
use crate::log::Log;
use crate::outputs;
use crate::secrets::SecretResolver;
use crate::shell::Setting;
use crate::specification::{Buildspec, Variable};
use crate::user;

/// Everything that one build needs besides its buildspec.
#[derive(Clone, Debug)]
pub struct Build {
    /// What the build is told about itself.
    pub about: About,
    /// Where the primary input is, and where commands start (PR7).
    pub source_directory: PathBuf,
    /// Where the other inputs are, by artifact name (PR7).
    pub secondary_directories: BTreeMap<String, PathBuf>,
    /// The variables of the project and of the action, later ones winning; all of them win over the
    /// buildspec's.
    pub environment: Vec<Variable>,
    /// The archives to make.
    pub outputs: Vec<OutputRequest>,
    /// The log, which is appended to.
    pub log: PathBuf,
    /// A directory that does not exist yet: it is made, used for the shell's own files, which hold
    /// the values of variables, and removed. Its parent must exist.
    pub scratch: PathBuf,
    /// Who ends the commands when the build is stopped from outside.
    pub group: ProcessGroup,
    /// How long the build may take; then everything that it has started is killed.
    pub deadline: Option<Duration>,
}

/// What a build is told about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// `CODEBUILD_BUILD_ID`: `project:uuid`.
    pub build_id: String,
    /// `CODEBUILD_BUILD_ARN`.
    pub build_arn: String,
    /// `CODEBUILD_BUILD_NUMBER`.
    pub build_number: u64,
    /// `CODEBUILD_INITIATOR`: `codepipeline/` and the name of the pipeline (PR7).
    pub initiator: String,
    /// The name of the project.
    pub project_name: String,
    /// `CODEBUILD_SOURCE_REPO_URL`.
    pub source_repository_url: Option<String>,
    /// `CODEBUILD_SOURCE_VERSION`.
    pub source_version: Option<String>,
    /// `CODEBUILD_RESOLVED_SOURCE_VERSION`: the commit.
    pub resolved_source_version: Option<String>,
    /// `AWS_REGION` and `AWS_DEFAULT_REGION`.
    pub region: String,
    /// `CODEBUILD_START_TIME`, in milliseconds since 1970.
    pub start_time_milliseconds: i64,
}

/// An archive that the build has to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputRequest {
    /// The name of the output artifact.
    pub name: String,
    /// Where to write its archive.
    pub archive: PathBuf,
}

impl Build {
    /// Runs the build to its end. A failure of any kind is an answer, found in [`Ended::outcome`].
    pub fn run(&self, buildspec: &Buildspec, resolver: &dyn SecretResolver) -> Ended {
        let mut log = match Log::open(&self.log) {
            Ok(log) => log,
            Err(error) => return failed_early(machine("open the log", &self.log, &error)),
        };
        for note in &buildspec.notes {
            log.line(&format!("Note: {note}"));
        }
        let mut ended = match self.prepare(buildspec, resolver, &mut log) {
            Ok(prepared) => {
                let ended = self.run_prepared(buildspec, &prepared, &mut log);
                remove(&self.scratch, &mut log);
                ended
            }
            Err(failure) => failed_early(failure),
        };
        if let Err(failure) = &ended.outcome {
            log.line(&format!("Build failed in phase {}: {}", failure.phase, failure.message));
        } else {
            log.line("Build succeeded");
        }
        // What ran on in the background may have printed until now.
        log.hide();
        // What the log lacks nobody can read later, so such a build has not succeeded.
        if let (Some(error), Ok(())) = (log.broken(), &ended.outcome) {
            ended.outcome = Err(machine("write the log", &self.log, error));
        }
        ended
    }

    /// Finds out everything that would stop the build, before its first command runs.
    fn prepare<'a>(
        &'a self,
        buildspec: &'a Buildspec,
        resolver: &dyn SecretResolver,
        log: &mut Log,
    ) -> Result<Prepared<'a>, FailureReport> {
        let deadline = self.deadline.map(|deadline| Instant::now() + deadline);
        let mut problems = Vec::new();
        for directory in
            std::iter::once(&self.source_directory).chain(self.secondary_directories.values())
        {
            if !directory.is_dir() {
                problems.push(format!("the input directory {} is not there", directory.display()));
            }
        }
        for name in self.secondary_directories.keys() {
            if !crate::read::is_variable_name(name) {
                log.line(&format!("Note: no shell can name CODEBUILD_SRC_DIR_{name}; use letters, digits and `_` in the artifact's name"));
            }
        }
        let mut users: Vec<_> =
            buildspec.phases.iter().filter_map(|phase| phase.run_as.as_ref()).collect();
        users.sort();
        users.dedup();
        problems.extend(users.into_iter().filter_map(|name| user::run_as(name).err()));
        let archives = outputs::plan(buildspec, &self.outputs).unwrap_or_else(|problem| {
            problems.push(problem);
            Vec::new()
        });
        let environment =
            environment::assemble(self, buildspec, resolver).unwrap_or_else(|missing| {
                problems.extend(missing);
                Environment::default()
            });
        log.keep_secret(environment.secrets.iter().map(String::as_str));
        if !problems.is_empty() {
            let message = problems.join("\n");
            return Err(FailureReport::early(FailureKind::Configuration, message));
        }
        DirBuilder::new()
            .mode(0o700)
            .create(&self.scratch)
            // A user that a phase runs as must be able to pass through to its own shell's files.
            .and_then(|()| fs::set_permissions(&self.scratch, fs::Permissions::from_mode(0o711)))
            .map_err(|error| machine("make the directory", &self.scratch, &error))?;
        Ok(Prepared { environment: environment.variables, archives, deadline })
    }

    fn run_prepared(&self, buildspec: &Buildspec, prepared: &Prepared, log: &mut Log) -> Ended {
        let setting = Setting {
            shell: buildspec.shell,
            environment: &prepared.environment,
            source_directory: &self.source_directory,
            group: self.group,
            deadline: prepared.deadline,
        };
        let sets: Vec<_> = prepared.archives.iter().map(|(_, set)| *set).collect();
        let mut wanted = outputs::references(&sets);
        wanted.extend(buildspec.exported_variables.iter().cloned());
        let mut run = phases::run(buildspec, setting, &self.scratch, log, &wanted);
        if run.outcome.is_ok() && !prepared.archives.is_empty() {
            run.outcome = self.pack(prepared, &run.values, &mut run.phases, log);
        }
        let mut exported_variables = run.values;
        exported_variables.retain(|name, _| buildspec.exported_variables.contains(name));
        for name in &buildspec.exported_variables {
            if run.outcome.is_ok() && !exported_variables.contains_key(name) {
                log.line(&format!("Note: the exported variable {name} was never set"));
            }
        }
        Ended { outcome: run.outcome, exported_variables, phases: run.phases }
    }

    fn pack(
        &self,
        prepared: &Prepared,
        values: &BTreeMap<String, String>,
        phases: &mut Vec<PhaseReport>,
        log: &mut Log,
    ) -> Result<(), FailureReport> {
        let (name, started) = ("UPLOAD_ARTIFACTS", Instant::now());
        log.line(&format!("Phase {name} begins"));
        let outcome = outputs::pack(&prepared.archives, &self.source_directory, values, log);
        let outcome = outcome.map_err(|message| FailureReport {
            phase: name.to_owned(),
            command: None,
            exit_status: None,
            message,
            kind: FailureKind::Artifacts,
        });
        let status = PhaseStatus::of(&outcome);
        log.line(&format!("Phase {name} ends: {status}"));
        let seconds = started.elapsed().as_secs_f64();
        phases.push(PhaseReport { name: name.to_owned(), status, seconds });
        outcome
    }
}

/// What a build needs, once nothing stands in its way any more.
struct Prepared<'a> {
    environment: BTreeMap<std::ffi::OsString, std::ffi::OsString>,
    archives: Vec<outputs::Archive<'a>>,
    deadline: Option<Instant>,
}

fn failed_early(failure: FailureReport) -> Ended {
    Ended { outcome: Err(failure), exported_variables: BTreeMap::new(), phases: Vec::new() }
}

fn machine(doing: &str, path: &Path, error: &io::Error) -> FailureReport {
    let message = format!("failed to {doing} {}: {error}", path.display());
    FailureReport::early(FailureKind::Machine, message)
}

fn remove(scratch: &Path, log: &mut Log) {
    if let Err(error) = fs::remove_dir_all(scratch) {
        log.line(&format!("Note: {} could not be removed: {error}", scratch.display()));
    }
}
