//! Ends a program together with what it has started.

use std::fs;
use std::process::Child;

use buildspec::ProcessGroup;
use rustix::process::{Pid, Signal, getpgrp, getpid, kill_process, kill_process_group};

/// How often the processes of our own group are looked for again; each round kills what was born
/// since.
const ROUNDS_MAX: usize = 100;

/// Kills everything that a child has started. The child must not have been reaped yet, so that its
/// number still is its own.
pub(super) fn kill(group: ProcessGroup, child: &Child) {
    match group {
        ProcessGroup::Own => {
            // The only possible failure is that nobody is left.
            let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
        }
        ProcessGroup::Callers => kill_companions(),
    }
}

/// Kills every process of our own group but ourselves.
fn kill_companions() {
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
    // The program's name stands in parentheses and may hold anything; after the last one come the
    // state, the parent and the group.
    let end = status.iter().rposition(|byte| *byte == b')')?;
    let rest = String::from_utf8_lossy(status.get(end + 1..)?).into_owned();
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    // A process that is just going has the group -1, which no process can be asked about.
    let group = fields.nth(1)?.parse().ok().filter(|group| *group > 0).and_then(Pid::from_raw)?;
    (state != "Z" && state != "X").then_some(group)
}
