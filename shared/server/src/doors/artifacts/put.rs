//! `PutObject`.

use access::sigv4::Claim;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_ENCODING, ETAG};
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::object::Object;
use super::{Artifacts, answer};
use crate::Limits;
use crate::body::{Body, whole};
use crate::refusal::Refusal;

/// What came.
pub(super) struct Received {
    file: NamedTempFile,
    sha256: [u8; 32],
    crc32: u32,
}

impl Artifacts {
    pub(super) async fn put(
        &self,
        parts: &Parts,
        body: Incoming,
        object: &Object,
        claim: Claim,
        limits: &Limits,
    ) -> Result<Response<Body>, Refusal> {
        if parts.headers.contains_key(CONTENT_ENCODING) {
            let message = "an artifact is taken as it is: send it without a Content-Encoding";
            return Err(refused("InvalidRequest", message));
        }
        if body.size_hint().lower() > limits.artifact_bytes_max {
            return Err(too_large(limits));
        }
        let received = self.receive(body, limits).await?;
        received.check(&parts.headers, claim)?;
        let (object, file) = (object.clone(), received.into_file());
        let stored = self
            .blocking(move |directory| {
                let stored = directory.store(&object.bucket, &object.key, file.path());
                // Removed here, where removing may take its time.
                drop(file);
                stored
            })
            .await?;
        let response = Response::builder().header(ETAG, format!("\"{}\"", stored.sha256));
        Ok(response.body(whole("")).expect("the headers are ours, and legal"))
    }

    /// Writes a body to a file of its own as it comes.
    pub(super) async fn receive(
        &self,
        mut body: Incoming,
        limits: &Limits,
    ) -> Result<Received, Refusal> {
        let failed = |error: std::io::Error| answer::internal(&error);
        let file = NamedTempFile::new_in(self.uploads()).map_err(failed)?;
        let mut writer = File::from_std(file.reopen().map_err(failed)?);
        let (mut sha256, mut crc32) = (Sha256::new(), crc32fast::Hasher::new());
        let mut bytes = 0_u64;
        loop {
            let Ok(frame) = tokio::time::timeout(limits.stall, body.frame()).await else {
                let message = "the artifact took too long to come";
                return Err(
                    Refusal::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", message).ending()
                );
            };
            let Some(frame) = frame else { break };
            let frame = frame.map_err(|_| {
                refused("IncompleteBody", "the artifact ends before its Content-Length")
            })?;
            // Trailers say nothing that we read.
            let Ok(piece) = frame.into_data() else { continue };
            bytes += piece.len() as u64;
            if bytes > limits.artifact_bytes_max {
                return Err(too_large(limits));
            }
            sha256.update(&piece);
            crc32.update(&piece);
            writer.write_all(&piece).await.map_err(failed)?;
        }
        writer.flush().await.map_err(failed)?;
        Ok(Received { file, sha256: sha256.finalize().into(), crc32: crc32.finalize() })
    }
}

impl Received {
    /// Stands for the bytes.
    pub(super) fn tag(&self) -> String {
        format!("\"{:08x}\"", self.crc32)
    }

    pub(super) fn into_file(self) -> NamedTempFile {
        self.file
    }

    /// Holds what came against everything that the client said of it.
    pub(super) fn check(&self, headers: &HeaderMap, claim: Claim) -> Result<(), Refusal> {
        match claim {
            Claim::Sha256(claimed) if claimed != self.sha256 => {
                let message = "the artifact is not the one that was signed";
                return Err(refused("XAmzContentSHA256Mismatch", message));
            }
            Claim::Sha256(_) | Claim::Unsigned => {}
        }
        let sums: [(&str, &[u8]); 2] = [
            ("x-amz-checksum-crc32", &self.crc32.to_be_bytes()),
            ("x-amz-checksum-sha256", &self.sha256),
        ];
        for (name, sum) in sums {
            if let Some(said) = headers.get(name)
                && said.as_bytes() != STANDARD.encode(sum).as_bytes()
            {
                return Err(refused(
                    "BadDigest",
                    format!("the artifact does not have this {name}"),
                ));
            }
        }
        Ok(())
    }
}

fn refused(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code, message).ending()
}

fn too_large(limits: &Limits) -> Refusal {
    let message = format!("an artifact has at most {} bytes here", limits.artifact_bytes_max);
    refused("EntityTooLarge", message)
}
