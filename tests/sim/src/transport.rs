//! The SDK's transport: through the gate for the programs, straight to the table for the observer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    AsyncSleep, BehaviorVersion, Region, SharedAsyncSleep, Sleep, StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use crate::gate::{Answer, Gate, Request};
use crate::table::{Reply, Table};

/// Returns a client whose requests wait at the gate.
pub fn gated(gate: Gate) -> Client {
    client(Road::Gated(gate))
}

/// Returns a client whose requests are answered at once, unseen by anybody.
pub fn direct(table: Arc<Mutex<Table>>) -> Client {
    client(Road::Direct(table))
}

fn client(road: Road) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .http_client(road)
        // The simulator sends again what an SDK would send again.
        .retry_config(RetryConfig::disabled())
        // There is no clock but the simulator's, and it does not wake the SDK.
        .sleep_impl(SharedAsyncSleep::new(Forever))
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .allow_no_auth()
        .build();
    Client::from_conf(config)
}

/// Never wakes. Nothing in the SDK waits for time here.
#[derive(Clone, Copy, Debug)]
struct Forever;

impl AsyncSleep for Forever {
    fn sleep(&self, _: Duration) -> Sleep {
        Sleep::new(std::future::pending())
    }
}

#[derive(Clone, Debug)]
enum Road {
    Gated(Gate),
    Direct(Arc<Mutex<Table>>),
}

/// The answer was lost on its way, or the request was.
#[derive(Debug, thiserror::Error)]
#[error("the connection broke")]
struct Broken;

impl HttpClient for Road {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Road {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let bytes = request.body().bytes().unwrap_or_default();
        let body: Value = serde_json::from_slice(bytes).expect("the SDK sends JSON");
        match self.clone() {
            Self::Direct(table) => {
                let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
                let (reply, _) = table.request(&operation, &body);
                HttpConnectorFuture::ready(respond(&reply))
            }
            Self::Gated(gate) => HttpConnectorFuture::new(async move {
                match gate.ask(Request::Table { operation, body }).await {
                    Answer::Reply(reply) => respond(&reply),
                    Answer::None => Err(ConnectorError::io(Box::new(Broken))),
                    other @ (Answer::Progress(_) | Answer::Done | Answer::Refused(_)) => {
                        unreachable!("the table answered {other:?}")
                    }
                }
            }),
        }
    }
}

fn respond(reply: &Reply) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(reply.status)
        .map_err(|error| ConnectorError::other(Box::new(error), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(reply.body.to_string()));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}
