//! How people ask: CodePipeline's API.
//!
//! [`Api::handle`] takes a request as it came and answers it ([`Api::handle_for`], where AWS has said already
//! who asks). On the way it asks, in this order: which
//! operation is meant and on which wire (`protocol`), who signed it (`access`, on the raw bytes),
//! whether that key asks too often, whether the body fits the operation's shape, and whether the
//! policies allow it. Only then the operation's own file in `operations/` performs it: one file, one
//! operation, with its request and its answer. Every call leaves an audit record, refused ones too.
//!
//! What actions printed is read through [`Api::read_log`], and webhooks are delivered to [`deliver`], or to
//! [`deliver_onward`] where somebody else starts what they are meant for.
//!
//! What differs between one machine and the cloud is a [`Home`]: where artifacts can be reached, where
//! webhooks are served, who is told of a new declaration.
//!
//! Deliberately absent: sockets and Lambda; whoever has a request calls [`Api::handle`]. The rules of
//! pipelines are the engine's.
//!
//! Start with [`Api::handle`], then `operations`.

mod action_types;
mod answer;
mod call;
mod declaring;
mod delivery;
mod faults;
mod handle;
mod home;
mod jobs;
mod logs;
mod moment;
mod operations;
mod page;
mod plan;
mod position;
mod reading;
mod secrets;
mod tagging;
mod transition;
mod webhook;

use std::sync::Arc;

use access::audit::Audit;
use access::seal::Sealer;
use access::throttle::Throttle;
use access::{Authorizer, Keys};
use history::History;
use runtime::App;

pub use delivery::{Onward, deliver, deliver_onward};
pub use home::{ArtifactScope, Credentials, Home, Stored};
pub use logs::LogPiece;

/// The API over one controller.
pub struct Api {
    /// The handlers' ground.
    pub app: App,
    /// Who has which key.
    pub keys: Arc<dyn Keys>,
    /// Who may do what.
    pub authorizer: Authorizer,
    /// How much one key may ask.
    pub throttle: Throttle,
    /// Seals page tokens.
    pub sealer: Sealer,
    /// Where every call is written down.
    pub audit: Audit,
    /// What this process remembers of the pipelines that were looked at.
    pub history: History,
    /// What differs between one machine and the cloud.
    pub home: Arc<dyn Home>,
}
