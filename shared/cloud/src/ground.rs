//! Puts together what a function stands on.

use std::sync::Arc;

use aws_types::SdkConfig;
use providers::{Job, Provider};
use runtime::App;
use runtime::app::{Place, Providers};
use runtime::jobs::{Invocations, JobWorkers};
use store::Store;
use systems::{Ground, LambdaInvoke, Roles, Systems};

use crate::queue::HintQueue;
use crate::settings::Settings;
use crate::world::{self, Lambda};

/// Returns the ground of a function that talks to no provider.
pub fn ground(own: &SdkConfig, settings: &Settings) -> App {
    app(own, settings, Arc::new(Elsewhere))
}

/// Returns the ground of a function that starts actions and asks after them.
pub fn ground_with_providers(own: &SdkConfig, settings: &Settings) -> App {
    let store = store(own, settings);
    let ground = Ground {
        own: own.clone(),
        roles: Roles::new(own.clone(), settings.deployment.clone()),
        now: world::now,
    };
    let known = Known {
        systems: Systems::new(&ground),
        invocations: Invocations::new(
            store.clone(),
            Arc::new(Lambda::default()),
            settings.account.clone(),
            Arc::new(LambdaInvoke::new(ground)),
        ),
        workers: JobWorkers::new(store, Arc::new(Lambda::default())),
    };
    app(own, settings, Arc::new(known))
}

fn store(own: &SdkConfig, settings: &Settings) -> Store {
    Store::new(aws_sdk_dynamodb::Client::new(own), settings.table.clone())
}

fn app(own: &SdkConfig, settings: &Settings, providers: Arc<dyn Providers>) -> App {
    App {
        store: store(own, settings),
        hints: Arc::new(HintQueue::new(aws_sdk_sqs::Client::new(own), &settings.hints_queue)),
        providers,
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

/// Systems of AWS, functions that report by themselves, and job workers.
struct Known {
    systems: Systems,
    invocations: Invocations,
    workers: JobWorkers,
}

impl Providers for Known {
    fn find(&self, job: &Job) -> Result<&dyn Provider, String> {
        if let Some(provider) = self.systems.find(job) {
            return Ok(provider);
        }
        match (job.owner.as_str(), job.category.as_str(), job.provider.as_str()) {
            ("AWS", "Invoke", "Lambda") => Ok(&self.invocations),
            ("Custom" | "ThirdParty", ..) => Ok(&self.workers),
            _ => Err(format!(
                "no provider {}/{}/{} is known to this version of Towpath; correct actionTypeId, or \
                 say the same with a CodeBuild or Lambda action",
                job.owner, job.category, job.provider
            )),
        }
    }
}
