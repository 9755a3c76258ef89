//! Action types of partners, as files that `--third-party-type` names (J23).

use std::fs;
use std::path::{Path, PathBuf};

use runtime::App;
use runtime::jobs::{Registration, register as register_type};

use crate::ending::Ending;

/// Reads the files, before anything begins.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Registration>, String> {
    paths.iter().map(|path| read_one(path)).collect()
}

fn read_one(path: &Path) -> Result<Registration, String> {
    let said = |what: String| format!("--third-party-type {}: {what}", path.display());
    let text = fs::read_to_string(path).map_err(|error| said(error.to_string()))?;
    Registration::parse(&text).map_err(said)
}

/// Registers the types, as their files say now.
pub(super) async fn register(app: &App, partners: &[Registration]) -> Result<(), Ending> {
    for partner in partners {
        let registered = register_type(app, partner).await;
        registered.map_err(|error| Ending::Failed(Some(local::bus::chain(&error))))?;
    }
    Ok(())
}
