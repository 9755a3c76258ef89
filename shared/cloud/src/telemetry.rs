//! What a function says while it works.

use tracing_subscriber::EnvFilter;

/// Writes what is traced as lines that Lambda's log keeps; `TOWPATH_LOG` chooses how much.
pub fn start() {
    let filter = EnvFilter::try_from_env("TOWPATH_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).without_time().with_ansi(false).init();
}
