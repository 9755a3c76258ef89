//! A server that is a deployment in AWS: which door it has, and the keys that open it.

use aws_sdk_codepipeline::config::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

use crate::arguments::client::Connection;
use crate::client::address::Address;
use crate::client::door::{self, Door};
use crate::client::keys::Key;
use crate::client::place::{Environment, Place, REGION, variable};
use crate::client::renewed::{Issuer, Renewed};
use crate::client::{stack, wire};
use crate::credentials::{Bridge, OWN_KEYS, cache, source};
use crate::ending::Ending;

/// What is known of a deployment before anybody asked it.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// Its address.
    pub(super) url: String,
    /// Who said so.
    pub(super) said_by: String,
    /// Whose door it has, where that was said as well.
    pub(super) door: Option<Door>,
}

/// Finds the deployment that a stack is, with one's own keys.
pub(super) async fn of_stack(
    stack: &str,
    connection: &Connection,
    variable: Environment<'_>,
) -> Result<Place, Ending> {
    let key = key(connection, variable).await?;
    let url = stack::api_of(stack, connection.region.as_deref(), &key, variable).await;
    let url = url.map_err(Ending::BadInput)?;
    let named = Named { url, said_by: format!("--stack {stack}"), door: Some(Door::Aws) };
    open(&named, key, connection, variable).await
}

/// Finds the deployment at an address.
pub(super) async fn at(
    named: &Named,
    connection: &Connection,
    variable: Environment<'_>,
) -> Result<Place, Ending> {
    // Before any key is looked for: an address that is none is no reason to ask for keys.
    Address::read(&named.url, &named.said_by).map_err(Ending::BadInput)?;
    let key = key(connection, variable).await?;
    open(named, key, connection, variable).await
}

async fn key(connection: &Connection, variable: Environment<'_>) -> Result<Key, Ending> {
    let found = source::find(connection.profile.as_deref(), variable).await;
    found.map_err(|reason| {
        Ending::BadInput(format!("a deployment in AWS asks who you are: {reason}"))
    })
}

async fn open(
    named: &Named,
    key: Key,
    connection: &Connection,
    variable: Environment<'_>,
) -> Result<Place, Ending> {
    let Named { url, said_by, door } = named;
    let address = Address::read(url, said_by).map_err(Ending::BadInput)?;
    let connector = wire::connector(&address.url());
    let region = region(&address, connection, variable);
    let door = match door {
        _ if key.credentials.access_key_id().starts_with(OWN_KEYS) => Door::Own,
        Some(door) => *door,
        None => door::find(&address, said_by, &connector, variable).await?,
    };
    let profile = connection.profile.clone();
    let keys = signing(door, &key, profile, (&address, &connector, &region), variable).await?;
    let (endpoint, said_by) = (address.url(), said_by.clone());
    Ok(Place { endpoint, said_by, region, key, door, keys, connector })
}

/// Returns what requests are signed with.
async fn signing(
    door: Door,
    key: &Key,
    profile: Option<String>,
    (address, connector, region): (&Address, &SharedHttpConnector, &str),
    variable: Environment<'_>,
) -> Result<SharedCredentialsProvider, Ending> {
    let (held, bridge) = match door {
        Door::Own | Door::Aws => (key.credentials.clone(), None),
        Door::Bridge => {
            let (address, region) = (address.clone(), region.to_owned());
            let bridge = Bridge { address, region, connector: connector.clone() };
            let given = bridge.keys(&key.credentials, variable).await;
            let given = given.inspect_err(|_| door::forget(&bridge.address, variable))?;
            let unfit =
                || Ending::Failed(Some("the deployment gave keys without an end".to_owned()));
            (crate::credentials::read(&given).ok_or_else(unfit)?, Some(bridge))
        }
    };
    Ok(SharedCredentialsProvider::new(Renewed::new(held, Issuer { profile, bridge })))
}

/// Returns the Region that requests are signed for: AWS takes no other than the function's.
fn region(address: &Address, connection: &Connection, variable: Environment<'_>) -> String {
    let said = || connection.region.clone();
    let of_environment = || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = address.region().or_else(said).or_else(of_environment);
    region.unwrap_or_else(|| REGION.to_owned())
}

/// Keeps nothing of which a refusal says that it may not be true any more.
pub(super) fn doubt(place: &Place, code: &str) {
    let Ok(address) = Address::read(&place.endpoint, "") else { return };
    match (place.door, code) {
        (Door::Aws, "AccessDeniedException") => door::forget(&address, &variable),
        (
            Door::Bridge,
            "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidSignatureException",
        ) => {
            let identity = place.key.credentials.access_key_id();
            if let Some(kept) = cache::find(&variable, &address.host, identity) {
                kept.forget();
            }
        }
        (Door::Own | Door::Aws | Door::Bridge, _) => {}
    }
}
