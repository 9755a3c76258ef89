//! The two servers, each in a process of its own that ends with us.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::api::request::Asker;

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub struct Server {
    process: Child,
    /// Who asks it.
    pub asker: Asker,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already is ended as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts `towpath up` over a data directory and waits until it serves.
pub fn towpath(program: &Path, data: &Path) -> Result<Server> {
    let process = Command::new(program)
        .arg("up")
        .arg("--data")
        .arg(data)
        .args(["--port", "0", "--requests-per-second", "1000000"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let file = data.join("server.json");
    let text = until(|| std::fs::read_to_string(&file).ok(), "towpath up")?;
    let told: Value = serde_json::from_str(&text).context("server.json is no JSON")?;
    let member =
        |name: &str| told[name].as_str().with_context(|| format!("no {name} in server.json"));
    let address = member("endpoint")?.trim_start_matches("http://").parse()?;
    let credentials = std::fs::read_to_string(member("credentials")?)?;
    let asker = Asker {
        address,
        access_key: setting(&credentials, "aws_access_key_id")?,
        secret: setting(&credentials, "aws_secret_access_key")?,
    };
    Ok(Server { process, asker })
}

/// Starts `moto_server` and waits until it listens.
pub fn moto(program: &Path) -> Result<Server> {
    // Between our letting go of the port and its taking it, nobody else on this machine asks for one.
    let address: SocketAddr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let process = Command::new(program)
        .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let asker = Asker { address, access_key: "AKIDEXAMPLE".into(), secret: "secret".into() };
    let server = Server { process, asker };
    until(|| TcpStream::connect(address).ok(), "moto_server")?;
    Ok(server)
}

fn until<T>(mut look: impl FnMut() -> Option<T>, who: &str) -> Result<T> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(found) = look() {
            return Ok(found);
        }
        // Whoever listens is found by asking; between two questions the processor is theirs.
        std::thread::park_timeout(Duration::from_millis(20));
    }
    bail!("{who} does not listen after {} s", PATIENCE.as_secs())
}

fn setting(text: &str, key: &str) -> Result<String> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let mut values = lines.filter(|(name, _)| name.trim() == key).map(|(_, value)| value.trim());
    values.next().map(str::to_owned).with_context(|| format!("the credentials hold no {key}"))
}
