//! Draws lines over the lines that were drawn before, in one write, so that nothing flickers.

use std::io::{self, Write};

use crossterm::style::{Color, Stylize};
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use crossterm::{cursor, queue, terminal};

use crate::view::board::lane::Mark;
use crate::view::lines::{Line, Paint};
use crate::view::terminal::Modes;
use crate::view::text::{safe, width};

/// The part of the terminal that is drawn over and over.
pub(crate) struct Screen {
    modes: Option<Modes>,
    is_coloured: bool,
    /// How wide each row of the last drawing is; the cursor stands at the end of the last.
    drawn: Vec<usize>,
    /// What the last drawing was, to leave out one that shows the same.
    last: Vec<u8>,
    size: (u16, u16),
}

impl Screen {
    pub(crate) fn new(is_coloured: bool) -> Self {
        Self {
            modes: Some(Modes::take()),
            is_coloured,
            drawn: Vec::new(),
            last: Vec::new(),
            size: size(),
        }
    }

    /// Writes lines that stay, and draws others below them. With a prompt, that is the last row, and
    /// the cursor is shown at its end.
    pub(crate) fn draw(&mut self, stay: &[String], lines: &[Line], prompt: Option<&str>) {
        let body = self.body(stay, lines, prompt);
        if stay.is_empty() && body == self.last && self.size == size() {
            return;
        }
        let mut frame = Vec::new();
        let above = self.rows_above();
        // Writing to memory does not fail.
        let _ = queue!(frame, BeginSynchronizedUpdate, cursor::Hide, cursor::MoveToColumn(0));
        if above > 0 {
            let _ = queue!(frame, cursor::MoveUp(above));
        }
        frame.extend_from_slice(&body);
        if prompt.is_some() {
            let _ = queue!(frame, cursor::Show);
        }
        let _ = queue!(frame, EndSynchronizedUpdate);
        write(&frame);
        self.drawn = lines.iter().map(|line| width(&line.text())).collect();
        self.drawn.push(prompt.map_or(0, width));
        self.size = size();
        self.last = if stay.is_empty() { body } else { Vec::new() };
    }

    /// Gives the terminal back below the drawing, which stays.
    pub(crate) fn leave(&mut self) {
        if self.drawn.last().is_some_and(|columns| *columns > 0) {
            write(b"\n");
        }
        self.drawn.clear();
        self.last.clear();
        self.modes = None;
    }

    /// Takes the terminal again.
    pub(crate) fn enter(&mut self) {
        self.modes = Some(Modes::take());
    }

    fn body(&self, stay: &[String], lines: &[Line], prompt: Option<&str>) -> Vec<u8> {
        let mut body = Vec::new();
        for text in stay {
            body.extend_from_slice(text.as_bytes());
            let _ = queue!(body, Clear(ClearType::UntilNewLine));
            body.push(b'\n');
        }
        for line in lines {
            for (paint, text) in &line.parts {
                body.extend_from_slice(
                    paint_text(*paint, &safe(text), self.is_coloured).as_bytes(),
                );
            }
            let _ = queue!(body, Clear(ClearType::UntilNewLine));
            body.push(b'\n');
        }
        body.extend_from_slice(prompt.unwrap_or_default().as_bytes());
        let _ = queue!(body, Clear(ClearType::FromCursorDown));
        body
    }

    /// Returns how many rows the last drawing takes above the cursor. In a window that became
    /// narrower, its rows have been broken into several.
    fn rows_above(&self) -> u16 {
        let columns = usize::from(size().0).max(1);
        let Some((last, before)) = self.drawn.split_last() else { return 0 };
        let rows: usize = before.iter().map(|width| width.div_ceil(columns).max(1)).sum();
        u16::try_from(rows + last.saturating_sub(1) / columns).unwrap_or(u16::MAX)
    }
}

/// Returns a line as it is written once, outside of a drawing.
pub(crate) fn painted(line: &Line, is_coloured: bool) -> String {
    line.parts.iter().map(|(paint, text)| paint_text(*paint, &safe(text), is_coloured)).collect()
}

fn paint_text(paint: Paint, text: &str, is_coloured: bool) -> String {
    match colour(paint).filter(|_| is_coloured) {
        Some(colour) => text.with(colour).to_string(),
        None => text.to_owned(),
    }
}

/// Returns how many columns and rows the terminal has.
pub(crate) fn size() -> (u16, u16) {
    match terminal::size() {
        Ok((columns, rows)) if columns > 0 && rows > 0 => (columns, rows),
        Ok(_) | Err(_) => (80, 24),
    }
}

/// Writes to the terminal. Whoever looked may have gone; then there is nobody to tell.
fn write(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(bytes);
    let _ = out.flush();
}

fn colour(paint: Paint) -> Option<Color> {
    match paint {
        Paint::Title => Some(Color::Cyan),
        Paint::Plain => None,
        Paint::Faint | Paint::Doing(Mark::Untouched) => Some(Color::DarkGrey),
        Paint::Waiting | Paint::Doing(Mark::Running) => Some(Color::Yellow),
        Paint::Doing(Mark::Succeeded) => Some(Color::Green),
        Paint::Doing(Mark::Failed) => Some(Color::Red),
        Paint::Doing(Mark::Stopped) => Some(Color::Magenta),
    }
}
