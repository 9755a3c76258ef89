//! A drawing of the pipeline that stays in place while an execution is followed.

use crate::client::board;
use crate::client::place::variable;
use crate::client::situation::Situation;
use crate::view::lines::{Weight, fit_height};
use crate::view::screen::{self, Screen};

/// The drawing; what was drawn last stays when it is dropped.
pub(super) struct Live {
    screen: Screen,
    situation: Option<Situation>,
    is_compact: bool,
}

impl Live {
    pub(super) fn new() -> Self {
        let is_coloured = variable("NO_COLOR").is_none();
        Self { screen: Screen::new(is_coloured), situation: None, is_compact: false }
    }

    /// Draws a situation.
    pub(super) fn show(&mut self, situation: Situation, is_compact: bool) {
        self.situation = Some(situation);
        self.is_compact = is_compact;
        self.refresh();
    }

    /// Draws the same situation at a later moment.
    pub(super) fn refresh(&mut self) {
        let Some(situation) = &self.situation else { return };
        let (columns, rows) = screen::size();
        let mut lines = board::lines(situation, local::world::now(), usize::from(columns));
        if self.is_compact {
            lines.retain(|line| line.weight == Weight::Now);
        }
        // One row is for the cursor.
        let lines = fit_height(lines, usize::from(rows).saturating_sub(1).max(1));
        self.screen.draw(&[], &lines, None);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.screen.leave();
    }
}
