//! Takes the figures of each load.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use local::embedded::Meter;
use model::status::ExecutionMode;

use crate::arguments::Arguments;
use crate::disk::{Floor, check_is_disk};
use crate::load::{Driven, Load, drive};
use crate::machine::{Usage, Used, forget_peak_memory, peak_memory_bytes};
use crate::rig::Rig;

/// Everything that was seen of one load.
#[derive(Debug)]
pub struct Figures {
    /// What was asked for.
    pub load: Load,
    /// What was driven.
    pub driven: Driven,
    /// The transitions, in ascending order.
    pub transitions: Vec<Duration>,
    /// What was asked of the store.
    pub meter: Meter,
    /// What was used of the processors.
    pub used: Used,
    /// How much memory the process had at most.
    pub peak_memory_bytes: u64,
    /// What the disk takes, before and after.
    pub floor: Floor,
}

/// Takes the figures of every load that is asked for.
pub fn measure(arguments: &Arguments) -> Result<Vec<Figures>> {
    let place = match &arguments.directory {
        Some(directory) => directory.clone(),
        None => beside_program()?,
    };
    check_is_disk(&place)?;
    let runtime = tokio::runtime::Runtime::new().context("failed to start the runtime")?;
    let only = arguments.only.as_deref().unwrap_or_default();
    let loads = loads(arguments).into_iter().filter(|load| load.name.contains(only));
    loads.map(|load| runtime.block_on(measure_one(&place, load))).collect()
}

fn beside_program() -> Result<PathBuf> {
    let program = std::env::current_exe().context("failed to find this program")?;
    Ok(program.parent().context("this program lies in no directory")?.to_owned())
}

fn loads(arguments: &Arguments) -> Vec<Load> {
    let time_max = Duration::from_secs(arguments.seconds);
    let alone = |name, mode| Load {
        name,
        mode,
        pipelines: 1,
        in_flight: 1,
        executions: arguments.one_at_a_time,
        time_max,
    };
    let many = |name, mode, pipelines| Load {
        name,
        mode,
        pipelines,
        in_flight: arguments.concurrency.max(1),
        executions: arguments.executions,
        time_max,
    };
    vec![
        alone("SUPERSEDED, one at a time", ExecutionMode::Superseded),
        many("SUPERSEDED, many at once", ExecutionMode::Superseded, arguments.concurrency.max(1)),
        alone("PARALLEL, one at a time", ExecutionMode::Parallel),
        many(
            "PARALLEL, many at once",
            ExecutionMode::Parallel,
            arguments.parallel_pipelines.max(1),
        ),
    ]
}

async fn measure_one(place: &Path, load: Load) -> Result<Figures> {
    let directory = tempfile::Builder::new()
        .prefix("one-machine-")
        .tempdir_in(place)
        .with_context(|| format!("failed to make a directory in {}", place.display()))?;
    let rig = Arc::new(Rig::open(directory.path(), load.mode, load.pipelines).await?);
    warm_up(&rig, &load).await?;
    let floor = Floor::look(place, load.in_flight)?;
    forget_peak_memory();
    let (meter, usage) = (rig.meter(), Usage::now()?);
    let driven = drive(&rig, &load).await?;
    let used = usage.elapsed()?;
    let meter = &rig.meter() - &meter;
    let peak_memory_bytes = peak_memory_bytes()?;
    let floor = floor.and(Floor::look(place, load.in_flight)?);
    let mut transitions = rig.stopwatch.take_transitions();
    transitions.sort_unstable();
    Ok(Figures { load, driven, transitions, meter, used, peak_memory_bytes, floor })
}

/// Runs an execution of each pipeline, so that what is measured is not the first of its kind.
async fn warm_up(rig: &Arc<Rig>, load: &Load) -> Result<()> {
    let executions = load.in_flight;
    drive(rig, &Load { executions, ..load.clone() }).await?;
    rig.stopwatch.take_transitions();
    Ok(())
}
