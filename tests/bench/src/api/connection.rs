//! One connection that is kept alive: a request out, an answer in.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// How long an answer may take before the run is called broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Result<Self> {
        Ok(Self { address, stream: BufReader::new(connect(address)?) })
    }

    /// Sends a request and returns the status and the body. A server that closes after its answer is
    /// connected to again, as clients do.
    pub fn send(&mut self, request: &[u8]) -> Result<(u16, Vec<u8>)> {
        self.stream.get_mut().write_all(request).context("the request was not taken")?;
        let mut line = String::new();
        self.stream.read_line(&mut line).context("no answer came")?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let Some(status) = status else { bail!("{line:?} is no answer") };
        let (length, closes) = self.headers()?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).context("the answer was cut")?;
        if closes {
            self.stream = BufReader::new(connect(self.address)?);
        }
        Ok((status, body))
    }

    /// Sends a request that must be answered, and returns the answer.
    pub fn ask(&mut self, request: &[u8]) -> Result<Value> {
        let (status, body) = self.send(request)?;
        ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&body));
        if body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(&body)?) }
    }

    fn headers(&mut self) -> Result<(usize, bool)> {
        let (mut length, mut closes) = (0, false);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let line = line.trim_end();
            if line.is_empty() {
                return Ok((length, closes));
            }
            let (name, value) = line.split_once(':').context("a header without a colon")?;
            match (name.to_ascii_lowercase().as_str(), value.trim()) {
                ("content-length", value) => length = value.parse()?,
                ("connection", value) => closes = value.eq_ignore_ascii_case("close"),
                _ => {}
            }
        }
    }
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).context("nobody listens")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}
