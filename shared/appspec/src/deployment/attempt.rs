//! Takes one revision through the lifecycle events.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cap_std::fs::Dir;

use super::preflight::{open_bundle, read_server_spec};
use super::{Deployment, EventReport, EventStatus, FailureReport};
use crate::accounts::Accounts;
use crate::fault::Fault;
use crate::host::Host;
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::{BundleSource, LifecycleEvent, hook, install};

/// One way through the events.
pub(super) struct Attempt<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) host: &'a Host,
    pub(super) accounts: &'a Accounts,
    pub(super) journal: Journal<'a>,
    /// The deployment's id, as scripts see it.
    pub(super) id: String,
    /// The deployment under whose id the revision is kept.
    pub(super) revision: String,
    pub(super) direction: Direction,
}

/// Which way a deployment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To the revision that was asked for.
    Forward,
    /// Back to one that worked.
    Rollback,
}

impl Attempt<'_> {
    /// Goes through the events up to the first that fails.
    pub(super) fn run(&self, ledger: &mut Ledger) -> (Vec<EventReport>, Result<(), FailureReport>) {
        let mut events = Vec::new();
        let mut result = Ok(());
        for event in LifecycleEvent::IN_PLACE {
            if result.is_err() {
                let (status, elapsed) = (EventStatus::Skipped, Duration::ZERO);
                events.push(EventReport { event, status, elapsed });
                continue;
            }
            self.journal.line(format_args!("LifecycleEvent - {event}"));
            let begun = Instant::now();
            let status = match self.perform(event, ledger) {
                Ok(status) => status,
                Err(fault) => {
                    result = self.fail(event, fault);
                    EventStatus::Failed
                }
            };
            events.push(EventReport { event, status, elapsed: begun.elapsed() });
        }
        let finished = match result {
            Ok(()) => ledger
                .set_last_good(&self.revision)
                .map_err(|fault| FailureReport::new(LifecycleEvent::ValidateService, fault)),
            Err(failure) => Err(failure),
        };
        (events, finished)
    }

    /// Decides whether a failure ends the deployment.
    fn fail(&self, event: LifecycleEvent, fault: Fault) -> Result<(), FailureReport> {
        let failure = FailureReport::new(event, fault);
        // An application that cannot be stopped must not keep the last good revision away: that
        // may be the very failure that we roll back from.
        if event == LifecycleEvent::ApplicationStop && self.direction == Direction::Rollback {
            self.journal.line(format_args!("Note: {}; the rollback goes on", failure.message));
            return Ok(());
        }
        Err(failure)
    }

    fn perform(&self, event: LifecycleEvent, ledger: &mut Ledger) -> Result<EventStatus, Fault> {
        match event {
            LifecycleEvent::ApplicationStop => self.stop_application(ledger),
            LifecycleEvent::DownloadBundle => {
                if self.direction == Direction::Forward {
                    ledger.keep_revision(&self.revision, &open_bundle(&self.deployment.bundle)?)?;
                }
                self.open_revision(ledger).map(|_| EventStatus::Succeeded)
            }
            LifecycleEvent::Install => {
                let revision = self.open_revision(ledger)?;
                let spec = read_server_spec(&revision)?;
                let (host, accounts, journal) = (self.host, self.accounts, self.journal);
                install::install(host, ledger, &revision, &spec, accounts, journal)?;
                ledger.set_installed(&self.revision)?;
                Ok(EventStatus::Succeeded)
            }
            LifecycleEvent::BeforeInstall
            | LifecycleEvent::AfterInstall
            | LifecycleEvent::ApplicationStart
            | LifecycleEvent::ValidateService => {
                let revision = self.open_revision(ledger)?;
                self.run_scripts(event, ledger, &self.revision, &revision)
            }
            LifecycleEvent::BeforeBlockTraffic
            | LifecycleEvent::AfterBlockTraffic
            | LifecycleEvent::BeforeAllowTraffic
            | LifecycleEvent::AfterAllowTraffic => Ok(EventStatus::Skipped),
        }
    }

    /// Runs the scripts of the revision that is installed, not of the one that comes.
    fn stop_application(&self, ledger: &Ledger) -> Result<EventStatus, Fault> {
        let Some(installed) = ledger.state().installed.clone() else {
            return Ok(EventStatus::Skipped);
        };
        let Some(revision) = ledger.revision(&installed)? else {
            self.journal.line(format_args!(
                "Note: the revision of deployment {installed} was removed from {}, so its \
                 application is not stopped",
                ledger.revision_path(&installed).display()
            ));
            return Ok(EventStatus::Skipped);
        };
        self.run_scripts(LifecycleEvent::ApplicationStop, ledger, &installed, &revision)
    }

    fn run_scripts(
        &self,
        event: LifecycleEvent,
        ledger: &Ledger,
        revision_id: &str,
        revision: &Dir,
    ) -> Result<EventStatus, Fault> {
        let spec = read_server_spec(revision)?;
        let Some(scripts) = spec.hooks.get(&event) else { return Ok(EventStatus::Succeeded) };
        let source = ledger.state().sources.get(&self.revision).cloned().unwrap_or_default();
        let environment = self.environment(event, &source);
        let scripts_of_event = hook::Event {
            revision,
            revision_path: &ledger.revision_path(revision_id),
            host_path: &self.host.path,
            records: ledger.directory(),
            environment: &environment,
            accounts: self.accounts,
            journal: self.journal,
        };
        scripts_of_event.run(scripts).map(|()| EventStatus::Succeeded)
    }

    fn open_revision(&self, ledger: &Ledger) -> Result<Dir, Fault> {
        ledger.revision(&self.revision)?.ok_or_else(|| {
            Fault::new(format!(
                "the revision of deployment {} is gone from {}; deploy a new one",
                self.revision,
                ledger.revision_path(&self.revision).display()
            ))
        })
    }

    fn environment(
        &self,
        event: LifecycleEvent,
        source: &BundleSource,
    ) -> BTreeMap<String, String> {
        let deployment = self.deployment;
        let mut environment = deployment.environment.clone();
        let mut set = |name: &str, value: &str| {
            environment.insert(name.to_owned(), value.to_owned());
        };
        set("APPLICATION_NAME", &deployment.application);
        set("DEPLOYMENT_ID", &self.id);
        set("DEPLOYMENT_GROUP_NAME", &deployment.deployment_group);
        // A group that is a directory has no id of AWS's; its name is as unique.
        set("DEPLOYMENT_GROUP_ID", &deployment.deployment_group);
        set("LIFECYCLE_EVENT", event.name());
        set("TOWPATH_HOST_DIRECTORY", &self.host.path.to_string_lossy());
        let BundleSource { bucket, key, version, etag, commit } = source;
        let named = [
            ("BUNDLE_BUCKET", bucket),
            ("BUNDLE_KEY", key),
            ("BUNDLE_VERSION", version),
            ("BUNDLE_ETAG", etag),
            ("BUNDLE_COMMIT", commit),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                set(name, value);
            }
        }
        environment
    }
}
