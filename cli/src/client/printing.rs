//! Writes answers to standard output: lines for people, in colour on a terminal, and JSON as it is.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use crate::client::place::variable;
use crate::view::lines::Line;
use crate::view::screen;
use crate::view::text::{safe_lines, width};

/// How wide the output is where nobody says.
const COLUMNS: usize = 100;

/// Writes a line. Whoever reads us may have gone; then there is nobody to tell.
pub(crate) fn say(line: &str) {
    raw(&safe_lines(line));
}

/// Writes a value over several lines, as `aws` does.
pub(crate) fn json(value: &Value) {
    // Plain data always has a JSON form.
    raw(&serde_json::to_string_pretty(value).unwrap_or_default());
}

/// Writes a value on one line.
pub(crate) fn json_line(value: &Value) {
    raw(&value.to_string());
}

/// Writes lines with paint where a terminal shows it.
pub(crate) fn lines(lines: &[Line]) {
    let is_coloured = is_terminal() && variable("NO_COLOR").is_none();
    for line in lines {
        raw(&screen::painted(line, is_coloured));
    }
}

/// Whether the output is a terminal that can be drawn on.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal() && variable("TERM").is_none_or(|term| term != "dumb")
}

/// Returns how many columns there are.
pub(crate) fn columns() -> usize {
    if io::stdout().is_terminal() { usize::from(screen::size().0) } else { COLUMNS }
}

fn raw(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Lays rows out in columns, two spaces apart; the last column may be as long as it likes.
pub(crate) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<_> = (0..count)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0)
        })
        .collect();
    let render = |row: &Vec<String>| {
        let mut line = String::new();
        for (cell, columns) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(columns.saturating_sub(width(cell)) + 2));
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(render).collect()
}
