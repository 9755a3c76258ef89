//! Finds and ends the processes of a build.

use std::fs;

use rustix::process::{Pid, Signal, getpgrp, getpid, kill_process, kill_process_group};

/// Which process group the commands of a build run in.
///
/// A command that makes a session of its own (a daemon) leaves either group, and outlives the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessGroup {
    /// Each shell leads a group of its own. Whoever kills only the caller leaves the commands alive.
    Own,
    /// The group of the caller, who runs nothing else: one signal to that group ends the caller and
    /// all commands. On a timeout, and when the build ends, every other process of it is killed; they
    /// are found in `/proc`, and where there is none, only the shells are killed.
    Callers,
}

/// How often the processes of a group are looked for again; each round kills what was born since.
const ROUNDS_MAX: usize = 100;

/// Kills every process of the group that `leader` leads. `leader` must not have been reaped yet, so
/// that its number still is its own.
pub(crate) fn kill_led_by(leader: Pid) {
    // The only possible failure is that nobody is left.
    let _ = kill_process_group(leader, Signal::KILL);
}

/// Kills every process of the caller's group but the caller.
pub(crate) fn kill_companions() {
    for _ in 0..ROUNDS_MAX {
        let companions = companions();
        if companions.is_empty() {
            return;
        }
        for companion in companions {
            let _ = kill_process(companion, Signal::KILL);
        }
    }
}

/// Returns the living processes of the caller's group but the caller.
fn companions() -> Vec<Pid> {
    let (group, own) = (getpgrp(), getpid());
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .filter_map(|process| process.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Pid::from_raw)
        .filter(|process| *process != own && living_group(*process) == Some(group))
        .collect()
}

/// Returns the group of a process that has not ended.
fn living_group(process: Pid) -> Option<Pid> {
    let status = fs::read(format!("/proc/{}/stat", process.as_raw_nonzero())).ok()?;
    // The name of the program stands in parentheses and may hold anything, so what follows the last
    // parenthesis is read: state, parent, group.
    let end = status.iter().rposition(|byte| *byte == b')')?;
    let fields = String::from_utf8_lossy(&status[end + 1..]);
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    // A process that is just going has the group -1, which no process can be asked about.
    let group = fields.nth(1)?.parse().ok().filter(|group| *group > 0).and_then(Pid::from_raw)?;
    (!matches!(state, "Z" | "X")).then_some(group)
}
