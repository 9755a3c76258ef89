//! What a function says while it works.
//!
//! Where Lambda keeps logs as JSON, each line is one object with `timestamp`, `level`, `message`, what the line
//! is about, and under `span` the `requestId` of the invocation that it belongs to. Elsewhere lines are text.

use std::io::Write;

use tracing::{Level, Subscriber};
use tracing_subscriber::fmt::MakeWriter;

use crate::settings::optional;

/// Writes what is traced as lines that Lambda's log keeps. `TOWPATH_LOG` says how much: `error`, `warn`,
/// `info` (the default), `debug` or `trace`. Lambda passes on no more than `AWS_LAMBDA_LOG_LEVEL` allows, so
/// more is not written either. `AWS_LAMBDA_LOG_FORMAT` says in which form.
///
/// # Panics
///
/// If the log was started before.
pub fn start() {
    let level =
        level(optional("TOWPATH_LOG").as_deref(), optional("AWS_LAMBDA_LOG_LEVEL").as_deref());
    let is_json =
        optional("AWS_LAMBDA_LOG_FORMAT").is_some_and(|it| it.eq_ignore_ascii_case("json"));
    tracing::subscriber::set_global_default(subscriber(level, is_json, std::io::stdout))
        .expect("a function starts its log once");
}

/// Returns the quieter of two levels: what we were told, and what Lambda lets through.
fn level(own: Option<&str>, lambdas: Option<&str>) -> Level {
    let own = own.and_then(|level| level.parse().ok()).unwrap_or(Level::INFO);
    let lambdas = lambdas.and_then(|level| match level {
        "FATAL" => Some(Level::ERROR),
        level => level.parse().ok(),
    });
    lambdas.map_or(own, |lambdas| own.min(lambdas))
}

fn subscriber<W>(level: Level, is_json: bool, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt();
    let lines = lines.with_max_level(level).with_ansi(false).with_writer(writer);
    if is_json {
        Box::new(lines.json().flatten_event(true).with_span_list(false).finish())
    } else {
        // Lambda's log has the time of each line already.
        Box::new(lines.without_time().finish())
    }
}

/// Writes a line of metrics. Lambda's log reads numbers out of it, so it stands alone on its line, as it is.
pub fn measure(line: &str) {
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}") {
        tracing::warn!(%error, "a metric is lost");
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(level: Level, is_json: bool, tell: impl FnOnce()) -> Vec<String> {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = subscriber(level, is_json, move || writer.clone());
        tracing::subscriber::with_default(subscriber, tell);
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn where_lambda_keeps_json_a_line_is_an_object_with_its_time_its_level_and_its_request() {
        let lines = written(Level::INFO, true, || {
            tracing::info_span!("invoke", requestId = "r-1").in_scope(|| {
                tracing::warn!(pipeline = "web", attempts = 3, "a hint is \"lost\"\nfor now");
            });
        });
        assert_eq!(lines.len(), 1, "whatever is said, it is one line: {lines:?}");
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["message"], "a hint is \"lost\"\nfor now");
        assert_eq!((&line["pipeline"], &line["attempts"]), (&"web".into(), &3.into()));
        assert_eq!(line["span"]["requestId"], "r-1");
        let time = line["timestamp"].as_str().unwrap();
        assert!(time.ends_with('Z') && time.as_bytes()[10] == b'T', "{time}");
    }

    #[test]
    fn elsewhere_a_line_is_text_without_a_time() {
        let lines = written(Level::INFO, false, || tracing::info!(pipeline = "web", "a sentence"));
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with(" INFO "), "{lines:?}");
        assert!(lines[0].ends_with("a sentence pipeline=\"web\""), "{lines:?}");
    }

    #[test]
    fn the_quieter_of_the_two_levels_holds() {
        let rows = [
            (None, None, Level::INFO),
            (Some("debug"), None, Level::DEBUG),
            (Some("debug"), Some("TRACE"), Level::DEBUG),
            (Some("debug"), Some("WARN"), Level::WARN),
            (Some("error"), Some("INFO"), Level::ERROR),
            (None, Some("FATAL"), Level::ERROR),
            (Some("loud"), Some("louder"), Level::INFO),
        ];
        for (own, lambdas, expected) in rows {
            assert_eq!(level(own, lambdas), expected, "{own:?} {lambdas:?}");
        }
        let said = || {
            tracing::info!("this");
            tracing::debug!("and not this");
        };
        assert_eq!(written(Level::INFO, true, said).len(), 1);
    }
}
