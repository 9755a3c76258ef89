//! What actions printed, for whoever may read it. Not an operation of AWS's API, which points at other
//! services for this; signed, authorized and written down like one.

use std::collections::BTreeMap;
use std::net::IpAddr;

use access::audit::Call as Audited;
use access::authorize::{Action, Question, ReadLogs, Resource};
use access::sigv4::Signed;
use bytes::Bytes;
use http::request::Parts;
use model::time::Timestamp;
use protocol::Fault;
use serde_json::{Value, json};

use crate::Api;
use crate::handle::header;

/// How much is read at once.
const PIECE_BYTES_MAX: usize = 1024 * 1024;

/// What was printed from some place on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPiece {
    /// The bytes, as they were printed.
    pub bytes: Bytes,
    /// Where the next piece begins.
    pub next: u64,
    /// Whether nothing will follow.
    pub has_ended: bool,
}

impl Api {
    /// Reads what an attempt of an action printed, from an offset on.
    pub async fn read_log(
        &self,
        parts: &Parts,
        run_id: &str,
        offset: u64,
        peer: IpAddr,
    ) -> Result<LogPiece, Fault> {
        let now = self.app.world.now();
        let mut policies = Vec::new();
        let signed = self.let_in(parts, &Bytes::new(), now);
        let result = match &signed {
            Ok(signed) => self.read_log_for(signed, run_id, offset, &mut policies).await,
            Err(fault) => Err(fault.clone()),
        };
        let call = Asked { signed: signed.as_ref().ok(), run_id, peer, now, policies: &policies };
        self.write_down_log(parts, &call, result.as_ref().err());
        result
    }

    async fn read_log_for(
        &self,
        signed: &Signed,
        run_id: &str,
        offset: u64,
        policies: &mut Vec<String>,
    ) -> Result<LogPiece, Fault> {
        let found = self.home.printed_by(run_id);
        // Whoever may read no logs at all does not find out which there are.
        let resource = match &found {
            Some(pipeline) => Resource::Pipeline(pipeline.to_string()),
            None => Resource::Pipeline("*".to_owned()),
        };
        let question = Question { who: &signed.identity, resource, context: BTreeMap::new() };
        let asked = self.authorizer.authorize::<ReadLogs>(&question);
        let proof = asked.map_err(|denied| {
            policies.extend(denied.policies);
            Fault::new("AccessDeniedException", denied.message)
        })?;
        policies.extend(proof.policies().iter().cloned());
        if found.is_none() {
            let message = format!("no action execution {run_id} has printed anything here");
            return Err(Fault::new("LogNotFoundException", message));
        }
        let read = self.home.read_log(run_id, offset, PIECE_BYTES_MAX).await;
        read.map_err(|error| {
            tracing::error!(run_id, error, "a log could not be read");
            Fault::internal("the log cannot be read right now; ask again")
        })
    }

    fn write_down_log(&self, parts: &Parts, call: &Asked<'_>, fault: Option<&Fault>) {
        let Asked { signed, run_id, peer, now, policies } = call;
        let request_id = self.draw_request_id();
        let call = Audited {
            at: *now,
            who: signed.map(|signed| &signed.identity),
            access_key: signed.map(|signed| signed.access_key.as_str()),
            operation: ReadLogs::NAME,
            is_read_only: true,
            region: &self.app.place.region,
            account: &self.app.place.account,
            source_ip: &peer.to_string(),
            user_agent: header(&parts.headers, "user-agent"),
            request: &json!({ "actionExecutionId": run_id }),
            response: &Value::Null,
            error: fault.map(|fault| (&*fault.code, &*fault.message)),
            request_id: &request_id,
            policies,
        };
        if let Err(error) = self.audit.append(&call) {
            tracing::error!(%error, request_id, "a call could not be written down");
        }
    }
}

/// Who asked for what.
struct Asked<'a> {
    signed: Option<&'a Signed>,
    run_id: &'a str,
    peer: IpAddr,
    now: Timestamp,
    policies: &'a [String],
}
