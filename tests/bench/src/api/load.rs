//! Requests in flight, and how long each took.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::api::connection::Connection;

/// What is sent, and how much of it.
#[derive(Debug)]
pub struct Load<'a> {
    /// To whom.
    pub address: SocketAddr,
    /// What; taken in turn, and from the beginning again unless `is_once`.
    pub requests: &'a [Vec<u8>],
    /// Whether each is sent once.
    pub is_once: bool,
    /// On how many connections at once.
    pub connections: usize,
    /// No request is sent after this much time.
    pub time: Duration,
    /// Nor after this many.
    pub count_max: usize,
}

/// What it came to.
#[derive(Clone, Debug)]
pub struct Taken {
    /// How long each request took, shortest first.
    pub durations: Vec<Duration>,
    /// How long it took in all.
    pub wall: Duration,
}

impl Taken {
    /// Returns how many were answered a second.
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are small")]
    pub fn per_second(&self) -> f64 {
        self.durations.len() as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    /// Returns the duration that this share of a hundred stayed below.
    pub fn percentile(&self, hundredths: usize) -> Duration {
        let last = self.durations.len().saturating_sub(1);
        self.durations.get(last * hundredths / 100).copied().unwrap_or_default()
    }
}

/// Sends the load. Every answer must be a success.
pub fn drive(load: &Load<'_>) -> Result<Taken> {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    let parts = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..load.connections).map(|_| scope.spawn(|| work(load, &next, begun))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("a worker returns its errors"))
            .collect::<Result<Vec<_>>>()
    })?;
    let wall = begun.elapsed();
    let mut durations: Vec<_> = parts.into_iter().flatten().collect();
    durations.sort_unstable();
    Ok(Taken { durations, wall })
}

fn work(load: &Load<'_>, next: &AtomicUsize, begun: Instant) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(load.address)?;
    let mut durations = Vec::new();
    let count_max =
        if load.is_once { load.count_max.min(load.requests.len()) } else { load.count_max };
    while begun.elapsed() < load.time {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count_max {
            break;
        }
        let request = &load.requests[number % load.requests.len()];
        let sent = Instant::now();
        let (status, body) = connection.send(request)?;
        durations.push(sent.elapsed());
        ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(durations)
}
