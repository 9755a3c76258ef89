//! In tests: S3 at the other end of the wire, as far as artifacts need it.

use std::collections::BTreeMap;

use aws_smithy_types::base64;
use model::outcome::StoredArtifact;
use sha2::{Digest as _, Sha256};

use super::{Answer, Asked};

/// Objects by `bucket/key`, each with the metadata it was stored with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buckets {
    pub(crate) objects: BTreeMap<String, (Vec<u8>, BTreeMap<String, String>)>,
}

impl Buckets {
    /// Answers a request, if it is one for S3.
    pub(crate) fn answer(&mut self, asked: &Asked) -> Option<Answer> {
        let place = place(&asked.uri).filter(|_| !asked.headers.contains_key("x-amz-target"))?;
        let method = asked.operation.split(' ').next()?;
        Some(match (method, self.objects.get(&place)) {
            ("PUT", Some(_)) if asked.headers.contains_key("if-none-match") => {
                Answer::s3_refusal(412, "PreconditionFailed")
            }
            ("PUT", _) => {
                let metadata = asked.headers.iter().filter_map(|(name, value)| {
                    Some((name.strip_prefix("x-amz-meta-")?.to_owned(), value.clone()))
                });
                self.objects.insert(place, (asked.bytes.clone(), metadata.collect()));
                Answer::bytes(Vec::new())
            }
            (_, None) => Answer::s3_refusal(404, "NoSuchKey"),
            (_, Some((bytes, metadata))) => {
                let body = if method == "HEAD" { Vec::new() } else { bytes.clone() };
                let mut answer = Answer::bytes(body)
                    .with("content-length", bytes.len().to_string())
                    .with("x-amz-checksum-sha256", base64::encode(Sha256::digest(bytes)));
                if let Some(note) = metadata.get("towpath-note") {
                    answer = answer.with("x-amz-meta-towpath-note", note.clone());
                }
                answer
            }
        })
    }

    /// Puts a ZIP archive of these files into a bucket, and returns it as an input.
    pub(crate) fn input(&mut self, name: &str, files: &[(&str, &str)]) -> StoredArtifact {
        let bytes = zip(files);
        let artifact = StoredArtifact {
            name: name.to_owned(),
            bucket: "artifacts".to_owned(),
            key: format!("web-app/{name}/0"),
            sha256: hex::encode(Sha256::digest(&bytes)),
            size_bytes: bytes.len() as u64,
        };
        let place = format!("{}/{}", artifact.bucket, artifact.key);
        self.objects.insert(place, (bytes, BTreeMap::new()));
        artifact
    }

    /// Returns one file of an archive that was stored.
    pub(crate) fn file(&self, artifact: &StoredArtifact, name: &str) -> Option<String> {
        let bytes = &self.objects[&format!("{}/{}", artifact.bucket, artifact.key)].0;
        assert_eq!(hex::encode(Sha256::digest(bytes)), artifact.sha256);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("archive.zip");
        std::fs::write(&path, bytes).unwrap();
        let found = artifacts::archive::read_entry(&path, name, 1024 * 1024).unwrap();
        found.map(|bytes| String::from_utf8(bytes).unwrap())
    }
}

/// Returns `bucket/key`, whether the bucket is part of the host's name or, at an endpoint of one's own, of
/// the path.
fn place(uri: &str) -> Option<String> {
    let path = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
    if let Some(rest) = uri.strip_prefix("http://127.0.0.1:1/") {
        return Some(path(rest));
    }
    let (host, rest) = uri.strip_prefix("https://")?.split_once('/')?;
    let bucket = host.strip_suffix(".s3.us-east-1.amazonaws.com")?;
    Some(format!("{bucket}/{}", path(rest)))
}

/// Packs files.
pub(crate) fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let entries = files.iter().enumerate().map(|(index, (name, text))| {
        let source = directory.path().join(index.to_string());
        std::fs::write(&source, text).unwrap();
        artifacts::archive::Entry { name: (*name).to_owned(), source }
    });
    let to = directory.path().join("archive.zip");
    artifacts::archive::pack(&entries.collect::<Vec<_>>(), &to).unwrap();
    std::fs::read(&to).unwrap()
}
