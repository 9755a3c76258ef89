//! Puts together what a function stands on.

use std::sync::Arc;

use aws_types::SdkConfig;
use providers::{Job, Provider};
use runtime::App;
use runtime::app::{Place, Providers};
use store::Store;

use crate::queue::HintQueue;
use crate::settings::Settings;
use crate::world::Lambda;

/// Returns the ground of a function that talks to no provider.
pub fn ground(own: &SdkConfig, settings: &Settings) -> App {
    App {
        store: Store::new(aws_sdk_dynamodb::Client::new(own), settings.table.clone()),
        hints: Arc::new(HintQueue::new(aws_sdk_sqs::Client::new(own), &settings.hints_queue)),
        providers: Arc::new(Elsewhere),
        world: Arc::new(Lambda { public_url: settings.public_url.clone() }),
        place: Place {
            account: settings.account.clone(),
            region: settings.region.clone(),
            // Any number of functions write.
            is_sole_writer: false,
        },
    }
}

/// Providers that only other functions talk to.
struct Elsewhere;

impl Providers for Elsewhere {
    fn find(&self, job: &Job) -> Result<&dyn Provider, String> {
        Err(format!("{} is asked by another function", job.provider))
    }

    fn are_elsewhere(&self) -> bool {
        true
    }
}
