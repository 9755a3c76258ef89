//! One request to one subscriber.

use std::time::Duration;

use aws_smithy_runtime_api::client::dns::ResolveDns;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use transport::{Names, Trust, over_tls_with};

use super::address::{Address, Guarded, NotPublic, OfMachine, Reach};
use super::retry::Answer;

/// How long a subscriber may take, from the connection to the answer's head.
const ANSWER_SECONDS_MAX: u64 = 5;

/// The way to subscribers. It is what carries all requests of functions, with our resolver under it; it follows no
/// redirects and knows no proxy.
#[derive(Debug)]
pub struct Post {
    connector: SharedHttpConnector,
}

impl Post {
    /// Makes the way to subscribers that are as far as `reach`.
    pub fn new(reach: Reach) -> Self {
        Self::over(Guarded(reach, OfMachine))
    }

    fn over(resolver: impl ResolveDns + 'static) -> Self {
        Self { connector: over_tls_with(Names::by(resolver), Trust::System) }
    }

    /// Sends a body, and returns what became of it. What is answered beside the status is not read.
    pub async fn send(
        &self,
        address: &Address,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Answer {
        let mut request = HttpRequest::new(SdkBody::from(body));
        // What stands behind a `#` is not sent to anybody.
        let uri = address.reveal().split('#').next().unwrap_or_default().to_owned();
        if let Err(error) = request.set_uri(uri) {
            return Answer::Refused(error.to_string());
        }
        if let Err(error) = request.set_method("POST") {
            return Answer::Refused(error.to_string());
        }
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.clone());
        }
        let answered = self.connector.call(request);
        let limit = Duration::from_secs(ANSWER_SECONDS_MAX);
        match tokio::time::timeout(limit, answered).await {
            Err(_) => Answer::Unreachable(format!("it took more than {ANSWER_SECONDS_MAX} s")),
            Ok(Err(error)) => unanswered(&error),
            Ok(Ok(response)) => {
                let asked = response.headers().get("retry-after");
                let asked = asked.and_then(|seconds| seconds.trim().parse().ok());
                Answer::Status(response.status().as_u16(), asked)
            }
        }
    }
}

/// Tells an address that is not to be reached from one that does not answer.
fn unanswered(error: &(dyn std::error::Error + 'static)) -> Answer {
    let (mut next, mut reason) = (Some(error), String::new());
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref::<NotPublic>() {
            return Answer::Refused(refused.to_string());
        }
        if !reason.is_empty() {
            reason.push_str(": ");
        }
        reason.push_str(&error.to_string());
        next = error.source();
    }
    Answer::Unreachable(reason)
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::dns::DnsFuture;
    use std::net::IpAddr;

    use super::*;

    /// A resolver that answers with one address.
    #[derive(Clone, Debug)]
    struct Leads(IpAddr);

    impl ResolveDns for Leads {
        fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
            DnsFuture::ready(Ok(vec![self.0]))
        }
    }

    /// Goal: a name that is public as a text, and leads to the machine's metadata, opens no connection.
    #[tokio::test]
    async fn a_public_name_that_leads_to_a_private_place_is_not_asked() {
        for place in ["169.254.169.254", "127.0.0.1", "10.0.0.1", "::1", "fd00::1"] {
            let place = place.parse().expect("an address");
            let post = Post::over(Guarded(Reach::Public, Leads(place)));
            let address = Address::parse("https://rebinding.example/", Reach::Public);
            let answer = post.send(&address.expect("public as a text"), &[], "{}").await;
            assert!(matches!(answer, Answer::Refused(_)), "{place}: {answer}");
        }
    }
}
