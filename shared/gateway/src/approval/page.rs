//! The page of an approval. It is made of the path and nothing else: loading it reads no row and changes
//! none.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Response;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use runtime::approval_link::Target;
use sha2::{Digest, Sha256};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the page may do: run this script, wear this style, and speak to where it came from.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; \
         form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        digest(SCRIPT),
        digest(STYLE),
    )
});

/// Returns the page, or with `is_head` all of it but the page.
pub(super) fn page(target: &Target, is_head: bool) -> Response<Bytes> {
    let body = if is_head { Bytes::new() } else { Bytes::from(render(target)) };
    Response::builder()
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CACHE_CONTROL, "no-store")
        .header(REFERRER_POLICY, "no-referrer")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(X_FRAME_OPTIONS, "DENY")
        .header("cross-origin-opener-policy", "same-origin")
        .header("x-robots-tag", "noindex")
        .header(ALLOW, "GET, HEAD, POST")
        .header(CONTENT_SECURITY_POLICY, POLICY.as_str())
        .body(body)
        .expect("statuses and headers are ours, and legal")
}

/// The names were checked: none of their characters means anything to a browser or a shell.
fn render(target: &Target) -> String {
    let run = &target.run;
    let command = format!(
        "towpath approve {} {}/{} --execution {}",
        target.pipeline, run.stage, run.action, run.execution
    );
    PAGE.replace("{style}", STYLE)
        .replace("{script}", SCRIPT)
        .replace("{pipeline}", target.pipeline.as_str())
        .replace("{stage}", run.stage.as_str())
        .replace("{action}", run.action.as_str())
        .replace("{command}", &command)
}
