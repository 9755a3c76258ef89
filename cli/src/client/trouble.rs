//! What went wrong, as a sentence, and what to do about it. Never a dump of ours.

mod in_aws;

use std::error::Error;

use aws_sdk_codepipeline::error::{ProvideErrorMetadata, SdkError};

use crate::client::door::Door;
use crate::client::place::Place;
use crate::client::wire::innermost;
use crate::ending::Ending;

/// Turns a failed call into an ending.
pub(crate) fn ending<E>(place: &Place, error: &SdkError<E>) -> Ending
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let endpoint = &place.endpoint;
    match error {
        SdkError::ServiceError(service) => {
            let (error, status) = (service.err(), service.raw().status().as_u16());
            match error.code() {
                None if status < 500 => stranger(place, &format!(" (status {status})")),
                code => {
                    refusal(place, code.unwrap_or_default(), error.message().unwrap_or_default())
                }
            }
        }
        SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
            absent(place, error)
        }
        SdkError::TimeoutError(_) => Ending::Failed(Some(format!(
            "{endpoint} did not answer in time\n  the server is busy or stopped; try again, or look at \
             what {} says",
            watchman(place)
        ))),
        SdkError::ResponseError(answer) => {
            stranger(place, &format!(" (status {})", answer.raw().status().as_u16()))
        }
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) | _ => {
            Ending::BadInput(format!("the request could not be made: {}", innermost(error)))
        }
    }
}

/// Says that nobody answers.
pub(crate) fn absent(place: &Place, error: &dyn Error) -> Ending {
    let advice = match place.door {
        Door::Own if place.endpoint.starts_with("http://") => {
            "start the server with `towpath up`, or name another with --endpoint URL or --data DIR"
                .to_owned()
        }
        Door::Own | Door::Aws | Door::Bridge => format!(
            "{}; check the address, and that this machine reaches it: HTTPS_PROXY names a proxy, \
             SSL_CERT_FILE the certificates of one that looks inside",
            innermost(error)
        ),
    };
    Ending::BadInput(format!("{}\n  {advice}", nobody(place)))
}

/// Says whether something ended because nobody answers.
pub(crate) fn is_absence(place: &Place, ending: &Ending) -> bool {
    matches!(ending, Ending::BadInput(said) if said.starts_with(&nobody(place)))
}

fn nobody(place: &Place) -> String {
    format!("nobody answers at {} ({})", place.endpoint, place.said_by)
}

/// Says that somebody else answers. Where he sends us, nobody goes.
fn stranger(place: &Place, how: &str) -> Ending {
    let right = match place.door {
        Door::Own => "`towpath up` prints the right one",
        Door::Aws | Door::Bridge => "the deployment's output ApiIamEndpoint is the right one",
    };
    Ending::Failed(Some(format!(
        "what {} ({}) answers is not CodePipeline's API{how}\n  check the address; {right}",
        place.endpoint, place.said_by
    )))
}

/// Names who knows how the server is.
fn watchman(place: &Place) -> &'static str {
    match place.door {
        Door::Own => "`towpath up`",
        Door::Aws | Door::Bridge => "`towpath doctor`",
    }
}

/// Turns a refusal of the server into an ending: its own sentence, and what to do.
pub(crate) fn refusal(place: &Place, code: &str, message: &str) -> Ending {
    let is_aws_itself = place.door == Door::Aws && in_aws::is_aws_itself(code, message);
    let said = match (message, code) {
        _ if is_aws_itself => in_aws::said(place),
        ("", "") => "the server refused without saying why".to_owned(),
        ("", code) => format!("the server refused: {code}"),
        (message, _) => message.to_owned(),
    };
    let advice = match place.door {
        Door::Own => None,
        Door::Aws | Door::Bridge => in_aws::advice(place, code, message),
    };
    let advice = advice.or_else(|| advice_anywhere(place, code, message));
    let text = match &advice {
        Some(advice) => format!("{said}\n  {advice}"),
        None => said,
    };
    if is_the_servers(code) { Ending::Failed(Some(text)) } else { Ending::BadInput(text) }
}

/// Whether the request was right and the server could not, or not now.
fn is_the_servers(code: &str) -> bool {
    matches!(
        code,
        "" | "InternalFailure"
            | "InternalServerError"
            | "ServiceUnavailable"
            | "ThrottlingException"
            | "Throttling"
            | "TooManyRequestsException"
            | "ConcurrentModificationException"
    )
}

/// Whether the server could make nothing of the key that a request was signed with.
fn is_of_key(code: &str) -> bool {
    matches!(
        code,
        "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "IncompleteSignatureException"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
    )
}

fn advice_on_key(place: &Place) -> String {
    let key = &place.key.origin;
    if place.endpoint.starts_with("https://") {
        return format!(
            "the key of {key} is not taken there; get a new one, as `towpath credentials` does"
        );
    }
    format!(
        "the server does not know the key of {key}; `towpath up` prints which file holds its key: \
         AWS_SHARED_CREDENTIALS_FILE=FILE AWS_PROFILE=towpath"
    )
}

