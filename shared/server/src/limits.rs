//! What is bounded, and by how much.

use std::time::Duration;

/// The bounds of a server. [`Limits::default`] is what is served with; tests choose smaller ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many connections there are at once; more wait until one of them ends.
    pub connections_max: usize,
    /// How long a request's line and headers may be, together.
    pub head_bytes_max: usize,
    /// How many headers a request may have.
    pub headers_max: usize,
    /// How long a request to the API, or a webhook's delivery, may be (the API's own limit).
    pub body_bytes_max: usize,
    /// How long an artifact may be: what S3 takes in one piece.
    pub artifact_bytes_max: u64,
    /// How long a connection may be silent between two requests.
    pub idle: Duration,
    /// How long a request's line and headers may take, from the first byte to the last.
    pub head: Duration,
    /// How long the whole body of a request to the API may take.
    pub body: Duration,
    /// How long the next piece of an artifact may take, either way, and any answer's next piece.
    pub stall: Duration,
    /// How long requests in flight have to be answered when the server stops.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 2_000,
            head_bytes_max: 16 * 1024,
            headers_max: 100,
            body_bytes_max: 1024 * 1024,
            artifact_bytes_max: 5 * 1024 * 1024 * 1024,
            idle: Duration::from_mins(2),
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            grace: Duration::from_secs(10),
        }
    }
}
