//! The doors, and which of them a request is for.

pub(crate) mod artifacts;
mod call;
mod logs;

use std::net::IpAddr;
use std::sync::Arc;

use api::Api;
use http::Response;
use http::request::Parts;
use hyper::body::Incoming;

use crate::Limits;
use crate::body::Body;
use crate::doors::artifacts::Artifacts;
use crate::gate;
use crate::refusal::wire_of;

/// What is served.
pub struct Doors {
    /// The API.
    pub api: Arc<Api>,
    /// The artifacts of jobs.
    pub artifacts: Artifacts,
}

/// What stands behind the gate.
pub(crate) struct Room {
    pub(crate) doors: Doors,
    pub(crate) port: u16,
    pub(crate) limits: Limits,
}

/// Where a request wants to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Api,
    Webhooks,
    Logs,
    Artifacts,
}

impl Door {
    /// A bucket may be called like another door; who signs for S3 means the bucket.
    fn of(parts: &Parts) -> Self {
        let path = parts.uri.path();
        if artifacts::is_signed_for(&parts.headers) {
            Self::Artifacts
        } else if path == "/" || path.starts_with("/service/") {
            Self::Api
        } else if path.starts_with("/webhooks/") {
            Self::Webhooks
        } else if path.starts_with("/logs/") {
            Self::Logs
        } else {
            Self::Artifacts
        }
    }
}

impl Room {
    /// Answers a request.
    pub(crate) async fn answer(
        &self,
        parts: Parts,
        body: Incoming,
        peer: IpAddr,
    ) -> Response<Body> {
        let door = Door::of(&parts);
        let answered = match gate::enter(&parts, self.port) {
            Err(refusal) => Err(refusal),
            Ok(()) => match door {
                Door::Api => self.call(&parts, body, peer).await,
                Door::Webhooks => self.deliver(&parts, body, peer).await,
                Door::Logs => self.read_log(&parts, peer).await,
                Door::Artifacts => {
                    let now = self.doors.api.app.world.now();
                    Ok(self.doors.artifacts.answer(&parts, body, &self.limits, now).await)
                }
            },
        };
        answered.unwrap_or_else(|refusal| match door {
            Door::Api | Door::Webhooks | Door::Logs => refusal.on(wire_of(&parts)),
            Door::Artifacts => artifacts::refuse(&refusal),
        })
    }
}
