//! Real deployments: revisions of real files and shell scripts, into a directory.

mod cage;
mod failures;
mod files;
mod hooks;
mod killed;
mod permissions;
mod world;
