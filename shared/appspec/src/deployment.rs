//! One deployment of one revision to one host, with its rollback.

mod attempt;
mod preflight;
mod report;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::LifecycleEvent;
use crate::accounts::Accounts;
use crate::fault::Fault;
use crate::hook::stop_orphan;
use crate::host::Host;
use crate::journal::Journal;
use crate::ledger::Ledger;
use attempt::{Attempt, Direction};
pub use report::{Ended, EventReport, EventStatus, FailureReport, Rollback};

/// A deployment to be run.
#[derive(Debug)]
pub struct Deployment {
    /// The unpacked revision, with `appspec.yml` at its root. It is copied, not changed.
    pub bundle: PathBuf,
    /// Where the revision came from, for the scripts (`BUNDLE_…`).
    pub bundle_source: BundleSource,
    /// The directory that stands for the host. Created if it is missing.
    pub host: PathBuf,
    /// The application's name.
    pub application: String,
    /// The deployment group's name.
    pub deployment_group: String,
    /// The deployment's id. An id belongs to one revision for ever.
    pub deployment_id: String,
    /// More variables for the scripts, such as another `PATH`. Those that `CodeDeploy` documents
    /// win over them.
    pub environment: BTreeMap<String, String>,
    /// Where our lines and the scripts' output go; open for appending.
    pub log: File,
}

/// Where a revision came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleSource {
    /// `BUNDLE_BUCKET`: the bucket of the artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// `BUNDLE_KEY`: the key of the artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// `BUNDLE_VERSION`: the version of the artifact, in a bucket that has versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `BUNDLE_ETAG`: the entity tag of the artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `BUNDLE_COMMIT`: the commit, for a revision from GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl Deployment {
    /// Deploys the revision; if that fails after the host was touched, deploys the last good
    /// revision again.
    ///
    /// May be called again with the same id, and with another, after a run that was killed at any
    /// moment. The caller's process may be killed to stop it; see [`crate::stop_hook`].
    pub fn run(&self) -> Ended {
        let journal = Journal::new(&self.log);
        let prepared = self.prepare(journal);
        let (host, mut ledger, accounts) = match prepared {
            Ok(prepared) => prepared,
            Err(fault) => {
                let failure = FailureReport::new(LifecycleEvent::DownloadBundle, fault);
                journal.line(&failure);
                return Ended::refused(failure);
            }
        };
        let forward = Attempt {
            deployment: self,
            host: &host,
            accounts: &accounts,
            journal,
            id: self.deployment_id.clone(),
            revision: self.deployment_id.clone(),
            direction: Direction::Forward,
        };
        let (events, result) = forward.run(&mut ledger);
        let rollback = match &result {
            Ok(()) => Rollback::NotNeeded,
            Err(failure) => {
                journal.line(failure);
                self.roll_back(&host, &accounts, journal, &mut ledger)
            }
        };
        journal.line(&rollback);
        if let Err(fault) = ledger.prune() {
            // Old revisions take space and do no harm; the next deployment tries again.
            journal.line(format_args!("Note: {}", fault.message));
        }
        Ended { result, events, rollback }
    }

    /// Opens everything and checks what can be checked while the application still runs.
    fn prepare(&self, journal: Journal<'_>) -> Result<(Host, Ledger, Accounts), Fault> {
        if self.deployment_id.is_empty() {
            return Err(Fault::new("the deployment has no id; give it one"));
        }
        let host = Host::open(&self.host)?;
        let mut ledger = Ledger::open(&host, &self.application, &self.deployment_group)?;
        if stop_orphan(ledger.directory()) {
            journal.line("Note: killed a script that an interrupted deployment left behind");
        }
        let accounts = Accounts::load();
        preflight::check(&self.bundle, &accounts, journal)?;
        ledger.set_source(&self.deployment_id, &self.bundle_source)?;
        Ok((host, ledger, accounts))
    }

    /// Deploys the last good revision as a new deployment, as `CodeDeploy` does.
    fn roll_back(
        &self,
        host: &Host,
        accounts: &Accounts,
        journal: Journal<'_>,
        ledger: &mut Ledger,
    ) -> Rollback {
        let Some(last_good) = ledger.state().last_good.clone() else {
            return Rollback::NothingToReturnTo;
        };
        journal.line(format_args!("Rolling back to the revision of deployment {last_good}"));
        let backward = Attempt {
            deployment: self,
            host,
            accounts,
            journal,
            id: format!("{}-rollback", self.deployment_id),
            revision: last_good.clone(),
            direction: Direction::Rollback,
        };
        let (events, result) = backward.run(ledger);
        match result {
            Ok(()) => Rollback::Succeeded { to: last_good, events },
            Err(failure) => Rollback::Failed { to: last_good, events, failure },
        }
    }
}
