//! Runs somebody else's program, and waits for it with a bound.

mod group;
mod stream;

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use buildspec::ProcessGroup;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use stream::Stream;
pub(crate) use stream::{Keep, Kept};

/// How long the output of a program that has ended may still come: something that it left running
/// may hold its end of the pipe for ever.
const OUTPUT_GRACE: Duration = Duration::from_secs(2);

/// A program to run, and what becomes of its streams.
pub(crate) struct Run {
    pub(crate) command: Command,
    /// What it reads; nothing, if empty.
    pub(crate) stdin: Vec<u8>,
    /// What to keep of its standard output.
    pub(crate) stdout: Keep,
    /// Where its standard output goes besides.
    pub(crate) copy: Option<File>,
    /// Where its standard error goes; without it, the end of it is kept.
    pub(crate) stderr: Option<File>,
    pub(crate) group: ProcessGroup,
    /// Whether what it leaves running is ended with it.
    pub(crate) leftovers: Leftovers,
    pub(crate) deadline: Option<Duration>,
}

/// What becomes of the processes that a program leaves running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leftovers {
    /// They are killed.
    Kill,
    /// They stay, if the program ended by itself.
    Leave,
}

/// How a program ended.
pub(crate) enum Ending {
    /// By itself, or by somebody else's signal.
    Exited {
        /// Its status.
        status: ExitStatus,
        /// What was kept of its standard output.
        stdout: Kept,
        /// The end of its standard error, unless that went elsewhere.
        stderr: Kept,
    },
    /// By us, because its time was over.
    TimedOut,
}

/// How much of standard error is kept.
const STDERR_BYTES_MAX: usize = 16 * 1024;

impl Run {
    /// Runs the program to its end, or to its deadline.
    pub(crate) fn wait(mut self) -> io::Result<Ending> {
        if self.group == ProcessGroup::Own {
            self.command.process_group(0);
        }
        self.command.stdout(Stdio::piped());
        self.command.stdin(if self.stdin.is_empty() { Stdio::null() } else { Stdio::piped() });
        self.command.stderr(self.stderr.take().map_or_else(Stdio::piped, Stdio::from));
        let mut child = self.command.spawn()?;

        let (done, ended) = mpsc::channel();
        let stdout = child
            .stdout
            .take()
            .map(|pipe| Stream::read(pipe, self.stdout, self.copy.take(), done.clone()));
        let stderr = child
            .stderr
            .take()
            .map(|pipe| Stream::read(pipe, Keep::Last(STDERR_BYTES_MAX), None, done.clone()));
        // The channel closes when the last stream has ended.
        drop(done);
        if let Some(mut pipe) = child.stdin.take() {
            let bytes = std::mem::take(&mut self.stdin);
            // A program need not read what it is given.
            thread::spawn(move || pipe.write_all(&bytes));
        }

        let is_over = wait_until(&child, self.deadline);
        if !matches!(is_over, Ok(true)) || self.leftovers == Leftovers::Kill {
            group::kill(self.group, &child);
        }
        if !matches!(is_over, Ok(true)) {
            child.kill()?;
        }
        let status = child.wait()?;
        if !is_over? {
            return Ok(Ending::TimedOut);
        }
        let until = Instant::now() + OUTPUT_GRACE;
        while ended.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok() {}
        let stdout = stdout.map(|stream| stream.kept()).unwrap_or_default();
        let stderr = stderr.map(|stream| stream.kept()).unwrap_or_default();
        Ok(Ending::Exited { status, stdout, stderr })
    }
}

/// Waits until the child has ended, which stays unreaped; `false` when its time is over before.
fn wait_until(child: &Child, deadline: Option<Duration>) -> io::Result<bool> {
    let pid = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
    let until = deadline.map(|deadline| Instant::now() + deadline);
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut [PollFd::new(&pid, PollFlags::IN)], left.as_ref()) {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Returns how a program ended, in words.
pub(crate) fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, stdin: &[u8], stdout: Keep, deadline: Option<Duration>) -> Ending {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        let run = Run {
            command,
            stdin: stdin.to_vec(),
            stdout,
            copy: None,
            stderr: None,
            group: ProcessGroup::Own,
            leftovers: Leftovers::Kill,
            deadline,
        };
        run.wait().unwrap()
    }

    fn text(ending: Ending) -> (String, Vec<u8>, Vec<u8>) {
        match ending {
            Ending::Exited { status, stdout, stderr } => {
                (describe(status), stdout.bytes, stderr.bytes)
            }
            Ending::TimedOut => ("timed out".to_owned(), Vec::new(), Vec::new()),
        }
    }

    #[test]
    fn a_program_gets_its_input_and_its_output_is_kept() {
        let (ended, stdout, stderr) =
            text(shell("cat; echo no >&2; exit 3", b"yes", Keep::First(100), None));
        assert_eq!(
            (ended.as_str(), &stdout[..], &stderr[..]),
            ("exit status 3", &b"yes"[..], &b"no\n"[..])
        );
    }

    #[test]
    fn a_program_that_does_not_read_or_that_prints_without_end_does_no_harm() {
        let input = vec![b'x'; 1 << 20];
        assert_eq!(text(shell("exit 0", &input, Keep::First(1), None)).0, "exit status 0");
        let script = "yes | head -c 3000000; echo end";
        let (_, first, _) = text(shell(script, b"", Keep::First(10), None));
        assert_eq!(first, b"y\ny\ny\ny\ny\n");
        let (_, last, _) = text(shell(script, b"", Keep::Last(6), None));
        assert_eq!(last, b"y\nend\n");
    }

    #[test]
    fn a_program_is_killed_with_its_children_when_its_time_is_over() {
        let directory = tempfile::tempdir().unwrap();
        let fifo = directory.path().join("fifo");
        // The child holds the pipe's writing end; reading to its end proves that it is gone.
        let script = format!("mkfifo {0}; (exec 9<>{0}; read -r line <&9) & wait", fifo.display());
        let ending = shell(&script, b"", Keep::First(1), Some(Duration::from_millis(200)));
        assert!(matches!(ending, Ending::TimedOut));
    }

    #[test]
    fn what_a_program_leaves_running_does_not_hold_us_up() {
        let begun = Instant::now();
        let (ended, ..) = text(shell("sleep 600 & exit 0", b"", Keep::First(1), None));
        assert_eq!(ended, "exit status 0");
        assert!(begun.elapsed() < Duration::from_mins(1));
    }
}
