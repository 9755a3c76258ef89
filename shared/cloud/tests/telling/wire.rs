//! AWS's topic, queue and secrets, at the other end of the SDK's wire.

use std::fmt;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::{Value, json};

/// A message that the topic took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    pub(crate) subject: String,
    /// What each protocol gets.
    pub(crate) document: Value,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Published {
    pub(crate) fn text(&self, protocol: &str) -> &str {
        self.document[protocol].as_str().unwrap_or_default()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Default)]
struct Inner {
    published: Vec<Published>,
    sent: Vec<Value>,
    hidden: Vec<Value>,
    /// How many requests to the topic fail from now on.
    topic_failures: u32,
    secret: String,
}

/// A topic, a queue and a secret.
#[derive(Clone, Default)]
pub(crate) struct Wire(Arc<Mutex<Inner>>);

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    pub(crate) fn own(&self) -> SdkConfig {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        SdkConfig::builder()
            .behavior_version(aws_sdk_sns::config::BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .http_client(self.clone())
            .build()
    }

    pub(crate) fn published(&self) -> Vec<Published> {
        self.0.lock().unwrap().published.clone()
    }

    pub(crate) fn subjects(&self) -> Vec<String> {
        self.published().into_iter().map(|published| published.subject).collect()
    }

    /// Returns the messages of the queue of deliveries.
    pub(crate) fn sent(&self) -> Vec<Value> {
        self.0.lock().unwrap().sent.clone()
    }

    /// Returns what was hidden in the queue, and for how long.
    pub(crate) fn hidden(&self) -> Vec<Value> {
        self.0.lock().unwrap().hidden.clone()
    }

    pub(crate) fn fail_topic(&self, times: u32) {
        self.0.lock().unwrap().topic_failures = times;
    }

    pub(crate) fn keep_secret(&self, secret: &str) {
        secret.clone_into(&mut self.0.lock().unwrap().secret);
    }

    fn answer(&self, target: Option<&str>, body: &[u8]) -> (u16, String) {
        let mut inner = self.0.lock().unwrap();
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        match target {
            Some("AmazonSQS.SendMessage") => {
                let body = json["MessageBody"].as_str().unwrap();
                inner.sent.push(serde_json::from_str(body).unwrap());
                (200, json!({ "MessageId": "m", "MD5OfMessageBody": "" }).to_string())
            }
            Some("AmazonSQS.ChangeMessageVisibility") => {
                inner.hidden.push(json);
                (200, "{}".to_owned())
            }
            Some("secretsmanager.GetSecretValue") => {
                (200, json!({ "Name": "subscribers", "SecretString": inner.secret }).to_string())
            }
            Some(other) => panic!("{other} was not expected"),
            None if inner.topic_failures > 0 => {
                inner.topic_failures -= 1;
                let error = "<ErrorResponse><Error><Type>Receiver</Type><Code>InternalError</Code>\
                             <Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>";
                (500, error.to_owned())
            }
            None => {
                inner.published.push(published(body));
                let answer = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                              <MessageId>m</MessageId></PublishResult></PublishResponse>";
                (200, answer.to_owned())
            }
        }
    }
}

/// Reads what the SDK sent to the topic.
fn published(body: &[u8]) -> Published {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(body)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let find = |name: &str| {
        let found = pairs.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.clone())
    };
    assert_eq!(find("Action").as_deref(), Some("Publish"));
    assert_eq!(find("MessageStructure").as_deref(), Some("json"));
    let mut published = Published {
        subject: find("Subject").unwrap(),
        document: serde_json::from_str(&find("Message").unwrap()).unwrap(),
        attributes: Vec::new(),
    };
    for index in 1..=10 {
        let entry = format!("MessageAttributes.entry.{index}");
        let Some(name) = find(&format!("{entry}.Name")) else { break };
        assert_eq!(find(&format!("{entry}.Value.DataType")).as_deref(), Some("String"));
        published.attributes.push((name, find(&format!("{entry}.Value.StringValue")).unwrap()));
    }
    published
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
        let target = request.headers().get("x-amz-target").map(ToOwned::to_owned);
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let (status, body) = self.answer(target.as_deref(), &body);
        let status = status.try_into().unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}
