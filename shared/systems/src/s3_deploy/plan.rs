//! What goes where, as the settings say.

use std::collections::HashMap;

use aws_sdk_s3::types::ObjectCannedAcl;
use providers::object_key::fill;
use providers::{Job, Settings};

use crate::artifact::{Attributes, Destination};
use crate::fault::Fault;

/// How long the key of an object may be.
const KEY_BYTES_MAX: usize = 1024;

/// Under which name of its metadata an object says which attempt put it there.
pub(super) const METADATA_RUN: &str = "towpath-run";

/// Codes of a bucket that lies elsewhere.
const ELSEWHERE: &[&str] =
    &["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"];

/// What goes where.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) bucket: String,
    pub(super) what: What,
    cache_control: Option<String>,
    acl: Option<ObjectCannedAcl>,
    encryption_key: Option<String>,
}

/// What is put.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The archive itself, under this key.
    Whole { key: String },
    /// Every file in it, below this prefix; an empty one is the top of the bucket.
    Files { prefix: String },
}

impl Plan {
    pub(super) fn read(job: &Job) -> Result<Plan, Fault> {
        let settings = Settings::new(&job.provider, &job.configuration);
        settings.required("Extract")?;
        let what = if settings.is_set("Extract", false)? {
            // S3 takes a prefix with or without its slash.
            let prefix = settings.optional("ObjectKey").unwrap_or_default().trim_end_matches('/');
            What::Files { prefix: fill(prefix, job) }
        } else {
            let Some(key) = settings.optional("ObjectKey") else {
                return Err(Fault::configuration(
                    "ObjectKey is missing, and with Extract false it names the object; add ObjectKey to \
                     the configuration of the S3 action",
                ));
            };
            What::Whole { key: checked(fill(key, job))? }
        };
        Ok(Plan {
            bucket: settings.required("BucketName")?.to_owned(),
            what,
            cache_control: settings.optional("CacheControl").map(str::to_owned),
            acl: settings.optional("CannedACL").map(acl).transpose()?,
            encryption_key: settings.optional("KMSEncryptionKeyARN").map(str::to_owned),
        })
    }

    /// Returns where an object goes, and what it has besides its bytes.
    pub(super) fn destination(&self, job: &Job, key: &str) -> Destination {
        Destination {
            bucket: self.bucket.clone(),
            key: key.to_owned(),
            is_kept: false,
            attributes: Attributes {
                metadata: HashMap::from([(METADATA_RUN.to_owned(), job.run_id.clone())]),
                content_type: Some(content_type(key)),
                cache_control: self.cache_control.clone(),
                acl: self.acl.clone(),
                encryption_key: self.encryption_key.clone(),
            },
        }
    }

    /// Says which setting is meant, where the code of a refusal tells.
    pub(super) fn explain(&self, job: &Job, fault: Fault) -> Fault {
        let bucket = &self.bucket;
        if ELSEWHERE.iter().any(|code| fault.is(code)) {
            return Fault::configuration(format!(
                "the bucket {bucket} does not lie in the Region {} of the action; set the action's region \
                 to the bucket's, or correct BucketName",
                job.region
            ));
        }
        if fault.is("NoSuchBucket") {
            return Fault::configuration(format!(
                "there is no bucket {bucket}; make it, or correct BucketName"
            ));
        }
        if fault.is("AccessControlListNotSupported") {
            return Fault::configuration(format!(
                "the bucket {bucket} takes no access control lists; take CannedACL out, or let the \
                 bucket's object ownership be `BucketOwnerPreferred`"
            ));
        }
        fault
    }
}

/// Refuses what cannot be the key of an object.
pub(super) fn checked(key: String) -> Result<String, Fault> {
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Err(Fault::configuration(format!(
            "ObjectKey: {key:?} cannot be the key of an object: a key has 1 to {KEY_BYTES_MAX} bytes"
        )));
    }
    Ok(key)
}

fn acl(name: &str) -> Result<ObjectCannedAcl, Fault> {
    let acl = ObjectCannedAcl::values().iter().find(|known| **known == name);
    acl.map(|known| ObjectCannedAcl::from(*known)).ok_or_else(|| {
        Fault::configuration(format!(
            "CannedACL is {name:?}; write one of {}",
            ObjectCannedAcl::values().join(", ")
        ))
    })
}

/// Returns what kind of content a name means. Text is UTF-8, as everything that people write today is.
fn content_type(key: &str) -> String {
    let guessed = mime_guess::from_path(key).first_or_octet_stream();
    let is_text = guessed.type_() == "text" || guessed.essence_str() == "application/javascript";
    if is_text { format!("{guessed}; charset=utf-8") } else { guessed.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_a_browser_is_told() {
        for (key, expected) in [
            ("site/index.html", "text/html; charset=utf-8"),
            ("a.css", "text/css; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("data.json", "application/json"),
            ("logo.svg", "image/svg+xml"),
            ("LOGO.PNG", "image/png"),
            ("font.woff2", "font/woff2"),
            ("app.wasm", "application/wasm"),
            ("artifact.zip", "application/zip"),
            ("LICENSE", "application/octet-stream"),
        ] {
            assert_eq!(content_type(key), expected, "{key}");
        }
    }
}
