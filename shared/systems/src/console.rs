//! Where people look at things in the console.

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