/// Says what to do about a refusal, where there is more to say than the server does.
fn advice_anywhere(place: &Place, code: &str, message: &str) -> Option<String> {
    let lower = message.to_lowercase();
    let is_clock = code == "RequestTimeTooSkewed"
        || (code.contains("Signature") && (lower.contains("expired") || lower.contains("not yet")));
    if is_clock {
        return Some(
            "the clocks of this machine and of the server differ by more than 5 minutes; set them right"
                .to_owned(),
        );
    }
    if is_of_key(code) {
        return Some(advice_on_key(place));
    }
    let key = &place.key.origin;
    let text = match code {
        "ExpiredTokenException" | "ExpiredToken" => {
            format!("the session of the key of {key} is over; get a new one")
        }
        "AccessDeniedException" | "AccessDenied" => {
            format!("the key of {key} may not do that; somebody who may has to, or to allow it")
        }
        "ThrottlingException" | "Throttling" | "TooManyRequestsException" => {
            "too many requests with this key just now; try again in a moment".to_owned()
        }
        "PipelineNotFoundException" => "`towpath ls` lists the pipelines".to_owned(),
        "StageNotFoundException" | "ActionNotFoundException" => {
            "`towpath show NAME` lists its stages and actions".to_owned()
        }
        "PipelineExecutionNotFoundException" => {
            "`towpath history NAME` lists its executions".to_owned()
        }
        "PipelineNameInUseException" => "`towpath apply FILE` updates it".to_owned(),
        "InvalidApprovalTokenException" => {
            "that question is not open any more; `towpath why NAME` says which ones are".to_owned()
        }
        "ApprovalAlreadyCompletedException" => {
            "somebody was faster; `towpath history NAME` says what became of it".to_owned()
        }
        "DuplicatedStopRequestException" => {
            "it is stopping already; --abandon gives up what still runs".to_owned()
        }
        "PipelineExecutionNotStoppableException" => {
            "it has ended; `towpath history NAME` says how".to_owned()
        }
        "StageNotRetryableException" | "NotLatestPipelineExecutionException" => {
            "`towpath start NAME` starts a new execution".to_owned()
        }
        "ConcurrentModificationException" => {
            "somebody else was changing it at that moment; try again".to_owned()
        }
        "InternalFailure" | "InternalServerError" | "ServiceUnavailable" => {
            format!("look at what {} says", watchman(place))
        }
        "UnknownOperationException" => {
            "the server is older than this command; update it".to_owned()
        }
        _ => return None,
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place::example("http://127.0.0.1:1", Door::Own)
    }

    #[test]
    fn a_refusal_is_the_servers_sentence_and_what_to_do() {
        let ending = refusal(&place(), "PipelineNotFoundException", "there is no pipeline web");
        let text = "there is no pipeline web\n  `towpath ls` lists the pipelines";
        assert_eq!(ending, Ending::BadInput(text.to_owned()));
        let ending = refusal(&place(), "ValidationException", "name is too long");
        assert_eq!(ending, Ending::BadInput("name is too long".to_owned()));
        let ending = refusal(&place(), "", "");
        let text = "the server refused without saying why";
        assert_eq!(ending, Ending::Failed(Some(text.to_owned())));
    }

    #[test]
    fn a_wrong_key_and_a_wrong_clock_are_told_apart() {
        let text = |code, message| {
            let ending = refusal(&place(), code, message);
            let Ending::BadInput(text) = ending else { panic!("{ending:?}") };
            text
        };
        let wrong = text("InvalidSignatureException", "The signature does not match.");
        assert!(wrong.contains("does not know the key of AWS_PROFILE=other"), "{wrong}");
        let clock = text("InvalidSignatureException", "Signature expired: 20200101T000000Z");
        assert!(clock.contains("the clocks"), "{clock}");
        let unknown = text("UnrecognizedClientException", "unknown key");
        assert!(unknown.contains("AWS_SHARED_CREDENTIALS_FILE"), "{unknown}");
        let denied = text("AccessDeniedException", "not allowed");
        assert!(denied.contains("may not do that"), "{denied}");
    }

    #[test]
    fn nobody_and_somebody_else_are_told_with_what_to_do_there() {
        let here = place();
        let far = Place::example("https://x.lambda-url.eu-west-1.on.aws", Door::Aws);
        let broken = std::io::Error::other("invalid peer certificate: UnknownIssuer");
        let Ending::BadInput(text) = absent(&here, &broken) else { panic!() };
        assert!(text.contains("`towpath up`") && !text.contains("UnknownIssuer"), "{text}");
        let ending = absent(&far, &broken);
        assert!(is_absence(&far, &ending) && !is_absence(&here, &ending));
        let Ending::BadInput(text) = ending else { panic!() };
        assert!(text.contains("UnknownIssuer") && text.contains("SSL_CERT_FILE"), "{text}");
        let Ending::Failed(Some(text)) = stranger(&far, " (status 302)") else { panic!() };
        assert!(text.contains("(status 302)") && text.contains("ApiIamEndpoint"), "{text}");
    }

    #[test]
    fn what_the_server_could_not_do_now_is_no_bad_input() {
        for code in ["ThrottlingException", "InternalFailure", "ConcurrentModificationException"] {
            assert!(matches!(refusal(&place(), code, "no"), Ending::Failed(Some(_))), "{code}");
        }
    }
}
