//! The floor: what the disk itself takes to keep an execution's five records.
//!
//! No controller that keeps its word can be faster than this on the same disk, since an input may be
//! acknowledged only when it is durable and the next action may start only after that.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// How many records an execution of four actions takes: its start, and a report of each.
pub const RECORDS: usize = 5;
/// How large a record is.
const RECORD_BYTES: usize = 900;
/// How long one look at the disk takes.
const LOOK: Duration = Duration::from_millis(300);
/// How large the log is made before anything is measured, so that its length never changes.
const LOG_BYTES: usize = 16 << 20;
/// The file system in memory, by the number that the kernel gives it.
const TMPFS_MAGIC: u64 = 0x0102_1994;

/// What the disk takes.
#[derive(Clone, Debug, Default)]
pub struct Floor {
    /// Each append of one record and its sync, in ascending order.
    pub single: Vec<Duration>,
    /// Each append of as many records as executions are in flight, with one sync, likewise.
    pub shared: Vec<Duration>,
    /// How many records those are.
    pub sharing: usize,
}

impl Floor {
    /// Looks at the disk under `directory`, with as many executions in flight.
    pub fn look(directory: &Path, in_flight: usize) -> Result<Self> {
        let path = directory.join("floor.log");
        let failed = || format!("failed to measure the disk with {}", path.display());
        let file = File::create(&path).with_context(failed)?;
        file.write_all_at(&vec![0; LOG_BYTES], 0).with_context(failed)?;
        file.sync_all().with_context(failed)?;
        let single = appends(&file, RECORD_BYTES).with_context(failed)?;
        let shared = match in_flight {
            1 => single.clone(),
            _ => appends(&file, RECORD_BYTES * in_flight).with_context(failed)?,
        };
        std::fs::remove_file(&path).with_context(failed)?;
        Ok(Self { single, shared, sharing: in_flight })
    }

    /// Puts two looks together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        assert_eq!(self.sharing, other.sharing, "looks at the same load");
        self.single.extend(other.single);
        self.shared.extend(other.shared);
        self.single.sort_unstable();
        self.shared.sort_unstable();
        self
    }

    /// Returns how many executions a second the log alone makes durable, when those in flight share
    /// a sync.
    pub fn executions_per_second(&self) -> f64 {
        let total: Duration = self.shared.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
        let executions = (self.shared.len() * self.sharing) as f64 / RECORDS as f64;
        executions / total.as_secs_f64()
    }
}

/// Appends so many bytes and syncs them, over and over, returning what each time took.
fn appends(file: &File, bytes: usize) -> std::io::Result<Vec<Duration>> {
    let record = vec![b'x'; bytes];
    let mut times = Vec::new();
    let mut place = 0;
    let until = Instant::now() + LOOK;
    while Instant::now() < until {
        let begun = Instant::now();
        file.write_all_at(&record, place as u64)?;
        file.sync_data()?;
        times.push(begun.elapsed());
        place += bytes;
        if place + bytes > LOG_BYTES {
            place = 0;
        }
    }
    Ok(times)
}

/// Refuses a directory in memory, where nothing is durable and nothing is measured.
pub fn check_is_disk(directory: &Path) -> Result<()> {
    let system = rustix::fs::statfs(directory)
        .with_context(|| format!("failed to look at {}", directory.display()))?;
    let is_memory = u64::try_from(system.f_type).is_ok_and(|kind| kind == TMPFS_MAGIC);
    ensure!(
        !is_memory,
        "{} is in memory: name a directory on a disk with --directory",
        directory.display()
    );
    Ok(())
}
