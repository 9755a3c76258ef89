//! A view that stays in place: what runs, what waits, for what and since when.

use std::path::PathBuf;
use std::sync::Arc;

use engine::change::Change;
use engine::state::RunKey;
use model::pipeline::Pipeline;
use model::time::Timestamp;
use store::Record;

use crate::view::board::Board;
use crate::view::board::facts::Question;
use crate::view::board::lane::Mark;
use crate::view::lines::{Line, Paint, Scene, Weight, fit_height, lines};
use crate::view::logs::{LogLine, last_line};
use crate::view::screen::{self, Screen};
use crate::view::text::{fit, safe};

/// How much may be typed as an answer.
const ANSWER_CHARACTERS_MAX: usize = 16;

/// Draws the board over itself.
pub(crate) struct Live {
    pub(crate) board: Board,
    runs: PathBuf,
    screen: Screen,
    question: Option<Question>,
    typed: String,
    now: Timestamp,
    is_finished: bool,
}

impl Live {
    pub(crate) fn new(pipeline: Arc<Pipeline>, runs: PathBuf, is_coloured: bool) -> Self {
        Self {
            board: Board::new(pipeline),
            runs,
            screen: Screen::new(is_coloured),
            question: None,
            typed: String::new(),
            now: Timestamp::default(),
            is_finished: false,
        }
    }

    pub(crate) fn appended(&mut self, record: &Record) {
        self.board.take(record);
        self.now = self.now.max(record.at);
        // Endings stay on the screen; everything else is in the drawing.
        let name = self.board.pipeline.name.clone();
        let endings = record.changes.iter().filter(|change| is_ending(change));
        let endings: Vec<_> = endings.map(|change| change.line(&name).to_string()).collect();
        if !endings.is_empty() {
            self.say(&endings);
        }
    }

    pub(crate) fn refresh(&mut self, now: Timestamp) {
        self.now = now;
        self.draw(&[]);
    }

    pub(crate) fn ask(&mut self, question: Question) {
        self.question = Some(question);
        self.draw(&[]);
    }

    pub(crate) fn answered(&mut self) {
        self.question = None;
        self.typed.clear();
        self.draw(&[]);
    }

    /// Takes what was typed, and returns the answer once it is complete.
    pub(crate) fn typed(&mut self, bytes: &[u8]) -> Option<String> {
        // Arrow keys and the like come as sequences that begin with an escape.
        if self.question.is_none() || bytes.first() == Some(&0x1b) {
            return None;
        }
        let mut answer = None;
        for byte in bytes {
            match byte {
                b'\r' | b'\n' => answer = Some(std::mem::take(&mut self.typed)),
                0x08 | 0x7f => drop(self.typed.pop()),
                // Ctrl-U, as in a shell.
                0x15 => self.typed.clear(),
                graphic if graphic.is_ascii_graphic() => self.typed.push(char::from(*graphic)),
                _ => {}
            }
            self.typed.truncate(ANSWER_CHARACTERS_MAX);
        }
        self.draw(&[]);
        answer
    }

    pub(crate) fn log(&mut self, lines: &[LogLine]) {
        let lines: Vec<_> = lines.iter().map(LogLine::render).collect();
        self.say(&lines);
    }

    pub(crate) fn say(&mut self, lines: &[String]) {
        self.draw(lines);
    }

    /// Leaves the last drawing where it is; what is said from now on stands below it.
    pub(crate) fn finish(&mut self) {
        self.question = None;
        self.draw(&[]);
        self.screen.leave();
        self.is_finished = true;
    }

    /// Gives the terminal back while the process is stopped.
    pub(crate) fn suspend(&mut self) {
        self.screen.leave();
    }

    /// Takes the terminal again.
    pub(crate) fn resume(&mut self) {
        self.screen.enter();
        self.draw(&[]);
    }

    fn draw(&mut self, stay: &[String]) {
        let stay: Vec<_> = stay.iter().map(|line| safe(line)).collect();
        if self.is_finished {
            for line in &stay {
                crate::view::plain::write(line);
            }
            return;
        }
        let (columns, rows) = screen::size();
        let (columns, rows) = (usize::from(columns), usize::from(rows));
        let runs = &self.runs;
        let newest = |run: &RunKey| last_line(runs, run);
        let scene = Scene { now: self.now, columns, last_line: &newest };
        let asked = self.question.as_ref().map(|question| asked(question, columns));
        let (mut below, prompt) = asked.map_or((Vec::new(), None), |(lines, prompt)| {
            (lines, Some(format!("{prompt}{}", self.typed)))
        });
        // One row is for the cursor.
        let room = rows.saturating_sub(1 + below.len()).max(1);
        let mut drawn = fit_height(lines(&self.board, &scene), room);
        drawn.append(&mut below);
        self.screen.draw(&stay, &drawn, prompt.as_deref());
    }
}

/// Renders a question, and the prompt that an answer is typed behind.
pub(crate) fn asked(question: &Question, columns: usize) -> (Vec<Line>, String) {
    let (stage, action) = (&question.run.stage, &question.run.action);
    let mut lines = vec![Line::new(Weight::Now, Vec::new())];
    for about in &question.about {
        let text = fit(&safe(&format!("  {about}")), columns.saturating_sub(1));
        lines.push(Line::new(Weight::Now, vec![(Paint::Doing(Mark::Running), text)]));
    }
    let ask = format!("approve #{} {stage}/{action}?", question.number);
    let hint = " type y or n, then Enter: ";
    let room = columns.saturating_sub(hint.len() + ANSWER_CHARACTERS_MAX + 1);
    (lines, if ask.len() <= room { ask + hint } else { fit(&ask, columns * 2 / 3) + " y/n: " })
}

fn is_ending(change: &Change) -> bool {
    match change {
        Change::Pipeline(_) => false,
        Change::Execution { change, .. } => change.is_end(),
    }
}
