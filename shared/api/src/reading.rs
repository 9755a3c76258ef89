//! What the operations that read history share: how things are spelled, and how they are found.

use std::collections::BTreeMap;

use history::Look;
use history::execution::{Found, find};
use model::catalog::{self, DeclaredTypes};
use model::declaration::ActionTypeDeclaration;
use model::ids::{ExecutionId, PipelineName};
use model::outcome::{Failure, StoredArtifact};
use model::pipeline::{Action, ActionTypeId};
use model::status::TriggerType;
use protocol::Fault;
use serde::Serialize;
use store::Summary;

use crate::Api;
use crate::faults::{failed, no_execution};
use crate::secrets::MASK;

/// The only type of execution while nothing rolls back by itself.
pub(crate) const STANDARD: &str = "STANDARD";

/// What caused an execution.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trigger {
    trigger_type: &'static str,
    trigger_detail: String,
}

/// Why something failed.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorDetails {
    code: String,
    message: String,
}

/// An artifact, and where it lies.
#[derive(Debug, Serialize)]
pub(crate) struct Artifact {
    name: String,
    s3location: Location,
}

#[derive(Debug, Serialize)]
struct Location {
    bucket: String,
    key: String,
}

/// Which provider does an action.
#[derive(Debug, Serialize)]
pub(crate) struct ActionType {
    category: &'static str,
    owner: &'static str,
    provider: String,
    version: String,
}

impl Api {
    /// Looks at a pipeline, or says that there is none.
    pub(crate) async fn look(&self, name: &str) -> Result<Look, Fault> {
        let pipeline = PipelineName::from(name);
        let look = self.history.look(&self.app, &pipeline).await;
        look.map_err(|error| failed(&error))?.ok_or_else(|| self.no_pipeline(name))
    }

    /// Finds an execution of a pipeline, or says that there is none (P2: the pipeline comes first).
    pub(crate) async fn found(&self, look: &Look, id: &str) -> Result<Found, Fault> {
        let not_found = || no_execution(look.head.log.pipeline().as_str(), id);
        let execution: ExecutionId = id.parse().map_err(|_| not_found())?;
        let found = find(&self.app, look, execution).await.map_err(|error| failed(&error))?;
        found.ok_or_else(not_found)
    }

    /// Returns where people read what an attempt printed; nobody prints anything for an approval.
    pub(crate) fn logged(&self, pipeline: &PipelineName, action: &Action, run_id: &str) -> Logged {
        let place = &self.app.place;
        match self.home.log_url(run_id).filter(|_| !action.is_approval()) {
            None => Logged::default(),
            Some(url) => Logged {
                url: Some(url),
                arn: Some(format!(
                    "arn:aws:logs:{}:{}:log-group:/towpath/{pipeline}:log-stream:{run_id}",
                    place.region, place.account
                )),
            },
        }
    }
}

/// Where the log of an attempt is.
#[derive(Debug, Default)]
pub(crate) struct Logged {
    /// Its ARN, as AWS has it.
    pub(crate) arn: Option<String>,
    /// Where it can be read here.
    pub(crate) url: Option<String>,
}

impl Trigger {
    pub(crate) fn of(summary: &Summary) -> Self {
        let engine::input::Trigger { kind, detail } = &summary.trigger;
        Self { trigger_type: kind.as_str(), trigger_detail: detail.clone() }
    }
}

/// Returns whether an execution is an ordinary one or takes a stage back.
pub(crate) fn execution_type(summary: &Summary) -> &'static str {
    match summary.trigger.kind {
        TriggerType::ManualRollback | TriggerType::AutomatedRollback => "ROLLBACK",
        TriggerType::CreatePipeline
        | TriggerType::StartPipelineExecution
        | TriggerType::PollForSourceChanges
        | TriggerType::Webhook
        | TriggerType::CloudWatchEvent
        | TriggerType::PutActionRevision
        | TriggerType::WebhookV2 => STANDARD,
    }
}

impl From<&Failure> for ErrorDetails {
    fn from(failure: &Failure) -> Self {
        Self { code: failure.code.clone(), message: failure.message.clone() }
    }
}

impl From<&StoredArtifact> for Artifact {
    fn from(artifact: &StoredArtifact) -> Self {
        let StoredArtifact { name, bucket, key, sha256: _, size_bytes: _ } = artifact;
        let s3location = Location { bucket: bucket.clone(), key: key.clone() };
        Self { name: name.clone(), s3location }
    }
}

impl From<&ActionTypeId> for ActionType {
    fn from(type_id: &ActionTypeId) -> Self {
        let ActionTypeId { category, owner, provider, version } = type_id;
        Self {
            category: category.as_str(),
            owner: owner.as_str(),
            provider: provider.clone(),
            version: version.clone(),
        }
    }
}

/// Returns settings with the secret ones masked. What nothing is known of might be a secret.
pub(crate) fn masked(
    types: &DeclaredTypes,
    type_id: &ActionTypeId,
    settings: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let type_id = ActionTypeDeclaration {
        category: type_id.category.as_str().to_owned(),
        owner: type_id.owner.as_str().to_owned(),
        provider: type_id.provider.clone(),
        version: type_id.version.clone(),
    };
    let is_known = catalog::find(&type_id).is_some() || types.find(&type_id).is_some();
    let setting = |(key, value): (&String, &String)| {
        let is_hidden = !is_known || types.is_secret(&type_id, key);
        let shown = if is_hidden { MASK } else { value.as_str() };
        (key.clone(), shown.to_owned())
    };
    settings.iter().map(setting).collect()
}

/// Returns what somebody wrote as they rejected, of the sentence that the engine made of it.
pub(crate) fn rejection(by: Option<&str>, message: &str) -> Option<String> {
    let rest = message.strip_prefix("rejected by ")?.strip_prefix(by?)?;
    rest.strip_prefix(": ").map(str::to_owned)
}
