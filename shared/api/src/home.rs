//! What differs between one machine and the cloud.

use async_trait::async_trait;
use model::ids::PipelineName;
use model::time::Timestamp;

use crate::LogPiece;

/// Where the API lives.
#[async_trait]
pub trait Home: Send + Sync {
    /// Returns keys with which a job's artifacts can be read and written, and nothing else (J6).
    async fn artifact_credentials(
        &self,
        scope: &ArtifactScope,
        now: Timestamp,
    ) -> Result<Credentials, String>;

    /// Looks for an artifact that a job worker says it stored (J12).
    async fn stored(&self, bucket: &str, key: &str) -> Result<Option<Stored>, String>;

    /// Returns the URL under which a webhook's deliveries arrive.
    fn webhook_url(&self, id: &str) -> String;

    /// Returns the URL under which people see what an action printed, if it printed anything here. Where
    /// actions are done by others, their own links lead there.
    fn log_url(&self, run_id: &str) -> Option<String> {
        let _ = run_id;
        None
    }

    /// Returns the pipeline whose action an attempt belongs to, if the attempt printed anything here.
    fn printed_by(&self, run_id: &str) -> Option<PipelineName> {
        let _ = run_id;
        None
    }

    /// Reads what an attempt printed from an offset on, at most so many bytes of it.
    async fn read_log(
        &self,
        run_id: &str,
        offset: u64,
        bytes_max: usize,
    ) -> Result<LogPiece, String> {
        let _ = (offset, bytes_max);
        Err(format!("{run_id} printed nothing here"))
    }

    /// Hears that a pipeline's declaration was put in force or taken away, so that its sources are
    /// watched, or not any more. Nobody needs to hear it where rows say who follows a source.
    fn declared(&self, pipeline: &PipelineName) {
        let _ = pipeline;
    }

    /// Makes or removes the hook at the host of a GitHub source (W6). Answers an error's code and
    /// sentence for whoever lists the webhooks.
    async fn register_webhook(
        &self,
        webhook: &str,
        url: &str,
        is_wanted: bool,
    ) -> Result<(), (String, String)>;
}

/// Which artifacts a job may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactScope {
    /// What it may read: bucket and key.
    pub reads: Vec<(String, String)>,
    /// What it may write: bucket and key.
    pub writes: Vec<(String, String)>,
}

/// Temporary keys.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// The session's token.
    pub session_token: String,
}

/// An artifact that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Lower-case hex SHA-256 of its bytes.
    pub sha256: String,
    /// How many bytes.
    pub size_bytes: u64,
}
