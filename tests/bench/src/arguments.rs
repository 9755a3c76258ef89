//! What can be asked of the benchmark.

use std::path::PathBuf;

use clap::Parser;

/// Measures executions of three stages and four empty actions, durable on this machine's disk.
#[derive(Clone, Debug, Parser)]
#[command(name = "one-machine")]
pub struct Arguments {
    /// How many executions run one at a time
    #[arg(long, value_name = "COUNT", default_value_t = 500)]
    pub one_at_a_time: usize,
    /// How many executions run in all when many are in flight
    #[arg(long, value_name = "COUNT", default_value_t = 2000)]
    pub executions: usize,
    /// How many are in flight then
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub concurrency: usize,
    /// Over how many PARALLEL pipelines those in flight are spread: each has a quota of 50, and one that
    /// ended counts until its pipeline hears of it
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    pub parallel_pipelines: usize,
    /// Starts no execution after so many seconds of one load, however many are left
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub seconds: u64,
    /// Measures only the loads whose name contains this text
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// Where the database lies while it is measured: a directory on the disk in question [default:
    /// beside this program]
    #[arg(long, value_name = "DIRECTORY")]
    pub directory: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}
