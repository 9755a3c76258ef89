//! Puts the doors together from what the template hands to a function.

use std::sync::Arc;

use access::audit::Audit;
use access::keys::{AnyOf, SessionKeys};
use access::seal::Sealer;
use access::throttle::Throttle;
use access::{Authorizer, Keys, Principals};
use api::{Api, Home};
use aws_types::SdkConfig;
use cloud::Settings;
use cloud::postbox::Postbox;
use cloud::settings::{Missing, optional, required};
use history::History;
use runtime::App;

use crate::api_door::{ApiDoor, Asks};
use crate::home::CloudHome;
use crate::identity::Mapped;
use crate::nowhere::Nowhere;
use crate::objects::Objects;
use crate::onward::OwnBus;
use crate::public_door::PublicDoor;
use crate::record::StandardOutput;
use crate::secret::{Unsealed, sealer};
use crate::sts::Sts;
use crate::token::Bridge;

/// How often one key may ask of one process in a second.
const REQUESTS_PER_SECOND: u32 = 100;

/// How often it may at once.
const REQUESTS_BURST: u32 = 400;

/// What `TOWPATH_IDENTITY` says where the function URL asks for AWS's own signatures.
const AWS_IAM: &str = "aws-iam";

/// Why a function cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    /// A setting is not there.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// Nothing can be sealed.
    #[error(transparent)]
    Unsealed(#[from] Unsealed),
    /// A setting is there and means nothing.
    #[error("{0}: {1}")]
    Unfit(&'static str, String),
}

/// What both doors stand on.
struct Ground {
    own: SdkConfig,
    settings: Settings,
    sealer: Sealer,
    principals: Principals,
}

/// Opens the API's door.
pub async fn api() -> Result<ApiDoor, Closed> {
    let Ground { own, settings, sealer, principals } = ground().await?;
    let sessions = SessionKeys::new(sealer.clone());
    let (asks, keys) = match optional("TOWPATH_IDENTITY").as_deref() {
        None => {
            let elsewhere = own.endpoint_url().map(str::to_owned);
            let keys = Mapped::new(sessions.clone(), principals.clone());
            let bridge =
                Bridge::new(Sts::new(elsewhere), sessions, principals, &*settings.deployment);
            (Asks::Signature(Box::new(bridge)), Arc::new(keys) as Arc<dyn Keys>)
        }
        Some(AWS_IAM) => (Asks::Aws(principals), nobodys()),
        Some(other) => {
            let reason = format!("`{other}` is neither left out nor `{AWS_IAM}`");
            return Err(Closed::Unfit("TOWPATH_IDENTITY", reason));
        }
    };
    let authorizer = Authorizer::ready(&settings.region, &settings.account);
    let authorizer = authorizer.map_err(|reason| Closed::Unfit("AWS_REGION", reason))?;
    let home = CloudHome {
        objects: Objects::new(&own),
        sts: aws_sdk_sts::Client::new(&own),
        job_role: optional("TOWPATH_JOB_ROLE"),
        deployment: settings.deployment.clone(),
        region: settings.region.clone(),
        public_url: optional("TOWPATH_PUBLIC_URL").unwrap_or_default(),
    };
    let app = cloud::ground(&own, &settings);
    let api = serve(app, sealer, keys, authorizer, Arc::new(home));
    Ok(ApiDoor::new(Arc::new(api), asks, host_of("TOWPATH_API_URL")))
}

/// Opens the public door. No key of anybody opens anything there, so there are no policies to ask either, and
/// what the API does for those who have a key is left out.
pub async fn public() -> Result<PublicDoor, Closed> {
    let Ground { own, settings, sealer, principals: _ } = ground().await?;
    let app = cloud::ground(&own, &settings);
    let api = serve(app, sealer, nobodys(), Authorizer::closed(), Arc::new(Nowhere));
    let onward = OwnBus::new(Postbox::new(&own, required("TOWPATH_BUS")?));
    Ok(PublicDoor::new(Arc::new(api), Arc::new(onward), host_of("TOWPATH_PUBLIC_URL")))
}

async fn ground() -> Result<Ground, Closed> {
    let (own, settings) = (cloud::sdk::own()?, Settings::read()?);
    let secrets = aws_sdk_secretsmanager::Client::new(&own);
    let sealer = sealer(&secrets, &required("TOWPATH_SECRET")?).await?;
    let principals = Principals::read(&optional("TOWPATH_PRINCIPALS").unwrap_or_default());
    let principals = principals.map_err(|reason| Closed::Unfit("TOWPATH_PRINCIPALS", reason))?;
    Ok(Ground { own, settings, sealer, principals })
}

fn serve(
    app: App,
    sealer: Sealer,
    keys: Arc<dyn Keys>,
    authorizer: Authorizer,
    home: Arc<dyn Home>,
) -> Api {
    Api {
        audit: Audit::to(Box::new(StandardOutput), app.world.draw()),
        app,
        keys,
        authorizer,
        throttle: Throttle::new(REQUESTS_PER_SECOND, REQUESTS_BURST),
        sealer,
        history: History::default(),
        home,
    }
}

fn nobodys() -> Arc<dyn Keys> {
    Arc::new(AnyOf::new(Vec::new()))
}

/// Returns the host of an address that the deployer put before a function.
fn host_of(name: &str) -> Option<String> {
    let url = optional(name)?;
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    rest.split('/').next().filter(|host| !host.is_empty()).map(str::to_ascii_lowercase)
}
