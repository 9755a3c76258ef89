//! Puts the files of an archive into a bucket.

use std::path::{Path, PathBuf};

use artifacts::archive::{self, Limits};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use model::outcome::StoredArtifact;
use providers::Job;
use tokio::task::JoinSet;
use walkdir::WalkDir;

use super::plan::{METADATA_RUN, Plan, checked};
use crate::Ground;
use crate::artifact::{self, Destination, blocking, disk};
use crate::fault::{Fault, chain};

/// How many files are put at a time; a block is there before the next is begun.
const BLOCK_FILES: usize = 32;

/// How long one call puts files before it leaves the rest to the next.
const CALL_SECONDS_MAX: i64 = 60;

/// One file and where it goes.
#[derive(Clone, Debug)]
struct Planned {
    source: PathBuf,
    key: String,
}

/// Puts the files, and says whether all of them are there.
pub(super) async fn put(
    ground: &Ground,
    job: &Job,
    input: &StoredArtifact,
    plan: &Plan,
    prefix: &str,
) -> Result<bool, Fault> {
    let directory = tempfile::tempdir().map_err(|error| disk("make a directory", &error))?;
    let path = directory.path().join("artifact.zip");
    artifact::fetch(ground, job, input, &path).await?;
    let into = directory.path().join("files");
    let (name, prefix) = (input.name.clone(), prefix.to_owned());
    let files = blocking(move || unpack(&path, &into, &name, &prefix)).await??;
    let site = Site { client: ground.s3(job).await?, job, plan };
    let begun = (ground.now)();
    let blocks: Vec<&[Planned]> = files.chunks(BLOCK_FILES).collect();
    let (first, is_told) = site.first_missing(&blocks).await?;
    for (done, block) in blocks[first..].iter().enumerate() {
        // The first block may have been put before, so only the second is sure to be a step on.
        if done > 1 && (ground.now)().millis_since(begun) > CALL_SECONDS_MAX * 1000 {
            // Whoever cannot see what is there would begin from the first file each time.
            return if is_told { Ok(false) } else { Err(site.cannot_go_on()) };
        }
        site.put_block(block).await?;
    }
    Ok(true)
}

/// Unpacks the archive and lists its files, in the order in which they are put. A bucket has no links:
/// what a link points at is put in its place, and the archive was refused already if one leads out.
fn unpack(path: &Path, into: &Path, name: &str, prefix: &str) -> Result<Vec<Planned>, Fault> {
    archive::unpack(path, into, &Limits::default()).map_err(|error| {
        Fault::job_failed(format!("input artifact {name}: failed to {}", chain(&error)))
    })?;
    let failed = |error: std::io::Error| disk("read the files of the artifact", &error);
    let inside = Dir::open_ambient_dir(into, ambient_authority()).map_err(failed)?;
    let mut files = Vec::new();
    for entry in WalkDir::new(into).min_depth(1).sort_by_file_name() {
        let entry = entry.map_err(|error| failed(error.into()))?;
        let below = entry.path().strip_prefix(into).unwrap_or(entry.path());
        if entry.file_type().is_dir() || !inside.metadata(below).map_err(failed)?.is_file() {
            continue;
        }
        let below = below.to_string_lossy();
        let key = if prefix.is_empty() { below.into_owned() } else { format!("{prefix}/{below}") };
        files.push(Planned { source: entry.into_path(), key: checked(key)? });
    }
    Ok(files)
}

/// The bucket, as this job may use it.
struct Site<'a> {
    client: Client,
    job: &'a Job,
    plan: &'a Plan,
}

impl Site<'_> {
    /// Returns the first block that may be missing, and whether S3 told at all.
    ///
    /// Invariant: a block is begun when all before it are there, so a block whose first file is of this
    /// attempt has whole blocks before it.
    async fn first_missing(&self, blocks: &[&[Planned]]) -> Result<(usize, bool), Fault> {
        let (mut there, mut missing) = (0, blocks.len());
        while there < missing {
            let middle = usize::midpoint(there, missing);
            match self.is_ours(blocks[middle]).await? {
                Some(true) => there = middle + 1,
                Some(false) => missing = middle,
                None => return Ok((0, false)),
            }
        }
        // The last block that was begun may not be whole.
        Ok((there.saturating_sub(1), true))
    }

    /// Says whether the first file of a block was put by this attempt; none if the role may not know.
    async fn is_ours(&self, block: &[Planned]) -> Result<Option<bool>, Fault> {
        let Some(first) = block.first() else { return Ok(Some(false)) };
        let asked = self.client.head_object().bucket(&self.plan.bucket).key(&first.key);
        let error = match asked.send().await {
            Ok(head) => {
                let run = head.metadata().and_then(|metadata| metadata.get(METADATA_RUN));
                return Ok(Some(run == Some(&self.job.run_id)));
            }
            Err(error) => error,
        };
        if error.raw_response().is_some_and(|response| response.status().as_u16() == 404) {
            return Ok(Some(false));
        }
        let fault = Fault::for_job(self.job, &error, "s3:GetObject", &self.subject(&first.key));
        match fault {
            Fault::Later(_) => Err(fault),
            // What else stands in the way is said when the first file is put.
            Fault::Forbidden(_) | Fault::Refused { .. } => Ok(None),
        }
    }

    async fn put_block(&self, block: &[Planned]) -> Result<(), Fault> {
        let mut underway = JoinSet::new();
        for planned in block {
            let to = self.plan.destination(self.job, &planned.key);
            let (client, job) = (self.client.clone(), self.job.clone());
            underway.spawn(put_file(client, job, planned.source.clone(), to));
        }
        while let Some(put) = underway.join_next().await {
            let put = put.map_err(|error| Fault::Later(format!("a file was lost: {error}")))?;
            put.map_err(|fault| self.plan.explain(self.job, fault))?;
        }
        Ok(())
    }

    fn subject(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.plan.bucket)
    }

    fn cannot_go_on(&self) -> Fault {
        Fault::Forbidden(format!(
            "the files take longer than one call may, and to go on where it stopped the role needs \
             s3:GetObject on {}",
            self.subject("*")
        ))
    }
}

async fn put_file(client: Client, job: Job, source: PathBuf, to: Destination) -> Result<(), Fault> {
    let Destination { bucket, key, is_kept: _, attributes } = to;
    let body = ByteStream::from_path(&source).await;
    let body = body.map_err(|error| Fault::job_failed(format!("failed to {}", chain(&error))))?;
    let asked = client
        .put_object()
        .bucket(&bucket)
        .key(&key)
        .set_server_side_encryption(attributes.encryption())
        .set_ssekms_key_id(attributes.encryption_key)
        .set_content_type(attributes.content_type)
        .set_cache_control(attributes.cache_control)
        .set_acl(attributes.acl)
        .set_metadata(Some(attributes.metadata))
        .body(body);
    let permission = "s3:PutObject (and s3:PutObjectAcl, with CannedACL)";
    let put = asked.send().await;
    put.map(drop)
        .map_err(|error| Fault::for_job(&job, &error, permission, &format!("s3://{bucket}/{key}")))
}
