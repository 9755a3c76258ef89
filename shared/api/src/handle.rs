//! From the bytes of a request to the bytes of its answer.

use std::net::IpAddr;

use access::audit::Call as Audited;
use access::sigv4::{Expected, Signed, claimed_access_key, verify};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response};
use model::time::Timestamp;
use protocol::{
    Encoded, Fault, Operation, Wire, decode, encode, encode_fault, recognize, validate,
};
use serde_json::Value;

use crate::Api;
use crate::operations::dispatch;
use crate::secrets;

/// What was learned about a call on the way to its answer.
struct Outcome {
    operation: Option<Operation>,
    signed: Option<Signed>,
    request: Value,
    policies: Vec<String>,
    result: Result<Value, Fault>,
}

impl Api {
    /// Answers a request. `peer` is the address that the connection came from.
    pub async fn handle(&self, parts: &Parts, body: &Bytes, peer: IpAddr) -> Response<Bytes> {
        self.answer(parts, body, peer, None).await
    }

    /// Answers a request of somebody whom AWS has identified already. The request's own signature is not
    /// looked at: it was for another service, and whoever calls this must have `asker` from AWS itself.
    pub async fn handle_for(
        &self,
        asker: Signed,
        parts: &Parts,
        body: &Bytes,
        peer: IpAddr,
    ) -> Response<Bytes> {
        self.answer(parts, body, peer, Some(asker)).await
    }

    async fn answer(
        &self,
        parts: &Parts,
        body: &Bytes,
        peer: IpAddr,
        known: Option<Signed>,
    ) -> Response<Bytes> {
        let now = self.app.world.now();
        let request_id = self.draw_request_id();
        let (wire, outcome) =
            match recognize(parts.method.as_str(), parts.uri.path(), &parts.headers) {
                Ok((wire, operation)) => {
                    let signed = match known {
                        Some(asker) => self.bound(asker, now),
                        None => self.let_in(parts, body, now),
                    };
                    (wire, self.follow(wire, operation, signed, body, now).await)
                }
                Err((wire, fault)) => (wire, unrecognized(fault)),
            };
        let encoded = match (&outcome.result, outcome.operation) {
            (Ok(answer), Some(operation)) => encode(wire, operation, answer),
            (Ok(_), None) => unreachable!("only an operation answers"),
            (Err(fault), _) => encode_fault(wire, fault),
        };
        self.write_down(&outcome, parts, peer, &request_id, now);
        respond(encoded, &request_id)
    }

    /// Draws the id under which a request is answered.
    pub fn draw_request_id(&self) -> String {
        let chance = self.app.world.draw().to_be_bytes();
        uuid::Builder::from_random_bytes(chance).into_uuid().to_string()
    }

    async fn follow(
        &self,
        wire: Wire,
        operation: Operation,
        signed: Result<Signed, Fault>,
        body: &Bytes,
        now: Timestamp,
    ) -> Outcome {
        let mut outcome = Outcome {
            operation: Some(operation),
            signed: None,
            request: Value::Null,
            policies: Vec::new(),
            result: Ok(Value::Null),
        };
        match signed {
            Ok(signed) => outcome.signed = Some(signed),
            Err(fault) => {
                outcome.result = Err(fault);
                return outcome;
            }
        }
        let understood = decode(wire, operation, body).and_then(|mut request| {
            validate(operation, &mut request)?;
            Ok(request)
        });
        match (understood, &outcome.signed) {
            (Ok(request), Some(signed)) => {
                let answered = dispatch(self, signed, operation, request.clone(), now).await;
                outcome.request = request;
                outcome.policies = answered.policies;
                outcome.result = answered.result;
            }
            (Ok(_), None) => unreachable!("whoever did not sign was not let in"),
            (Err(fault), _) => outcome.result = Err(fault),
        }
        outcome
    }

    /// Finds out who asks, and whether they ask too often; nothing of the body is read before.
    pub(crate) fn let_in(
        &self,
        parts: &Parts,
        body: &Bytes,
        now: Timestamp,
    ) -> Result<Signed, Fault> {
        let expected =
            Expected { service: "codepipeline", regions: &[], takes_unsigned_payload: false };
        let signed = verify(parts, body, self.keys.as_ref(), &expected, now)
            .map_err(|unsigned| Fault::new(unsigned.code, unsigned.message))?;
        self.bound(signed, now)
    }

    /// Lets somebody in, unless they ask too often.
    fn bound(&self, signed: Signed, now: Timestamp) -> Result<Signed, Fault> {
        if !self.throttle.admit(&signed.access_key, now) {
            return Err(Fault::new(
                "ThrottlingException",
                "Rate exceeded: ask again a little later",
            ));
        }
        Ok(signed)
    }

    fn write_down(
        &self,
        outcome: &Outcome,
        parts: &Parts,
        peer: IpAddr,
        request_id: &str,
        now: Timestamp,
    ) {
        let Outcome { operation, signed, request, policies, result } = outcome;
        let mut request = request.clone();
        secrets::mask(&mut request);
        let mut response = match (operation, result) {
            (Some(operation), Ok(answer)) if secrets::is_worth_recording(*operation) => {
                answer.clone()
            }
            (Some(_) | None, Ok(_) | Err(_)) => Value::Null,
        };
        secrets::mask(&mut response);
        let call = Audited {
            at: now,
            who: signed.as_ref().map(|signed| &signed.identity),
            access_key: match signed {
                Some(signed) => Some(&signed.access_key),
                None => claimed_access_key(parts),
            },
            operation: operation.map_or("", Operation::as_str),
            is_read_only: operation.is_none_or(Operation::is_read_only),
            region: &self.app.place.region,
            account: &self.app.place.account,
            source_ip: &peer.to_string(),
            user_agent: header(&parts.headers, "user-agent"),
            request: &request,
            response: &response,
            error: result.as_ref().err().map(|fault| (&*fault.code, &*fault.message)),
            request_id,
            policies,
        };
        if let Err(error) = self.audit.append(&call) {
            tracing::error!(%error, request_id, "a call could not be written down");
        }
    }
}

fn unrecognized(fault: Fault) -> Outcome {
    Outcome {
        operation: None,
        signed: None,
        request: Value::Null,
        policies: Vec::new(),
        result: Err(fault),
    }
}

pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn respond(encoded: Encoded, request_id: &str) -> Response<Bytes> {
    let Encoded { status, headers, body } = encoded;
    let mut response = Response::builder().status(status).header("x-amzn-requestid", request_id);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Bytes::from(body)).expect("statuses and headers are ours, and legal")
}
