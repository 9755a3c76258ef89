//! The transport of the SDK's clients.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::connector::Connector;
use crate::names::Names;
use crate::trust::Trust;

/// Makes the transport that all of a function's clients share, so that they share their connections. Roots of
/// trust are read with the first request.
pub fn client(trust: Trust) -> SharedHttpClient {
    SharedHttpClient::new(Clients { trust, made: Arc::default() })
}

/// What a connector is made for: how long a connection and an answer may take.
type Limits = (Option<Duration>, Option<Duration>);

/// One connector for each pair of limits, of which there is one or two.
#[derive(Clone, Debug)]
struct Clients {
    trust: Trust,
    made: Arc<Mutex<Vec<(Limits, SharedHttpConnector)>>>,
}

impl HttpClient for Clients {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let limits = (settings.connect_timeout(), settings.read_timeout());
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connector)) = made.iter().find(|(known, _)| *known == limits) {
            return connector.clone();
        }
        let connector = Connector::new(Names::OfMachine, self.trust.clone(), settings.clone());
        let connector = SharedHttpConnector::new(connector);
        made.push((limits, connector.clone()));
        connector
    }
}
