//! From a request that is understood to an answer: typed, authorized, performed.

use std::collections::BTreeMap;

use access::authorize::{Denied, Question};
use access::sigv4::Signed;
use model::time::Timestamp;
use protocol::Fault;
use serde_json::Value;

use crate::Api;
use crate::call::Call;
use crate::operations::Operation;

/// What became of a call, and which policies decided.
pub(crate) struct Answered {
    pub(crate) result: Result<Value, Fault>,
    pub(crate) policies: Vec<String>,
}

/// Performs one operation for whoever signed.
pub(crate) async fn answer<O: Operation>(
    api: &Api,
    signed: &Signed,
    request: Value,
    now: Timestamp,
) -> Answered {
    let request: O::Request = match serde_json::from_value(request) {
        Ok(request) => request,
        // The shape allowed it and our type did not: the two must be brought together.
        Err(error) => return unfit(O::OPERATION, &error),
    };
    let resource = O::resource(&request);
    let question = Question { who: &signed.identity, resource, context: BTreeMap::new() };
    let proof = match api.authorizer.authorize::<O>(&question) {
        Ok(proof) => proof,
        Err(denied) => return refused(denied),
    };
    let policies = proof.policies().to_vec();
    let call = Call { api, proof, access_key: &signed.access_key, now };
    let performed = O::perform(call, request).await;
    let result =
        performed.map(|response| serde_json::to_value(response).expect("answers are plain values"));
    Answered { result, policies }
}

fn refused(denied: Denied) -> Answered {
    let fault = Fault::new("AccessDeniedException", denied.message);
    Answered { result: Err(fault), policies: denied.policies }
}

fn unfit(operation: protocol::Operation, error: &serde_json::Error) -> Answered {
    tracing::error!(%operation, %error, "a request fits its shape and not its type");
    let fault =
        Fault::new("SerializationException", format!("the request cannot be read: {error}"));
    Answered { result: Err(fault), policies: Vec::new() }
}
