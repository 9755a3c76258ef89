//! The SDK's transport, without a network: each request goes to the engine and its answer comes back.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::engine::Requests;
use super::operation::{Answer, Operation};

/// Hands the SDK's requests to an engine.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    requests: Requests,
}

/// The engine's thread is gone: its owner was dropped.
#[derive(Debug, thiserror::Error)]
#[error("the embedded database is closed")]
struct Closed;

impl Connector {
    /// Makes a transport to an engine.
    pub(super) fn new(requests: Requests) -> Self {
        Self { requests }
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let name = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default();
        let request_bytes = body.len() as u64;
        // Requests are read here and answers written below, on the callers' threads: the engine's
        // thread does only what must be done in order.
        let operation = Operation::parse(&name, body);
        let requests = self.requests.clone();
        HttpConnectorFuture::new(async move {
            let (answer, mut count) = match operation {
                Ok(operation) => {
                    let outcome = requests.ask(operation).await;
                    let outcome = outcome.ok_or_else(|| ConnectorError::io(Box::new(Closed)))?;
                    outcome.into_answer()
                }
                Err(refused) => (refused, super::Count::default()),
            };
            count.requests = 1;
            count.request_bytes = request_bytes;
            count.answer_bytes = answer.body.len() as u64;
            requests.count(&name, count);
            respond(answer)
        })
    }
}

fn respond(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(answer.status)
        .map_err(|error| ConnectorError::other(Box::new(error), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}
