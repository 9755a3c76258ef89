//! In tests: S3, as far as providers ask it. Buckets keep versions unless told otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use aws_smithy_types::base64;
use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};

use super::{Answer, Asked};

/// A version of an object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    pub(crate) bytes: Vec<u8>,
    pub(crate) version: String,
    /// What was said of it when it was put: its metadata, its type, its encryption.
    pub(crate) headers: BTreeMap<String, String>,
    /// Whether S3 took a digest of it.
    pub(crate) is_digested: bool,
}

/// S3. Clones are the same S3.
#[derive(Clone, Debug, Default)]
pub(crate) struct Storage {
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug, Default)]
struct Inside {
    objects: BTreeMap<(String, String), Vec<Object>>,
    unversioned: BTreeSet<String>,
    versions: u32,
}

impl Storage {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// Puts an object in, as somebody else would, and returns its version.
    pub(crate) fn put(&self, bucket: &str, key: &str, bytes: &[u8]) -> String {
        self.put_with(bucket, key, bytes, &[])
    }

    /// Puts an object in with headers.
    pub(crate) fn put_with(
        &self,
        bucket: &str,
        key: &str,
        bytes: &[u8],
        headers: &[(&str, &str)],
    ) -> String {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let object =
            Object { bytes: bytes.to_vec(), headers: headers.collect(), ..Object::default() };
        self.inside().keep(bucket, key, object)
    }

    /// Lets a bucket keep no versions.
    pub(crate) fn forget_versions(&self, bucket: &str) {
        self.inside().unversioned.insert(bucket.to_owned());
    }

    /// Replaces the bytes of the newest version, as nobody should be able to.
    pub(crate) fn tamper(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let mut inside = self.inside();
        let place = (bucket.to_owned(), key.to_owned());
        let object = inside.objects.get_mut(&place).unwrap().last_mut().unwrap();
        object.bytes = bytes.to_vec();
    }

    /// Returns the newest version of an object.
    pub(crate) fn get(&self, bucket: &str, key: &str) -> Option<Object> {
        self.inside().find(bucket, key, None)
    }

    /// Returns the keys of a bucket.
    pub(crate) fn keys(&self, bucket: &str) -> Vec<String> {
        let inside = self.inside();
        let keys = inside.objects.keys().filter(|(its, _)| its == bucket);
        keys.map(|(_, key)| key.clone()).collect()
    }

    /// Answers a request to S3.
    pub(crate) fn answer(&self, asked: &Asked) -> Answer {
        let (bucket, key, query) = place(&asked.uri);
        let method = asked.operation.split(' ').next().unwrap_or_default();
        let version = query.get("versionId").map(String::as_str);
        let mut inside = self.inside();
        match method {
            "HEAD" | "GET" => match inside.find(&bucket, &key, version) {
                Some(object) => inside.shown(&bucket, &object, method == "GET"),
                None if method == "HEAD" => {
                    Answer::Said { status: 404, headers: Vec::new(), body: Vec::new() }
                }
                None => Answer::s3_refusal(404, "NoSuchKey"),
            },
            "PUT" => inside.put(&bucket, &key, asked),
            other => panic!("nobody puts {other} {} to this S3", asked.uri),
        }
    }
}

impl Inside {
    fn find(&self, bucket: &str, key: &str, version: Option<&str>) -> Option<Object> {
        let versions = self.objects.get(&(bucket.to_owned(), key.to_owned()))?;
        match version {
            None => versions.last().cloned(),
            Some(version) => versions.iter().find(|object| object.version == version).cloned(),
        }
    }

    fn keep(&mut self, bucket: &str, key: &str, mut object: Object) -> String {
        self.versions += 1;
        let version = format!("version-{}", self.versions);
        object.version.clone_from(&version);
        let place = (bucket.to_owned(), key.to_owned());
        self.objects.entry(place).or_default().push(object);
        version
    }

