//! Signed requests, as bytes that can be sent any number of times while their signature is fresh.

use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use serde_json::Value;

/// Who asks, and whom.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The server.
    pub address: SocketAddr,
    /// The access key.
    pub access_key: String,
    /// Its secret.
    pub secret: String,
}

impl Asker {
    /// Returns the bytes of a request. They are good for five minutes.
    pub fn request(&self, operation: &str, body: &Value) -> Result<Vec<u8>> {
        let body = body.to_string();
        let host = self.address.to_string();
        let target = format!("CodePipeline_20150709.{operation}");
        let headers = [
            ("host", host.as_str()),
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        let identity = Credentials::new(&self.access_key, &self.secret, None, None, "bench").into();
        let millis = u64::try_from(local::world::now().millis()).context("a clock before 1970")?;
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("codepipeline")
            .time(UNIX_EPOCH + Duration::from_millis(millis))
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable = SignableRequest::new(
            "POST",
            format!("http://{host}/"),
            headers.iter().copied(),
            SignableBody::Bytes(body.as_bytes()),
        )?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let signed = instructions.headers();
        let lines =
            headers.into_iter().chain(signed).map(|(name, value)| format!("{name}: {value}"));
        let lines: Vec<_> = lines.collect();
        let (head, length) = (lines.join("\r\n"), body.len());
        let text = format!("POST / HTTP/1.1\r\n{head}\r\ncontent-length: {length}\r\n\r\n{body}");
        Ok(text.into_bytes())
    }
}
