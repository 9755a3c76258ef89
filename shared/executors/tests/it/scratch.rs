//! A machine of its own for each test: repositories, artifacts, and the work of each job.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use buildspec::ProcessGroup;
use executors::{Site, Workplace, perform, perform_in};
use model::outcome::{Failure, Outcome, StoredArtifact, Success};
use providers::Job;
use providers::job::OutputArtifact;

/// A machine.
pub(crate) struct Machine {
    pub(crate) site: Site,
    directory: tempfile::TempDir,
    runs: AtomicU64,
}

impl Machine {
    pub(crate) fn new() -> Machine {
        let directory = tempfile::tempdir().unwrap();
        let site = Site { artifacts: directory.path().join("artifacts"), ..Site::default() };
        Machine { site, directory, runs: AtomicU64::new(0) }
    }

    /// Returns a path of this machine.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Makes a directory of this machine.
    pub(crate) fn make(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// Makes a repository, and lets it stand for the name.
    pub(crate) fn repository(&mut self, name: &str) -> Repository {
        let path = self.make(&format!("origin-{}", name.replace('/', "-")));
        let repository = Repository { path };
        repository.git(&["init", "--quiet", "-b", "main"]);
        self.site.repositories.insert(name.to_owned(), repository.path.display().to_string());
        repository
    }

    /// Makes a job of its own run.
    pub(crate) fn job(&self, category: &str, provider: &str, settings: &[(&str, &str)]) -> Job {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let owner = if provider == "GitHub" { "ThirdParty" } else { "AWS" };
        let configuration: BTreeMap<&str, &str> = settings.iter().copied().collect();
        let job = serde_json::json!({
            "run_id": format!("0190c6a5-0000-7000-8000-{run:012}"), "pipeline": "web",
            "pipeline_version": 1, "execution_id": "0190c6a5-1111-7000-8000-000000000000",
            "execution_number": 7, "stage": "Stage", "action": "Action", "attempt": 1,
            "category": category, "owner": owner, "provider": provider, "region": "eu-west-1",
            "configuration": configuration,
        });
        serde_json::from_value(job).unwrap()
    }

    /// Does a job and returns how it ended, and its log. Other tests run in this process, too, so
    /// its group is not the job's.
    pub(crate) fn perform(&self, job: &Job) -> (Outcome, String) {
        let workplace = self.workplace(job);
        let outcome = perform_in(ProcessGroup::Own, job, &self.site, &workplace);
        (outcome, String::from_utf8_lossy(&fs::read(&workplace.log).unwrap()).into_owned())
    }

    /// Does a job in a process that does nothing else.
    pub(crate) fn perform_alone(&self, job: &Job) -> Outcome {
        perform(job, &self.site, &self.workplace(job))
    }

    fn workplace(&self, job: &Job) -> Workplace {
        let run = self.make(&format!("runs/{}", job.run_id));
        let workplace = Workplace { directory: run.join("work"), log: run.join("log") };
        fs::create_dir(&workplace.directory).unwrap();
        fs::write(&workplace.log, "").unwrap();
        workplace
    }

    /// Does a job that succeeds.
    pub(crate) fn succeed(&self, job: &Job) -> Success {
        match self.perform(job) {
            (Outcome::Succeeded(success), _) => success,
            (Outcome::Failed(failure), log) => panic!("{failure:?}\n{log}"),
        }
    }

    /// Does a job that fails.
    pub(crate) fn fail(&self, job: &Job) -> Failure {
        match self.perform(job) {
            (Outcome::Failed(failure), _) => failure,
            (Outcome::Succeeded(success), log) => panic!("{success:?}\n{log}"),
        }
    }

    /// Brings in the head of `main` of a CodeCommit repository.
    pub(crate) fn source(&self, repository: &str) -> Success {
        self.succeed(&self.source_job(repository))
    }

    pub(crate) fn source_job(&self, repository: &str) -> Job {
        let settings = [("RepositoryName", repository), ("BranchName", "main")];
        with_outputs(self.job("Source", "CodeCommit", &settings), &["Code"])
    }

    /// Unpacks an artifact, and returns where.
    pub(crate) fn unpack(&self, artifact: &StoredArtifact) -> PathBuf {
        let into = self.path(&format!("unpacked/{}", artifact.key.replace('/', "-")));
        artifacts::archive::unpack(
            &self.stored(artifact),
            &into,
            &artifacts::archive::Limits::default(),
        )
        .unwrap();
        into
    }

    /// Returns where an artifact lies.
    pub(crate) fn stored(&self, artifact: &StoredArtifact) -> PathBuf {
        self.site.artifacts.join(&artifact.bucket).join(&artifact.key)
    }

    /// Stores an archive of files as if an action had made it.
    pub(crate) fn artifact(&self, name: &str, files: &[(&str, &str)]) -> StoredArtifact {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let tree = self.make(&format!("trees/{run}"));
        for (file, text) in files {
            write(&tree.join(file), text);
        }
        let archive = self.path(&format!("trees/{run}.zip"));
        artifacts::archive::pack_tree(&tree, &archive).unwrap();
        self.store(name, &archive)
    }

    /// Stores a file as it is.
    pub(crate) fn store(&self, name: &str, file: &Path) -> StoredArtifact {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let (bucket, key) = ("artifacts".to_owned(), format!("web/{name}/{run}"));
        let directory = artifacts::Directory::open(&self.site.artifacts).unwrap();
        let stored = directory.store(&bucket, &key, file).unwrap();
        let name = name.to_owned();
        StoredArtifact { name, bucket, key, sha256: stored.sha256, size_bytes: stored.size_bytes }
    }
}

/// Lets a job make artifacts.
pub(crate) fn with_outputs(mut job: Job, names: &[&str]) -> Job {
    let run_id = &job.run_id;
    let outputs = names.iter().map(|name| OutputArtifact {
        name: (*name).to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: format!("web/{name}/{run_id}"),
    });
    job.outputs = outputs.collect();
    job
}

/// Lets a job read artifacts.
pub(crate) fn with_inputs(mut job: Job, inputs: &[&StoredArtifact]) -> Job {
    job.inputs = inputs.iter().map(|input| (*input).clone()).collect();
    job
}

/// A real repository.
pub(crate) struct Repository {
    pub(crate) path: PathBuf,
}

impl Repository {
    /// Runs `git` in the repository and returns what it prints.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        // The tests may be run by a hook, whose repository is another one.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
            command.env_remove(name);
        }
        let output = command
            .current_dir(&self.path)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com")])
            .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.com")])
            .envs([
                ("GIT_AUTHOR_DATE", "2019-10-29T04:32:21+01:00"),
                ("GIT_COMMITTER_DATE", "2019-10-29T03:33:00Z"),
            ])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits files and returns the commit.
    pub(crate) fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (file, text) in files {
            write(&self.path.join(file), text);
        }
        self.commit_all(message)
    }

    /// Commits everything that is there.
    pub(crate) fn commit_all(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        let file = self.path.join(".git/MESSAGE");
        fs::write(&file, message).unwrap();
        self.git(&["commit", "--quiet", "--allow-empty", "-F", file.to_str().unwrap()]);
        self.git(&["rev-parse", "HEAD"])
    }
}

/// Writes a file, with its directories.
pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
