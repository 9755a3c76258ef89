//! Where people look at things in the console.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Returns the console's host for a Region.
pub(crate) fn host(region: &str) -> String {
    if region.starts_with("cn-") {
        return "console.amazonaws.cn".to_owned();
    }
    if region.starts_with("us-gov-") {
        return "console.amazonaws-us-gov.com".to_owned();
    }
    format!("{region}.console.aws.amazon.com")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The page of one version of an object.
pub(crate) fn object(region: &str, bucket: &str, key: &str, version: &str) -> String {
    let (key, version) = (encoded(key), encoded(version));
    format!(
        "https://{}/s3/object/{bucket}?region={region}&prefix={key}&versionId={version}",
        host(region)
    )
}

/// The page of a commit.
pub(crate) fn commit(region: &str, repository: &str, commit: &str) -> String {
    format!(
        "https://{}/codecommit/home?region={region}#/repository/{repository}/commit/{commit}",
        host(region)
    )
}

/// The page of an image.
pub(crate) fn image(region: &str, registry: &str, repository: &str, digest: &str) -> String {
    format!(
        "https://{}/ecr/repositories/private/{registry}/{repository}/_/image/{digest}/details?region={region}",
        host(region)
    )
}
