//! CodeDeploy: takes a revision through the lifecycle events on a directory that stands for the host
//! (contract §5.3).

use std::collections::BTreeMap;
use std::path::PathBuf;

use appspec::{BundleSource, Deployment};
use model::outcome::{Failure, Success};
use providers::Job;

use crate::task::Task;
use crate::{Site, fault};
use providers::Settings;

/// Finds what would stop the job before it begins.
pub(crate) fn check(job: &Job, site: &Site) -> Result<(), Failure> {
    let settings = Settings::new(&job.provider, &job.configuration);
    settings.required("ApplicationName")?;
    host(settings, site).map(drop)
}

/// Deploys the input artifact.
pub(crate) fn perform(task: &Task) -> Result<Success, Failure> {
    let settings = task.settings();
    let input = task.input()?;
    let deployment_id = format!("d-{}", task.job.run_id);
    let deployment = Deployment {
        bundle: task.unpack(input, "bundle")?,
        bundle_source: BundleSource {
            bucket: Some(input.bucket.clone()),
            key: Some(input.key.clone()),
            etag: Some(input.sha256.clone()),
            ..BundleSource::default()
        },
        host: host(settings, task.site)?,
        application: settings.required("ApplicationName")?.to_owned(),
        deployment_group: settings.required("DeploymentGroupName")?.to_owned(),
        deployment_id: deployment_id.clone(),
        environment: environment(),
        log: task.open_log()?,
    };
    let ended = deployment.run();
    match &ended.result {
        Ok(()) => Ok(Success { external_id: Some(deployment_id), ..Success::default() }),
        Err(_) => {
            Err(Failure { external_id: Some(deployment_id), ..fault::job(ended.to_string()) })
        }
    }
}

/// Kills the script that a killed deployment left running.
pub(crate) fn after_stop(job: &Job, site: &Site) -> bool {
    let settings = Settings::new(&job.provider, &job.configuration);
    let names = (settings.optional("ApplicationName"), settings.optional("DeploymentGroupName"));
    match (host(settings, site), names) {
        (Ok(host), (Some(application), Some(group))) => {
            appspec::stop_hook(&host, application, group).unwrap_or(false)
        }
        (Ok(_) | Err(_), _) => false,
    }
}

fn host(settings: Settings, site: &Site) -> Result<PathBuf, Failure> {
    let group = settings.required("DeploymentGroupName")?;
    let Some(host) = site.hosts.get(group) else {
        return Err(fault::configuration(format!(
            "no directory of this machine stands for the hosts of the deployment group {group:?}; \
             say which does with `--host {group}=DIR`"
        )));
    };
    // Scripts are told where the host is, and start elsewhere.
    std::path::absolute(host)
        .map_err(|error| fault::machine(format!("find {}", host.display()), &error))
}

/// Scripts find the programs that we find.
fn environment() -> BTreeMap<String, String> {
    let path = std::env::var_os("PATH").and_then(|path| path.into_string().ok());
    path.map(|path| ("PATH".to_owned(), path)).into_iter().collect()
}
