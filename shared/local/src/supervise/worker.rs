//! The process that does one attempt.

use std::fs;
use std::io;
use std::path::Path;

use executors::{Workplace, perform};

use crate::supervise::run::RunDirectory;

/// Does the run of a directory, unless somebody does or did. Called in a process of its own.
pub fn work(path: &Path) -> io::Result<()> {
    let directory = RunDirectory::at(path);
    // Waits for whoever looks or works; afterwards `begin` tells whether anything is left to do.
    let _held = directory.lock()?;
    let Some((job, site)) = directory.asked()? else { return Ok(()) };
    if !directory.begin()? {
        return Ok(());
    }
    let workplace = Workplace { directory: directory.file("work"), log: directory.file("log") };
    let outcome = perform(&job, &site, &workplace);
    directory.write_whole("result.json", &serde_json::to_vec(&outcome)?)?;
    // What the work left in its own directory is in its artifacts or not wanted.
    let _ = fs::remove_dir_all(directory.file("work"));
    Ok(())
}
