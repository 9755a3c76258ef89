//! A line for each change, for pipes and files: the same line as in logs and tests.

use std::io::{self, Write};
use std::sync::Arc;

use model::pipeline::Pipeline;
use store::Record;

use crate::view::board::Board;
use crate::view::board::facts::Question;
use crate::view::text::safe_lines;

/// Writes plain lines.
pub(crate) struct Plain {
    pub(crate) board: Board,
}

impl Plain {
    pub(crate) fn new(pipeline: Arc<Pipeline>) -> Self {
        Self { board: Board::new(pipeline) }
    }

    pub(crate) fn appended(&mut self, record: &Record) {
        self.board.take(record);
        let name = &self.board.pipeline.name;
        for change in &record.changes {
            write(&change.line(name).to_string());
        }
    }
}

/// Asks somebody for an approval.
pub(crate) fn ask(question: &Question) {
    for about in &question.about {
        write(&format!("  {about}"));
    }
    let (stage, action) = (&question.run.stage, &question.run.action);
    write(&format!("approve #{} {stage}/{action}? type y or n, then Enter", question.number));
}

/// Writes a line. Whoever reads us may have gone; then there is nobody to tell.
pub(crate) fn write(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", safe_lines(line));
    let _ = out.flush();
}
