//! What a function says while it works.

use std::io::Write;

use tracing::Level;

use crate::settings::optional;

/// Writes what is traced as lines that Lambda's log keeps. `TOWPATH_LOG` says how much: `error`, `warn`,
/// `info` (the default), `debug` or `trace`.
pub fn start() {
    let level = optional("TOWPATH_LOG").and_then(|level| level.parse().ok());
    // Lambda's log has the time of each line already.
    tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(Level::INFO))
        .without_time()
        .with_ansi(false)
        .init();
}

/// Writes a line of metrics. Lambda's log reads numbers out of it, so it stands alone on its line, as it is.
pub fn measure(line: &str) {
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}") {
        tracing::warn!(%error, "a metric is lost");
    }
}
