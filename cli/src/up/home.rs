//! What the API needs of this machine.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use access::Identity;
use api::{ArtifactScope, Credentials, Home, LogPiece, Stored};
use async_trait::async_trait;
use local::controller::ACCOUNT;
use local::supervise::Supervised;
use local::supervise::run::{RunDirectory, Stage};
use local::watchers::Watchers;
use model::ids::{ActionRunId, PipelineName};
use model::time::Timestamp;
use server::Artifacts;

use crate::up::masking::Secrets;

/// This machine as a home of the API.
pub(super) struct LocalHome {
    pub(super) endpoint: String,
    pub(super) runs: PathBuf,
    pub(super) stored: artifacts::Directory,
    pub(super) artifacts: Artifacts,
    pub(super) watchers: Watchers,
    pub(super) secrets: Secrets,
}

#[async_trait]
impl Home for LocalHome {
    async fn artifact_credentials(
        &self,
        scope: &ArtifactScope,
        now: Timestamp,
    ) -> Result<Credentials, String> {
        let worker = Identity {
            arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/towpath-job/artifacts"),
            account: ACCOUNT.to_owned(),
            name: "towpath-job".to_owned(),
            roles: Vec::new(),
        };
        self.artifacts.issue(&worker, scope, now, &mut crate::key::draw)
    }

    async fn stored(&self, bucket: &str, key: &str) -> Result<Option<Stored>, String> {
        let stored = self.stored.clone();
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        // An artifact may be large, and all of it is read.
        let looked = tokio::task::spawn_blocking(move || stored.look(&bucket, &key)).await;
        let found = looked.map_err(|error| error.to_string())?;
        let found = found.map_err(|error| format!("failed to {}", local::bus::chain(&error)))?;
        Ok(found.map(|found| Stored { sha256: found.sha256, size_bytes: found.size_bytes }))
    }

    fn webhook_url(&self, id: &str) -> String {
        format!("{}/webhooks/{id}", self.endpoint)
    }

    fn log_url(&self, run_id: &str) -> Option<String> {
        let log = Supervised::log_of(&self.runs, run_id);
        let has_text = std::fs::metadata(log).is_ok_and(|metadata| metadata.len() > 0);
        has_text.then(|| format!("{}/logs/{run_id}", self.endpoint))
    }

    fn printed_by(&self, run_id: &str) -> Option<PipelineName> {
        // Ids are UUIDs, and nothing else names a directory.
        run_id.parse::<ActionRunId>().ok()?;
        let (job, _) = RunDirectory::new(&self.runs, run_id).asked().ok().flatten()?;
        Some(PipelineName::new(&job.pipeline))
    }

    async fn read_log(
        &self,
        run_id: &str,
        offset: u64,
        bytes_max: usize,
    ) -> Result<LogPiece, String> {
        let directory = RunDirectory::new(&self.runs, run_id);
        let log = Supervised::log_of(&self.runs, run_id);
        let secrets = self.secrets.clone();
        let read = tokio::task::spawn_blocking(move || {
            read_piece(&directory, &log, (offset, bytes_max), &secrets)
        });
        let read = read.await.map_err(|error| error.to_string())?;
        read.map_err(|error| error.to_string())
    }

    fn declared(&self, pipeline: &PipelineName) {
        self.watchers.look_at(pipeline);
    }

    async fn register_webhook(
        &self,
        _webhook: &str,
        url: &str,
        _is_wanted: bool,
    ) -> Result<(), (String, String)> {
        let message = format!(
            "this server is reached from this machine only, and makes or removes no hooks at the host \
             of a repository; where a tunnel leads here, make the hook there yourself, for {url}"
        );
        Err(("UnsupportedOperation".to_owned(), message))
    }
}

/// Whether the run has ended is asked before its log is read: what is printed last is then read for sure.
fn read_piece(
    directory: &RunDirectory,
    log: &Path,
    (offset, bytes_max): (u64, usize),
    secrets: &Secrets,
) -> std::io::Result<LogPiece> {
    let has_ended = match directory.look()? {
        Stage::Ended(_) | Stage::Lost => true,
        Stage::Absent | Stage::Running => false,
    };
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    let offset = offset.min(length);
    let from = offset.saturating_sub(secrets.reach() as u64);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(offset - from + bytes_max as u64).read_to_end(&mut bytes)?;
    let read_to = from + bytes.len() as u64;
    let may_go_on = !has_ended || read_to < length;
    let before = usize::try_from(offset - from).unwrap_or(usize::MAX);
    let masked = secrets.mask(bytes, before, may_go_on);
    let next = read_to - masked.held_back as u64;
    // More may be there than fits into one piece.
    Ok(LogPiece { bytes: masked.bytes.into(), next, has_ended: has_ended && next >= length })
}
