//! Who does the work on one machine.
//!
//! [`perform()`] does one [`providers::Job`] from beginning to end, with real processes and real
//! files, and says how it ended. It is called in a process of its own (see `local::supervise`), which
//! leads the process group of everything it starts, so that whoever wants it stopped stops them all;
//! [`after_stop`] ends what runs in a group of its own.
//!
//! One provider, one file: `git_source`, `s3_source`, `ecr_source` bring something in,
//! `codebuild` and `commands` build it, `codedeploy` and `s3_deploy` put it to work,
//! `lambda_invoke` asks somebody else. What cannot be done on one machine is refused with a
//! sentence that names the way out (`elsewhere`).
//!
//! Beneath them: `task` is what every provider is handed, `git` is the only place that runs
//! `git`, `bucket` the only one that touches what stands for a bucket, and `process`
//! the only one that waits for somebody else's program.
//!
//! Deliberately absent: clocks of pipelines, logs and locks; an executor does not know why it is
//! called, and nothing is started twice because nobody calls it twice.
//!
//! Start with [`mod@perform`].

pub mod perform;
pub mod site;
pub mod watch;

mod codebuild;
mod codedeploy;
mod commands;
mod ecr_source;
mod elsewhere;
mod git_source;
mod lambda_invoke;
mod s3_deploy;
mod s3_source;

mod bucket;
mod fault;
mod git;
mod origin;
mod process;
mod task;

pub use perform::{after_stop, can_perform, perform, perform_in};
pub use site::{Project, Site, Workplace};