    fn shown(&self, bucket: &str, object: &Object, is_whole: bool) -> Answer {
        let body = if is_whole { object.bytes.clone() } else { Vec::new() };
        let mut answer = Answer::bytes(body)
            .with("content-length", object.bytes.len().to_string())
            .with("etag", etag(&object.bytes));
        if !self.unversioned.contains(bucket) {
            answer = answer.with("x-amz-version-id", object.version.clone());
        }
        if object.is_digested {
            answer = answer
                .with("x-amz-checksum-sha256", base64::encode(Sha256::digest(&object.bytes)))
                .with("x-amz-checksum-type", "FULL_OBJECT");
        }
        for (name, value) in &object.headers {
            answer = answer.with(name.clone(), value.clone());
        }
        answer
    }

    fn put(&mut self, bucket: &str, key: &str, asked: &Asked) -> Answer {
        let header = |name: &str| asked.headers.get(name).map(String::as_str);
        if header("if-none-match") == Some("*") && self.find(bucket, key, None).is_some() {
            return Answer::s3_refusal(412, "PreconditionFailed");
        }
        let kept = ["content-type", "cache-control"];
        let is_kept = |name: &str| {
            kept.contains(&name)
                || name.starts_with("x-amz-meta-")
                || name.starts_with("x-amz-server-side")
                || name == "x-amz-acl"
        };
        let headers = asked.headers.iter().filter(|(name, _)| is_kept(name));
        let headers = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
        let Some(source) = header("x-amz-copy-source") else {
            let is_digested = header("x-amz-checksum-sha256").is_some();
            let is_in_chunks = header("content-encoding") == Some("aws-chunked");
            let bytes = if is_in_chunks { joined(&asked.bytes) } else { asked.bytes.clone() };
            self.keep(bucket, key, Object { bytes, headers, is_digested, ..Object::default() });
            return Answer::bytes(Vec::new());
        };
        let (path, version) = match source.split_once("?versionId=") {
            Some((path, version)) => (path, Some(version)),
            None => (source, None),
        };
        let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
        let (from, from_key) = path.split_once('/').unwrap();
        let Some(from) = self.find(from, from_key, version) else {
            return Answer::s3_refusal(404, "NoSuchKey");
        };
        let digest = base64::encode(Sha256::digest(&from.bytes));
        let is_digested = header("x-amz-checksum-algorithm") == Some("SHA256");
        let mut headers: BTreeMap<String, String> = headers;
        if header("x-amz-metadata-directive") == Some("COPY") {
            headers.retain(|name, _| name.starts_with("x-amz-server-side"));
            headers
                .extend(from.headers.into_iter().filter(|(name, _)| !name.contains("server-side")));
        }
        let object = Object { bytes: from.bytes, headers, is_digested, ..Object::default() };
        self.keep(bucket, key, object);
        let digest = format!("<ChecksumSHA256>{digest}</ChecksumSHA256>");
        let digest = if is_digested { digest } else { String::new() };
        Answer::bytes(format!("<CopyObjectResult>{digest}</CopyObjectResult>").into_bytes())
    }
}

/// Takes the bytes out of the chunks in which the SDK sends a file, with its checksum behind them.
fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let end = chunks.windows(2).position(|it| it == b"\r\n").unwrap();
        let length = std::str::from_utf8(&chunks[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return bytes;
        }
        bytes.extend_from_slice(&chunks[end + 2..end + 2 + length]);
        chunks = &chunks[end + 2 + length + 2..];
    }
}

fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", hex::encode(&Sha256::digest(bytes)[..16]))
}

/// Reads which object an address means: the bucket is the first label of the host.
fn place(uri: &str) -> (String, String, BTreeMap<String, String>) {
    let rest = uri.strip_prefix("https://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let bucket = host.split(".s3.").next().unwrap();
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let query = query.map(|(name, value)| (decode(name), decode(value))).collect();
    (bucket.to_owned(), decode(path), query)
}
