//! What was answered is on the disk, and the disk belongs to one process.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use local::embedded::{Embedded, Error};

use crate::world::{World, log, three_stages_four_actions};

/// How a copy of this test program is told to be the writer.
const WRITE_TO: &str = "write-to=";
/// How many records are waited for before each kill.
const RECORDS_BEFORE_KILL: [usize; 4] = [1, 7, 40, 120];

/// The writer: a process of its own that appends until it is killed and prints the number of every
/// record it was told is durable. Without a directory this is not a test of anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_appends_until_it_is_killed() {
    let Some(directory) =
        std::env::args().find_map(|argument| argument.strip_prefix(WRITE_TO).map(PathBuf::from))
    else {
        return;
    };
    let world = World::over(Embedded::open(&directory).unwrap()).await;
    let web = log("web");
    if world.store.load(&web).await.unwrap().state.sequence == 0 {
        let _committed = world.define(&web, &three_stages_four_actions("web", "SUPERSEDED")).await;
    }
    loop {
        let next = world.store.load(&web).await.unwrap().state.sequence + 1;
        let committed = world.start(&web, u128::from(next)).await;
        println!("appended {}", committed.record().sequence);
    }
}

struct Writer {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Writer {
    fn start(directory: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "durability::a_writer_appends_until_it_is_killed", "--nocapture"])
            // The test harness takes this for the name of one more test.
            .arg(format!("{WRITE_TO}{}", directory.display()))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Returns the number of the next record that the writer was told is durable.
    fn next(&mut self) -> u64 {
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the writer ended by itself");
            if let Some(number) = number_in(&line) {
                return number;
            }
        }
    }

    /// Kills the writer and returns the last number it printed.
    fn kill(mut self, last: u64) -> u64 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        // The last line may be torn; a number is whole only with the end of its line.
        let whole = rest.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().filter_map(number_in).max().unwrap_or(last)
    }
}

fn number_in(line: &str) -> Option<u64> {
    line.trim_end().rsplit_once("appended ")?.1.parse().ok()
}

/// Goal: nothing that was acknowledged is lost. Method: a process is killed with SIGKILL while it
/// appends, again and again over one directory, and what it said is compared with what is there.
#[tokio::test]
async fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let web = log("web");
    for wait_for in RECORDS_BEFORE_KILL {
        let mut writer = Writer::start(directory.path());
        let mut last = 0;
        for _ in 0..wait_for {
            last = writer.next();
        }
        let acknowledged = writer.kill(last);
        assert!(acknowledged > 0);
        let world = World::over(Embedded::open(directory.path()).unwrap()).await;
        let head = world.store.load(&web).await.unwrap();
        // One more may be durable: the one whose answer was on its way.
        let there = head.state.sequence;
        assert!(there == acknowledged || there == acknowledged + 1, "{there}, {acknowledged}");
        let all = world.store.records(&web, 1, 100_000).await.unwrap();
        let numbers: Vec<_> = all.iter().map(|record| record.sequence).collect();
        assert_eq!(numbers, (1..=there).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_second_process_is_turned_away_and_told_by_whom() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = Writer::start(directory.path());
    let last = writer.next();
    let refused = Embedded::open(directory.path()).unwrap_err();
    let message = refused.to_string();
    assert!(matches!(refused, Error::InUse { .. }), "{message}");
    assert!(message.contains(&format!("process {}", writer.child.id())), "{message}");
    assert!(message.contains(&directory.path().display().to_string()), "{message}");
    writer.kill(last);
    Embedded::open(directory.path()).unwrap();
}

#[tokio::test]
async fn what_was_written_is_there_after_closing_and_opening() {
    let directory = tempfile::tempdir().unwrap();
    let web = log("web");
    let first = World::over(Embedded::open(directory.path()).unwrap()).await;
    let defined = first.define(&web, &three_stages_four_actions("web", "SUPERSEDED")).await;
    let refused = Embedded::open(directory.path()).unwrap_err();
    assert!(matches!(refused, Error::InUse { .. }));
    drop(first);
    let second = World::over(Embedded::open(directory.path()).unwrap()).await;
    assert_eq!(second.store.load(&web).await.unwrap(), *defined.head());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("towpath.db");
    std::fs::write(&path, "this is a shopping list, and a long one at that".repeat(100)).unwrap();
    let message = Embedded::open(directory.path()).unwrap_err().to_string();
    assert!(message.contains(&path.display().to_string()), "{message}");
}
