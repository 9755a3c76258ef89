//! The ground of functions that talk to providers.

use std::sync::Arc;

use async_trait::async_trait;
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
        roles: ground.roles.clone(),
        systems: Systems::new(&ground),
        invocations: Invocations::new(store.clone(), world.clone(), account, invoke),
        workers: JobWorkers::new(store, world),
    };
    App { providers: Arc::new(known), ..app }
}

/// Systems of AWS, functions that report by themselves, and job workers.
struct Known {
    roles: Roles,
    systems: Systems,
    invocations: Invocations,
    workers: JobWorkers,
}

#[async_trait]
impl Providers for Known {
    /// Becomes the job's role, so that this need not be waited for when the job is started. A session is no effect:
    /// it is tagged with what it is for, and ends by itself.
    async fn expect(&self, job: &Job) {
        if let Err(reason) = self.roles.of(job, world::now()).await {
            // Whoever starts the job asks again, and says what is wrong.
            tracing::debug!(run = job.run_id, %reason, "its role is not there yet");
        }
    }

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
