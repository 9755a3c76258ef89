//! EventBridge as its client sees it: requests and answers as they go over the wire.

use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::{Value, json};

/// What the bus does with one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Taken,
    TurnedAway,
    /// The request as a whole fails.
    Denied,
}

type Judge = dyn Fn(usize, &Value) -> Fate + Send + Sync;

/// A bus that takes what the test lets it take.
#[derive(Clone)]
pub(crate) struct Wire {
    judge: Arc<Judge>,
    requests: Arc<Mutex<Vec<Vec<Value>>>>,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    /// Judges each entry by the number of the request that brings it, from 0.
    pub(crate) fn new(judge: impl Fn(usize, &Value) -> Fate + Send + Sync + 'static) -> Self {
        Self { judge: Arc::new(judge), requests: Arc::default(), taken: Arc::default() }
    }

    /// Returns the bus as a function has it.
    pub(crate) fn bus(&self, has_marks: bool) -> cloud::bus::Bus {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        let own = SdkConfig::builder()
            .behavior_version(aws_sdk_eventbridge::config::BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(self.clone())
            .build();
        cloud::bus::Bus::new(&own, "towpath-live", has_marks).waiting_millis(0)
    }

    /// Returns the entries of each request.
    pub(crate) fn requests(&self) -> Vec<Vec<Value>> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns what the bus took, in order.
    pub(crate) fn taken(&self) -> Vec<Value> {
        self.taken.lock().unwrap().clone()
    }

    fn answer(&self, request: &HttpRequest) -> (u16, Value) {
        assert_eq!(request.headers().get("x-amz-target"), Some("AWSEvents.PutEvents"));
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let entries = body["Entries"].as_array().unwrap().clone();
        let number = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(entries.clone());
            requests.len() - 1
        };
        let fates: Vec<_> = entries.iter().map(|entry| (self.judge)(number, entry)).collect();
        if fates.contains(&Fate::Denied) {
            let message = "User is not authorized to perform: events:PutEvents";
            return (400, json!({"__type": "AccessDeniedException", "message": message}));
        }
        let answers = entries.iter().zip(&fates).map(|(entry, fate)| match fate {
            Fate::Taken => {
                let mut taken = self.taken.lock().unwrap();
                taken.push(entry.clone());
                json!({"EventId": format!("bus-{}", taken.len())})
            }
            Fate::TurnedAway | Fate::Denied => {
                json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
            }
        });
        let answers: Vec<_> = answers.collect();
        let failed = fates.iter().filter(|fate| **fate != Fate::Taken).count();
        (200, json!({"FailedEntryCount": failed, "Entries": answers}))
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

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.answer(&request);
        let status = StatusCode::try_from(status).unwrap();
        let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.1");
        HttpConnectorFuture::ready(Ok(response))
    }
}
