//! In tests: an account at the other end of the wire. What goes there is written by the SDKs, and what
//! comes back is read by them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use aws_sdk_cloudformation::config::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use crate::client::keys::Key;
use crate::doctor::aws::Aws;

/// What an account answers: a status and a body, by what is asked.
pub(crate) type Answers = BTreeMap<&'static str, (u16, String)>;

/// The wire to it.
#[derive(Clone)]
pub(crate) struct Wire(Arc<Answers>);

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wire").field(&self.0.len()).finish()
    }
}

impl Wire {
    /// Returns an account that gives these answers, and refuses everything else.
    pub(crate) fn to(answers: Answers) -> Aws {
        let wire = Self(Arc::new(answers));
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        let key = Key { credentials, origin: "test".to_owned() };
        let (http, connector) =
            (SharedHttpClient::new(wire.clone()), SharedHttpConnector::new(wire));
        Aws::through("eu-west-1".to_owned(), &key, None, http, connector)
    }

    /// Returns the answer to the first question whose words all stand in the request.
    fn answer(&self, asked: &str) -> (u16, String) {
        let is_meant = |question: &&str| question.split(' ').all(|word| asked.contains(word));
        let found = self.0.iter().filter(|(question, _)| is_meant(question));
        // The longer the question, the more exactly it is meant.
        let found = found.max_by_key(|(question, _)| question.len());
        found.map_or_else(
            || {
                (
                    400,
                    r#"{"__type":"AccessDeniedException","message":"nobody asked for this"}"#
                        .into(),
                )
            },
            |(_, answer)| answer.clone(),
        )
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
        let (status, said) = self.answer(&format!("{target} {} {body}", request.uri()));
        let status = StatusCode::try_from(status).expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::from(said));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.1");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
