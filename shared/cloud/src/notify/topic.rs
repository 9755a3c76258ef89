//! The topic that people and machines subscribe to.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::SdkConfig;
use notifications::Message;

/// A topic.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: String,
}

impl Topic {
    /// Takes a topic by its ARN.
    pub fn new(own: &SdkConfig, arn: impl Into<String>) -> Self {
        Self { client: Client::new(own), arn: arn.into() }
    }

    /// Tells a message: each protocol its own words, and to filters what they look for.
    pub(super) async fn publish(&self, message: &Message) -> Result<(), String> {
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(&message.subject)
            .message(message.document())
            .message_structure("json");
        for (name, value) in &message.attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value);
            let value = value.build().map_err(|error| error.to_string())?;
            request = request.message_attributes(*name, value);
        }
        let sent = request.send().await;
        sent.map(|_| ()).map_err(|error| DisplayErrorContext(error).to_string())
    }
}
