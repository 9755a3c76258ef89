//! What STS answered: the only word that is taken for who somebody is.

use serde::Deserialize;

use super::{ANSWER_BYTES_MAX, Partition, Refusal};
use crate::principals::{Principal, Principals};

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "GetCallerIdentityResponse")]
    response: Response,
}

#[derive(Deserialize)]
struct Response {
    #[serde(rename = "GetCallerIdentityResult")]
    result: Caller,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Caller {
    account: String,
    arn: String,
}

/// Reads STS's answer, and says whose question it was and which roles they have here.
pub fn caller_of(
    status: u16,
    content_type: &str,
    body: &[u8],
    own_region: &str,
    principals: &Principals,
) -> Result<(Principal, Vec<String>), Refusal> {
    let strange = || Refusal::denied("STS did not say who signed the question; sign a new one");
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if status != 200 {
        return Err(Refusal::denied(format!(
            "STS does not know who signed the question (it answered {status}); check your AWS \
             credentials, this machine's clock, and that the question was signed for this deployment"
        )));
    }
    if !kind.eq_ignore_ascii_case("application/json") || body.len() > ANSWER_BYTES_MAX {
        return Err(strange());
    }
    let answer: Answer = serde_json::from_slice(body).map_err(|_| strange())?;
    let Caller { account, arn } = answer.response.result;
    let principal = Principal::read(&arn).ok_or_else(strange)?;
    let is_here = arn.starts_with(Partition::of(own_region).arn_start());
    if principal.account != account || !is_here {
        return Err(strange());
    }
    let roles = principals.roles_of(&principal.arn);
    if !principals.knows(&account) || roles.is_empty() {
        return Err(Refusal::denied(format!(
            "{} has no role here; whoever deployed Towpath gives it one in the parameter Principals, for \
             example Viewer={}",
            principal.arn, principal.arn
        )));
    }
    Ok((principal, roles))
}
