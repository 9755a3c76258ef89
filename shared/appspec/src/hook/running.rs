//! One script as a process group: started, awaited, and killed if it takes too long.

use std::io::{self, Write};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use cap_std::fs::Dir;
use rustix::process::{Pid, Signal, kill_process_group};

use super::orphan;

/// How long a script that was told to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// A script that runs.
#[derive(Debug)]
pub(super) struct Running<'a> {
    child: Child,
    records: &'a Dir,
}

/// How a script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// By itself.
    Exited(ExitStatus),
    /// By us; its whole process group is gone.
    TimedOut,
}

impl<'a> Running<'a> {
    /// Starts the command, which waits at its gate until its process group is written down.
    pub(super) fn start(mut command: Command, records: &'a Dir) -> io::Result<Self> {
        let child = command.spawn()?;
        let mut running = Self { child, records };
        match running.open_gate() {
            Ok(()) => Ok(running),
            Err(error) => {
                // The gate closes with its pipe, and the script never runs.
                drop(running.child.stdin.take());
                let _ = running.child.wait();
                Err(error)
            }
        }
    }

    fn open_gate(&mut self) -> io::Result<()> {
        orphan::record(self.records, self.child.id())?;
        match self.child.stdin.take() {
            Some(mut gate) => gate.write_all(b"go\n"),
            None => Err(io::Error::other("the script has no standard input")),
        }
    }

    /// Waits for the end. What a script that succeeds leaves in the background stays alive, as a
    /// server that it started has to.
    pub(super) fn wait(self, limit: Duration) -> Ending {
        let Self { mut child, records } = self;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let (sender, receiver) = mpsc::channel();
        let waiter = thread::spawn(move || {
            // The receiver is gone only if nobody wants to know.
            let _ = sender.send(child.wait());
        });
        let ending = if let Ok(Ok(status)) = receiver.recv_timeout(limit) {
            Ending::Exited(status)
        } else {
            kill(group, Signal::TERM);
            let _ = receiver.recv_timeout(GRACE);
            // Also when the script itself ended: its children may have ignored the request.
            kill(group, Signal::KILL);
            Ending::TimedOut
        };
        // Ends at once: the script has ended, or was killed.
        let _ = waiter.join();
        orphan::forget(records);
        ending
    }
}

fn kill(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // Nobody left in the group is what we want.
        let _ = kill_process_group(group, signal);
    }
}
