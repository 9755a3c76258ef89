//! A source directory, a log and a build over them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use buildspec::{About, Build, Ended, OutputRequest, ProcessGroup, Resolver};

pub(crate) struct Workplace {
    _directory: tempfile::TempDir,
    pub(crate) build: Build,
    pub(crate) resolver: Resolver,
}

impl Workplace {
    pub(crate) fn new() -> Workplace {
        let directory = tempfile::tempdir().unwrap();
        let build = build_in(directory.path());
        Workplace { _directory: directory, build, resolver: Resolver::default() }
    }

    pub(crate) fn source(&self) -> &Path {
        &self.build.source_directory
    }

    pub(crate) fn archive(&self, name: &str) -> PathBuf {
        self.source().with_file_name(format!("{name}.zip"))
    }

    pub(crate) fn wants(&mut self, names: &[&str]) {
        self.build.outputs = names
            .iter()
            .map(|name| OutputRequest { name: (*name).to_owned(), archive: self.archive(name) })
            .collect();
    }

    pub(crate) fn run(&self, text: &str) -> Ended {
        self.build.run(&buildspec::read(text).unwrap(), &self.resolver)
    }

    /// Runs the commands in one build phase and returns the log.
    pub(crate) fn log_of(&self, commands: &[&str]) -> String {
        let commands: Vec<_> = commands.iter().map(|command| (*command).to_owned()).collect();
        let buildspec = buildspec::commands(&commands, &[], &[]).unwrap();
        let ended = self.build.run(&buildspec, &self.resolver);
        let log = self.log();
        assert_eq!(ended.outcome, Ok(()), "{log}");
        log
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.build.log).unwrap()
    }

    /// Returns what the commands printed, without the lines of ours.
    pub(crate) fn printed(&self) -> Vec<String> {
        printed(&self.log())
    }
}

pub(crate) fn printed(log: &str) -> Vec<String> {
    log.lines().filter(|line| !line.starts_with("[build ")).map(str::to_owned).collect()
}

/// Returns a build in `directory`, whose source directory is made.
pub(crate) fn build_in(directory: &Path) -> Build {
    // Tests of `run-as` pass through here as somebody else.
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
    let source_directory = directory.join("source");
    fs::create_dir(&source_directory).unwrap();
    Build {
        about: About {
            build_id: "web:8f2d".to_owned(),
            build_arn: "arn:aws:codebuild:eu-west-1:000000000000:build/web:8f2d".to_owned(),
            build_number: 7,
            initiator: "codepipeline/web".to_owned(),
            project_name: "web".to_owned(),
            source_repository_url: None,
            source_version: None,
            resolved_source_version: Some("c0ffee".to_owned()),
            region: "eu-west-1".to_owned(),
            start_time_milliseconds: 1_700_000_000_123,
        },
        source_directory,
        secondary_directories: BTreeMap::new(),
        environment: Vec::new(),
        outputs: Vec::new(),
        log: directory.join("log"),
        scratch: directory.join("scratch"),
        group: ProcessGroup::Own,
        deadline: None,
    }
}
