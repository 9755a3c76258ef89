//! The ground of functions that talk to providers.

use std::sync::Arc;

use aws_types::SdkConfig;
use cloud::Settings;
use cloud::world::{self, Lambda};
use providers::{Job, Provider};
use runtime::App;
use runtime::app::Providers;
use runtime::jobs::{Invocations, JobWorkers};
use systems::{Ground, LambdaInvoke, Roles, Systems};

/// Returns the ground of a function that starts actions and asks after them.
pub fn ground(own: &SdkConfig, settings: &Settings) -> App {
    let app = cloud::ground(own, settings);
    let ground = Ground {
        own: own.clone(),
        roles: Roles::new(own.clone(), settings.deployment.clone()),
        now: world::now,
    };
    let (store, world) = (app.store.clone(), Arc::new(Lambda::default()));
    let invoke = Arc::new(LambdaInvoke::new(ground.clone()));
    let account = settings.account.clone();
    let known = Known {
        systems: Systems::new(&ground),
        invocations: Invocations::new(store.clone(), world.clone(), account, invoke),
        workers: JobWorkers::new(store, world),
    };
    App { providers: Arc::new(known), ..app }
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
