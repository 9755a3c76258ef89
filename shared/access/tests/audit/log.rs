//! Logs to do things to.

use std::fs;
use std::path::{Path, PathBuf};

use access::Identity;
use access::audit::{Audit, Call, Finding, verify};
use model::time::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

/// 2026-11-26T10:00:00Z.
pub(crate) const MORNING: Timestamp = Timestamp::from_millis(1_795_687_200_000);

/// One call, to be varied.
pub(crate) struct Example {
    pub(crate) who: Identity,
    pub(crate) request: Value,
    pub(crate) policies: Vec<String>,
}

impl Default for Example {
    fn default() -> Self {
        Self {
            who: Identity {
                arn: "arn:aws:iam::000000000000:user/ann".into(),
                account: "000000000000".into(),
                name: "ann".into(),
                roles: vec!["Operator".into()],
            },
            request: json!({ "name": "my-app", "clientRequestToken": "5bb6ee9c" }),
            policies: vec!["Operator".into()],
        }
    }
}

impl Example {
    pub(crate) fn call(&self, at: Timestamp) -> Call<'_> {
        Call {
            at,
            who: Some(&self.who),
            access_key: Some("TOWPAAAAAAAAAAAAAAAA"),
            operation: "StartPipelineExecution",
            is_read_only: false,
            region: "us-east-1",
            account: "000000000000",
            source_ip: "127.0.0.1",
            user_agent: "aws-cli/2.31.1",
            request: &self.request,
            response: &Value::Null,
            error: Some(("PipelineNotFoundException", "there is no pipeline my-app")),
            request_id: "e1a5cc5b-6d9d-4f3e-9a1f-7a9f9d2b1c11",
            policies: &self.policies,
        }
    }
}

/// A directory with a log in it.
pub(crate) struct Log {
    directory: TempDir,
}

impl Log {
    pub(crate) fn empty() -> Self {
        Self { directory: TempDir::new().expect("a directory") }
    }

    /// So many records over so many days.
    pub(crate) fn of(records: usize, days: usize) -> Self {
        let log = Self::empty();
        let audit = log.open();
        let example = Example::default();
        for record in 0..records {
            let minutes = 24 * 60 * i64::try_from(record * days / records).expect("few days");
            audit.append(&example.call(MORNING.plus_minutes(minutes))).expect("a record");
        }
        log
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("audit")
    }

    pub(crate) fn open(&self) -> Audit {
        Audit::open(&self.path()).expect("a log")
    }

    pub(crate) fn append(&self, times: usize) {
        let audit = self.open();
        let example = Example::default();
        (0..times).for_each(|_| audit.append(&example.call(MORNING)).expect("a record"));
    }

    /// Returns the day files, the oldest first.
    pub(crate) fn days(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path()).expect("a log");
        let paths = entries.map(|entry| entry.expect("a file").path());
        let mut days: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
        days.sort();
        days
    }

    pub(crate) fn only_day(&self) -> PathBuf {
        let days = self.days();
        assert_eq!(days.len(), 1);
        days[0].clone()
    }

    pub(crate) fn head(&self) -> PathBuf {
        self.path().join("head")
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        verify(&self.path()).err().unwrap_or_default()
    }

    pub(crate) fn assert_good(&self, records: u64) {
        let report = verify(&self.path()).unwrap_or_else(|findings| panic!("{findings:?}"));
        assert_eq!((report.records, report.newest.sequence), (records, records));
    }
}

pub(crate) fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a file");
    text.split_inclusive('\n').map(str::to_owned).collect()
}

pub(crate) fn write(path: &Path, lines: &[String]) {
    fs::write(path, lines.concat()).expect("a file");
}
