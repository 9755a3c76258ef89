//! What is to be remembered at the end: how long everything took, and failures last.

use std::path::Path;

use engine::state::RunKey;
use local::supervise::Supervised;

use crate::view::board::Board;
use crate::view::board::history::{Failed, Past};
use crate::view::board::lane::Mark;
use crate::view::lines::sign;
use crate::view::logs::tail;
use crate::view::text::{duration, width};

/// How wide the column of an execution is.
const EXECUTION_COLUMNS: usize = 13;

/// How many executions are shown at most, the newest.
const EXECUTIONS_MAX: usize = 5;

/// Returns how long every action took in each of the last executions.
pub(crate) fn table(board: &Board, columns: usize) -> Vec<String> {
    let places: Vec<_> = board
        .pipeline
        .stages
        .iter()
        .flat_map(|stage| {
            stage.actions.iter().map(|action| (stage.name.clone(), action.name.clone()))
        })
        .collect();
    let labels: Vec<_> = places.iter().map(|(stage, action)| format!("{stage}/{action}")).collect();
    let label_columns = labels.iter().map(|label| width(label)).max().unwrap_or(0) + 2;
    let room = columns.saturating_sub(label_columns) / EXECUTION_COLUMNS;
    let shown = room.clamp(1, EXECUTIONS_MAX);
    let mut pasts: Vec<(u64, &Past)> = board
        .history
        .executions
        .iter()
        .rev()
        .filter(|(_, past)| past.ended.is_some() || !past.took.is_empty())
        .take(EXECUTIONS_MAX)
        .map(|(number, past)| (*number, past))
        .collect();
    pasts.reverse();
    if pasts.is_empty() {
        return Vec::new();
    }
    let ended: Vec<_> = pasts
        .iter()
        .filter_map(|(number, past)| Some((*number, past.ended?)))
        .map(|(number, (word, millis))| format!("#{number} {word} after {}", duration(millis)))
        .collect();
    pasts.drain(..pasts.len().saturating_sub(shown));
    let row = |label: &str, cells: Vec<String>| {
        let mut row = format!("{label}{}", " ".repeat(label_columns - width(label)));
        for cell in cells {
            row.push_str(&cell);
            row.push_str(&" ".repeat(EXECUTION_COLUMNS.saturating_sub(width(&cell))));
        }
        row.trim_end().to_owned()
    };
    let heads = pasts.iter().map(|(number, _)| format!("  #{number}")).collect();
    let mut lines = vec![String::new(), row("", heads)];
    for (place, label) in places.iter().zip(&labels) {
        let cells = pasts.iter().map(|(_, past)| cell(past.took.get(place))).collect();
        lines.push(row(label, cells));
    }
    lines.push(String::new());
    lines.extend(ended);
    lines
}

fn cell(took: Option<&(Mark, i64)>) -> String {
    match took {
        None => "  -".to_owned(),
        Some((mark, millis)) => format!("{} {}", sign(*mark), duration(*millis)),
    }
}

/// Returns what failed, each with the end of its log.
pub(crate) fn failures(failures: &[Failed], runs: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for failed in failures {
        let RunKey { stage, action, .. } = &failed.run;
        lines.push(String::new());
        lines.push(format!("✗ #{} {stage}/{action}: {}", failed.number, failed.message));
        let log = log_of(failed, runs);
        let tail = tail(&log);
        if !tail.is_empty() {
            lines.push(format!("  the end of {}:", log.display()));
            lines.extend(tail.iter().map(|line| format!("  │ {line}")));
        }
    }
    lines
}

/// Returns the log of a failed attempt.
pub(crate) fn log_of(failed: &Failed, runs: &Path) -> std::path::PathBuf {
    Supervised::log_of(runs, &failed.run.id().to_string())
}
