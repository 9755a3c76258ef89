//! A client that sends bytes as it is told, and reads one answer after another.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use api::Credentials;
use aws_credential_types::Credentials as SigningKey;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::today;

/// Beyond this a server is stuck, and the test has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection.
pub(crate) struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(of, _)| of == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    pub(crate) async fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        Self { stream, read: Vec::new() }
    }

    /// Sends bytes. A server that has hung up does not take them, which its answer tells.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request).await;
        self.answer().await.unwrap()
    }

    /// Reads the next answer; none when the server has hung up instead.
    pub(crate) async fn answer(&mut self) -> Option<Answer> {
        self.answer_to(true).await
    }

    /// Reads the next answer, which has a body unless it is one to `HEAD`.
    pub(crate) async fn answer_to(&mut self, has_body: bool) -> Option<Answer> {
        let end = loop {
            let found = self.read.windows(4).position(|window| window == b"\r\n\r\n");
            match found {
                // What only says that the body may come is no answer.
                Some(end) if self.read.starts_with(b"HTTP/1.1 100") => {
                    drop(self.read.drain(..end + 4));
                }
                Some(end) => break end + 4,
                None if self.more().await => {}
                None => return None,
            }
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Answer { status, headers, body: Vec::new() };
        let length = answer.header("content-length").map_or(0, |text| text.parse().unwrap());
        if has_body {
            while self.read.len() < length {
                assert!(self.more().await, "the answer breaks off: {head}");
            }
            answer.body = self.read.drain(..length).collect();
        }
        Some(answer)
    }

    /// Waits until the server hangs up, and returns whether it sent anything before.
    pub(crate) async fn is_hung_up(&mut self) -> bool {
        while self.more().await {}
        self.read.is_empty()
    }

    /// Sends no more.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    async fn more(&mut self) -> bool {
        let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.read)).await;
        match read.expect("the server neither answers nor hangs up") {
            Ok(count) => count > 0,
            Err(_) => false,
        }
    }
}

/// A request that is to be signed.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
    pub(crate) service: &'a str,
}

impl Request<'_> {
    /// Writes the request with a signature, as AWS's own signer makes it.
    pub(crate) fn signed(&self, key: &Credentials, port: u16) -> Vec<u8> {
        self.sent_as(self.body, key, port)
    }

    /// Writes it with a signature for its own body, and another body.
    pub(crate) fn sent_as(&self, body: &[u8], key: &Credentials, port: u16) -> Vec<u8> {
        let token = Some(key.session_token.clone()).filter(|token| !token.is_empty());
        let (id, secret) = (&key.access_key_id, &key.secret_access_key);
        let identity = SigningKey::new(id, secret, token, None, "test").into();
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let millis = u64::try_from(today().millis()).unwrap();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name(self.service)
            .time(UNIX_EPOCH + Duration::from_millis(millis))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let uri = format!("http://127.0.0.1:{port}{}", self.path);
        let body_signed = SignableBody::Bytes(self.body);
        let signable =
            SignableRequest::new(self.method, &uri, self.headers.iter().copied(), body_signed);
        let (instructions, _) = sign(signable.unwrap(), &parameters).unwrap().into_parts();
        let mut text =
            format!("{} {} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n", self.method, self.path);
        let added = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let own =
            self.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        for (name, value) in own.chain(added) {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        write!(text, "content-length: {}\r\n\r\n", body.len()).unwrap();
        [text.as_bytes(), body].concat()
    }
}

/// A signed request of the API's, on the JSON wire.
pub(crate) fn call(operation: &str, body: &str, key: &Credentials, port: u16) -> Vec<u8> {
    let target = format!("CodePipeline_20150709.{operation}");
    let headers =
        [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
    let request = Request {
        method: "POST",
        path: "/",
        headers: &headers,
        body: body.as_bytes(),
        service: "codepipeline",
    };
    request.signed(key, port)
}
