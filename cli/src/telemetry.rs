//! What the command says of itself while it works.

/// Logs go to standard error, errors only unless `TOWPATH_LOG` says otherwise. What the SDK has to
/// say of connections, the verbs say in sentences.
pub(crate) fn start() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TOWPATH_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error,aws_smithy_runtime=off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
