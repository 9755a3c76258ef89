//! The live view's lines: a pure function of the board, the moment and the width.

mod fitting;
mod parallel;
mod stages;

use engine::state::RunKey;
use model::status::ExecutionMode;
use model::time::Timestamp;

use crate::view::board::Board;
use crate::view::board::lane::Mark;
use crate::view::text::{fit, width};

pub(crate) use fitting::fit_height;

/// The narrowest window that is drawn for.
const COLUMNS_MIN: usize = 24;

/// The widest column of names.
const NAME_COLUMNS_MAX: usize = 32;

/// The narrowest column of names.
const NAME_COLUMNS_MIN: usize = 8;

/// How much room a remark needs to be worth showing beside its action.
const REMARK_COLUMNS_MIN: usize = 14;

/// What is known besides the board.
pub(crate) struct Scene<'a> {
    pub(crate) now: Timestamp,
    pub(crate) columns: usize,
    /// Returns the newest line that an attempt printed.
    pub(crate) last_line: &'a dyn Fn(&RunKey) -> String,
}

/// A line: what it says, in which paint, and how much would be lost without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) parts: Vec<(Paint, String)>,
    pub(crate) weight: Weight,
}

/// What a text means, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    Title,
    Plain,
    Faint,
    Waiting,
    Doing(Mark),
}

/// How much would be lost without a line; the lightest go first when the window is too low.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// An action that is over, in a stage that is over.
    Over,
    /// A stage that nobody has reached.
    Ahead,
    /// A stage that is over.
    Passed,
    /// What runs, waits or failed.
    Now,
}

/// Renders the board.
pub(crate) fn lines(board: &Board, scene: &Scene<'_>) -> Vec<Line> {
    let columns = scene.columns.max(COLUMNS_MIN);
    let table = Table::new(board, columns);
    let pipeline = &board.pipeline;
    let rest = format!("  v{}  {}", board.version, pipeline.execution_mode);
    let title = (Paint::Title, pipeline.name.to_string());
    let mut lines = vec![Line::new(Weight::Now, vec![title, (Paint::Faint, rest)])];
    match pipeline.execution_mode {
        ExecutionMode::Parallel => parallel::render(board, scene, &table, &mut lines),
        ExecutionMode::Superseded | ExecutionMode::Queued => {
            stages::render(board, scene, &table, &mut lines);
        }
    }
    // The last column stays free: a terminal may break a line that fills it.
    lines.into_iter().map(|line| line.cut(scene.columns.max(2) - 1)).collect()
}

impl Line {
    pub(crate) fn new(weight: Weight, parts: Vec<(Paint, String)>) -> Self {
        Self { parts, weight }
    }

    /// Returns what it says, without paint.
    pub(crate) fn text(&self) -> String {
        self.parts.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// Cuts it to a number of columns.
    pub(crate) fn cut(self, columns: usize) -> Self {
        let mut left = columns;
        let mut parts = Vec::new();
        for (paint, text) in self.parts {
            if left == 0 {
                break;
            }
            let text = fit(&text, left);
            left = left.saturating_sub(width(&text));
            parts.push((paint, text));
        }
        while let Some((_, last)) = parts.last_mut() {
            last.truncate(last.trim_end().len());
            if !last.is_empty() {
                break;
            }
            parts.pop();
        }
        Self { parts, ..self }
    }
}

/// Where the columns stand.
pub(crate) struct Table {
    columns: usize,
    name: usize,
    number: usize,
}

impl Table {
    fn new(board: &Board, columns: usize) -> Self {
        let stages = board.pipeline.stages.iter();
        let names = stages.flat_map(|stage| {
            let actions = stage.actions.iter().map(|action| 2 + width(action.name.as_str()));
            actions.chain([width(stage.name.as_str())])
        });
        let widest = names.max().unwrap_or(0).min(NAME_COLUMNS_MAX).min(columns * 2 / 5);
        let newest = board.history.executions.keys().next_back().copied().unwrap_or(1);
        let number = format!("#{newest}").len().max(3);
        Self { columns, name: widest.max(NAME_COLUMNS_MIN), number }
    }

    /// Renders sign, name, number and time of a row that is indented by `indent`.
    fn row(&self, indent: usize, mark: Mark, name: &str, number: &str, time: &str) -> Line {
        let name_columns = self.name.saturating_sub(indent);
        let name = pad(&fit(name, name_columns), name_columns);
        let sign = format!("{}{} ", " ".repeat(indent), sign(mark));
        let paint = if mark == Mark::Untouched { Paint::Faint } else { Paint::Plain };
        let number = format!(" {number:<width$}", width = self.number);
        let parts = vec![
            (Paint::Doing(mark), sign),
            (paint, name),
            (Paint::Faint, number),
            (paint, format!(" {time:>11}")),
        ];
        Line::new(weight(mark), parts)
    }

    /// Puts a remark beside a row if there is room for it, or else below it where it matters.
    fn remark(&self, mut row: Line, remark: &str, paint: Paint, matters: bool) -> Vec<Line> {
        if remark.is_empty() {
            return vec![row];
        }
        let used = width(&row.text());
        if used + 2 + REMARK_COLUMNS_MIN.min(width(remark)) < self.columns {
            row.parts.push((paint, format!("  {remark}")));
            return vec![row];
        }
        if !matters {
            return vec![row];
        }
        let weight = row.weight;
        vec![row, Line::new(weight, vec![(paint, format!("      {remark}"))])]
    }
}

pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

fn weight(mark: Mark) -> Weight {
    match mark {
        Mark::Untouched => Weight::Ahead,
        Mark::Running | Mark::Failed => Weight::Now,
        Mark::Succeeded | Mark::Stopped => Weight::Passed,
    }
}

/// Returns the sign of how something is doing.
pub(crate) fn sign(mark: Mark) -> &'static str {
    match mark {
        Mark::Untouched => "○",
        Mark::Running => "●",
        Mark::Succeeded => "✓",
        Mark::Failed => "✗",
        Mark::Stopped => "■",
    }
}
