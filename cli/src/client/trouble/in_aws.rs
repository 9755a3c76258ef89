//! What a deployment in AWS refuses, and AWS before it: the same codes mean other things there.

use crate::client::door::Door;
use crate::client::place::Place;

/// Says whether AWS refused, before the deployment was asked. Where IAM does not let somebody in, the function
/// URL says so in one word; the deployment says who may not do what.
pub(super) fn is_aws_itself(code: &str, message: &str) -> bool {
    let lower = message.to_lowercase();
    let is_denied = matches!(code, "AccessDeniedException" | "AccessDenied" | "Forbidden");
    // AWS-compatible installations say what is missing.
    let is_forbidden =
        lower.starts_with("forbidden") || lower.contains("perform: lambda:invokefunction");
    is_denied && (lower.is_empty() || is_forbidden)
}

/// Says that AWS refused.
pub(super) fn said(place: &Place) -> String {
    format!(
        "AWS does not let the key of {} in at {} (403 Forbidden)",
        place.key.origin, place.endpoint
    )
}

/// Says what to do, where it is another thing than with a server of one's own.
pub(super) fn advice(place: &Place, code: &str, message: &str) -> Option<String> {
    let (origin, region) = (&place.key.origin, &place.region);
    let lower = message.to_lowercase();
    if lower.contains("scoped to") {
        return Some(format!(
            "requests were signed for {region}; give the deployment's own address, or say --region"
        ));
    }
    let is_clock = lower.contains("expired:") || lower.contains("not yet");
    let text = match code {
        _ if place.door == Door::Aws && is_aws_itself(code, message) => {
            "its policy must allow lambda:InvokeFunctionUrl and, with the condition \
             lambda:InvokedViaFunctionUrl, lambda:InvokeFunction on the function named like the stack with \
             -api-iam (docs/operating.md); or give --endpoint the output ApiEndpoint, which asks IAM for \
             neither"
                .to_owned()
        }
        "AccessDeniedException" | "AccessDenied" => format!(
            "the key of {origin} may not do that; whoever deploys says in the parameter Principals who may do what"
        ),
        "ExpiredTokenException" | "ExpiredToken" => over(origin),
        "UnrecognizedClientException" | "InvalidClientTokenId" if lower.contains("expired") => {
            over(origin)
        }
        "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
            if !is_clock =>
        {
            match place.door {
                Door::Own | Door::Bridge => "the deployment no longer knows the key that it gave; it was \
                                             forgotten here too, so ask again"
                    .to_owned(),
                Door::Aws => format!(
                    "AWS does not take the key of {origin}; set AWS_PROFILE or say --profile, and see \
                     whose it is: aws sts get-caller-identity"
                ),
            }
        }
        _ => return None,
    };
    Some(text)
}

fn over(origin: &str) -> String {
    format!("the session of the key of {origin} is over; log in again, as with `aws sso login`")
}

#[cfg(test)]
mod tests {
    use crate::client::trouble::refusal;
    use crate::ending::Ending;

    use super::*;

    fn text(door: Door, code: &str, message: &str) -> String {
        let place = Place::example("https://x.lambda-url.eu-west-1.on.aws", door);
        let Ending::BadInput(text) = refusal(&place, code, message) else { panic!("{code}") };
        text
    }

    #[test]
    fn whom_iam_does_not_let_in_learns_which_permission_is_missing() {
        for message in ["Forbidden", "Forbidden. For troubleshooting see …", ""] {
            let text = text(Door::Aws, "AccessDeniedException", message);
            assert!(
                text.starts_with("AWS does not let the key of AWS_PROFILE=other in at"),
                "{text}"
            );
            assert!(text.contains("lambda:InvokeFunctionUrl"), "{text}");
            assert!(text.contains("ApiEndpoint"), "{text}");
        }
    }

    #[test]
    fn whom_the_deployment_does_not_let_do_something_learns_who_decides_it() {
        for door in [Door::Aws, Door::Bridge] {
            let text = text(door, "AccessDeniedException", "x is not authorized to perform y");
            assert!(text.starts_with("x is not authorized"), "{text}");
            assert!(text.contains("Principals") && !text.contains("InvokeFunctionUrl"), "{text}");
        }
    }

    #[test]
    fn a_session_that_is_over_a_wrong_key_and_a_wrong_region_are_told_apart() {
        let over = "The security token included in the request is expired";
        for code in ["ExpiredTokenException", "UnrecognizedClientException"] {
            let text = text(Door::Aws, code, over);
            assert!(text.contains("is over"), "{text}");
        }
        let wrong = "The security token included in the request is invalid.";
        let text_of = |message| text(Door::Aws, "UnrecognizedClientException", message);
        assert!(text_of(wrong).contains("get-caller-identity"));
        let elsewhere = "Credential should be scoped to a valid region.";
        let told = text(Door::Aws, "InvalidSignatureException", elsewhere);
        assert!(told.contains("signed for us-east-1"), "{told}");
        let late = "Signature expired: 20200101T000000Z is now earlier than 20261126T000000Z";
        let told = text(Door::Aws, "InvalidSignatureException", late);
        assert!(told.contains("the clocks"), "{told}");
    }
}
