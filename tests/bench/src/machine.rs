//! What the kernel says of this process and of the rest of the machine.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// What was used up to a moment.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    at: Instant,
    own_ticks: u64,
    all_ticks: u64,
}

/// What was used between two moments.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    /// The processor time of this process.
    pub own: Duration,
    /// How many processors were busy with other work, on average.
    pub others_cores: f64,
}

impl Usage {
    /// Reads what was used so far.
    pub fn now() -> Result<Self> {
        let own =
            fs::read_to_string("/proc/self/stat").context("failed to read /proc/self/stat")?;
        let all = fs::read_to_string("/proc/stat").context("failed to read /proc/stat")?;
        Ok(Self {
            at: Instant::now(),
            own_ticks: own_ticks(&own).context("/proc/self/stat is not as expected")?,
            all_ticks: busy_ticks(&all).context("/proc/stat is not as expected")?,
        })
    }

    /// Returns what was used since.
    pub fn elapsed(self) -> Result<Used> {
        let now = Self::now()?;
        let own = seconds(now.own_ticks - self.own_ticks);
        let all = seconds(now.all_ticks.saturating_sub(self.all_ticks));
        let time = (now.at - self.at).as_secs_f64();
        Ok(Used { own: Duration::from_secs_f64(own), others_cores: ((all - own) / time).max(0.0) })
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody measures for 2^53 ticks")]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// Returns the ticks in user and kernel mode of `/proc/self/stat`. The program's name, in brackets,
/// may hold anything, so we count from behind it.
fn own_ticks(text: &str) -> Option<u64> {
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

/// Returns the ticks in which a processor was not idle, of `/proc/stat`.
fn busy_ticks(text: &str) -> Option<u64> {
    let fields = text.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
    let ticks: Vec<u64> = fields.map(|field| field.parse().ok()).collect::<Option<_>>()?;
    // user, nice, system, idle, waiting for the disk, interrupts, soft interrupts, stolen.
    let busy = [0, 1, 2, 5, 6, 7].into_iter().filter_map(|place| ticks.get(place));
    (ticks.len() >= 5).then(|| busy.sum())
}

/// Forgets how much memory this process had at most, where the kernel lets it.
pub fn forget_peak_memory() {
    // Without the permission the peak is that of the whole run: more than the truth, never less.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Returns how much memory this process had at most.
pub fn peak_memory_bytes() -> Result<u64> {
    let status =
        fs::read_to_string("/proc/self/status").context("failed to read /proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kibibytes.context("/proc/self/status has no VmHWM")? * 1024)
}

/// Returns how many processors there are.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_any_name() {
        let text = "7 (a) b) c) S 1 1 1 0 -1 4194304 100 0 0 0 30 12 0 0 20 0 3 0 1 2 3";
        assert_eq!(own_ticks(text), Some(42));
        assert_eq!(own_ticks("7 (a"), None);
    }

    #[test]
    fn waiting_is_not_work() {
        assert_eq!(busy_ticks("cpu  1 2 4 1000 1000 8 16 32 0 0\ncpu0 1"), Some(63));
        assert_eq!(busy_ticks("cpu  1 2"), None);
        assert_eq!(busy_ticks(""), None);
    }

    #[test]
    fn this_machine_can_be_read() {
        let usage = Usage::now().unwrap();
        assert!(usage.elapsed().unwrap().others_cores >= 0.0);
        assert!(peak_memory_bytes().unwrap() > 0);
    }
}
