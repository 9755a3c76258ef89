//! What a host's refusals mean, in sentences that say what to mend.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::Web;
use crate::code_host::Trouble;
use crate::fault::Fault;

/// How soon and how late a host that is busy is asked again, in seconds.
const AGAIN_SECONDS_MIN: u64 = 5;
const AGAIN_SECONDS_MAX: u64 = 900;

/// How soon, where it does not say.
const AGAIN_SECONDS: u64 = 60;

/// What it means that there is nothing at an address.
pub(in crate::code_host) enum Missing {
    /// The settings are wrong, in these words.
    Configuration(String),
    /// What was asked for is gone, in these words.
    Revision(String),
}

/// Reads a refusal.
pub(super) fn of(
    web: &Web<'_>,
    response: &HttpResponse,
    repository: &str,
    missing: &Missing,
) -> Trouble {
    let (name, secret) = (web.host.name(), &web.secret);
    let status = response.status().as_u16();
    if let Some(seconds) = busy_seconds(response) {
        return Trouble::Busy(seconds);
    }
    Trouble::Fault(match status {
        401 => Fault::Forbidden(format!(
            "{name} does not take the token (401): it expired, was revoked or belongs to another host; \
             put a new one into {secret}"
        )),
        403 => Fault::Forbidden(format!(
            "{name} does not let the token read {repository} (403): let the token of {secret} read the \
             repository's contents, and approve it where the organization asks for that"
        )),
        404 | 410 | 422 => match missing {
            Missing::Configuration(sentence) => Fault::configuration(sentence),
            Missing::Revision(sentence) => Fault::unavailable(sentence),
        },
        409 => Fault::job_failed(format!("{repository} at {name} is empty; push a commit")),
        500.. => Fault::Later(format!("{name} fails ({status})")),
        _ => Fault::job_failed(format!(
            "{name} answers with {status}, which its API never does; see that the secret's kind and host \
             are right"
        )),
    })
}

/// Returns after how many seconds the host is to be asked again, if that is what it says.
fn busy_seconds(response: &HttpResponse) -> Option<u32> {
    let number = |name: &str| response.headers().get(name)?.trim().parse::<u64>().ok();
    let status = response.status().as_u16();
    let is_spent = number("x-ratelimit-remaining") == Some(0);
    let is_busy = match status {
        429 | 503 => true,
        403 => is_spent || number("retry-after").is_some(),
        _ => false,
    };
    if !is_busy {
        return None;
    }
    let seconds = number("retry-after").unwrap_or(AGAIN_SECONDS);
    u32::try_from(seconds.clamp(AGAIN_SECONDS_MIN, AGAIN_SECONDS_MAX)).ok()
}
