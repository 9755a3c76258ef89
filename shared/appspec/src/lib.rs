//! Reading appspecs, and deploying them into a directory that stands for the host.
//!
//! An appspec says how `CodeDeploy` puts a revision to work. [`read()`] turns its text into an
//! [`Appspec`], or into a [`Refusal`] that names every problem at once, each with its path in the
//! file and the way to mend it. An appspec for a server (EC2 or on premises) can be deployed on
//! this machine: [`Deployment::run`] takes the unpacked revision through the lifecycle events in
//! the order of the `CodeDeploy` agent. What an appspec means is taken from the reference at
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html>, and,
//! where that is silent, from what the agent does.
//!
//! **The host is a directory.** The destination `/var/www` is `<host>/var/www`. All file work goes
//! through a handle on that directory ([`cap_std`]), so neither `..` nor a symbolic link, on the
//! host or in the revision, leads out of it. Hooks are ordinary processes and are *not* caged:
//! they are told where the host is in `TOWPATH_HOST_DIRECTORY`, start in that directory as the
//! agent starts in `/`, and find their siblings beside `$0`.
//!
//! **What we remember** lives in `<host>/.towpath/<application>/<deployment group>/`: the revisions
//! that may be needed again, which of them is installed and which was the last good one, and every
//! path that we created. It is written ahead of what it describes, and replaced in one step; so a
//! run that was killed at any moment is put right by the next one.
//!
//! **Departures from the agent**, each in favour of the running application: a revision that
//! cannot be deployed here is refused before `ApplicationStop`; a file that is in the way is found
//! before the previous revision's files are removed; in a rollback a failing `ApplicationStop` is
//! reported and passed over; a script that outlives its timeout gets `SIGTERM` and then `SIGKILL`,
//! with its whole process group.
//!
//! Deliberately absent: pipelines and artifacts (the caller unpacks the revision), load balancers
//! and their traffic events, blue/green, and Lambda and ECS, which need an AWS-compatible endpoint:
//! those appspecs are read, and say so ([`Appspec::needs_endpoint`]).
//!
//! Start with [`read()`], then [`Deployment`], then `deployment/attempt.rs`, where the events are.

mod refusal;

mod event;
mod server;
mod serverless;

mod read;

mod accounts;
mod fault;
mod host;
mod journal;

mod hook;
mod install;
mod ledger;

mod deployment;

pub use deployment::{
    BundleSource, Deployment, Ended, EventReport, EventStatus, FailureReport, Rollback,
};
pub use event::LifecycleEvent;
pub use fault::Cause;
pub use hook::stop_hook;
pub use read::{APPSPEC_BYTES_MAX, Appspec, read};
pub use refusal::{Note, Problem, Refusal};
pub use server::{
    Context, EVENT_SECONDS_MAX, FileExistsBehavior, FileMapping, ObjectType, OperatingSystem,
    Permission, Script, ServerSpec,
};
pub use serverless::{EcsSpec, FunctionHook, LambdaSpec, NetworkConfiguration};
