//! The session's answers to approvals: given at once, asked for, or said to be missing.

use crate::run::approvals::{self, Given, Open};
use crate::run::session::Session;

impl Session {
    /// Returns the approvals that wait for an answer, as far as was shown.
    pub(super) fn waiting(&mut self) -> Vec<Open> {
        let shown = self.shown.iter();
        let mut waiting: Vec<_> = shown
            .flat_map(|(log, record)| approvals::open(log, &record.state, &self.pipeline))
            .collect();
        self.given.retain(|given| waiting.iter().any(|open| open.run == *given));
        waiting.retain(|open| !self.given.contains(&open.run));
        waiting
    }

    /// Approves what waits, or asks whoever sits at the terminal.
    pub(super) async fn approve_or_ask(&mut self) -> Result<(), String> {
        if self.holds_approvals {
            return Ok(());
        }
        let waiting = self.waiting();
        if self.approves_all {
            for open in waiting {
                // Who was faster has answered just as well.
                approvals::answer(&self.controller, &open, true, "--yes").await?;
                self.given.insert(open.run);
            }
            return Ok(());
        }
        if self.asked.as_ref().is_some_and(|asked| !waiting.contains(asked)) {
            self.asked = None;
            self.view.answered();
        }
        if self.asked.is_none() && self.outside.is_answering() {
            self.asked = waiting.into_iter().next();
            if let Some(asked) = &self.asked {
                self.view.ask(asked.number, &asked.run);
            }
        }
        Ok(())
    }

    /// Takes what somebody typed as the answer to what was asked.
    pub(super) async fn answer(&mut self, line: &str) {
        let Some(asked) = self.asked.clone() else { return };
        let is_approved = match line.trim().to_lowercase().as_str() {
            "y" | "yes" => true,
            "n" | "no" => false,
            _ => {
                self.view.ask(asked.number, &asked.run);
                return;
            }
        };
        self.asked = None;
        self.view.answered();
        let answered = approvals::answer(&self.controller, &asked, is_approved, "the terminal");
        match answered.await {
            Ok(Given::Taken) => drop(self.given.insert(asked.run)),
            Ok(Given::Refused(why)) => {
                self.given.insert(asked.run);
                self.view.say(&format!("! the answer does not count: {why}"));
            }
            Err(why) => self.view.say(&format!("! the answer could not be given: {why}")),
        }
    }

    /// Says that an approval waits which nobody here can give, once for each.
    pub(super) fn announce_approval(&mut self) {
        if self.approves_all || self.holds_approvals || self.outside.is_answering() {
            return;
        }
        let first = self.waiting().into_iter().next();
        if first.is_some() && first != self.announced {
            if let Some(open) = &first {
                self.view.say(&awaits(open));
            }
            self.announced = first;
        }
    }
}

/// Says what an approval that nobody can give needs.
pub(super) fn awaits(open: &Open) -> String {
    format!(
        "#{} waits for approval {}/{}; run this on a terminal to answer, or with --yes",
        open.number, open.run.stage, open.run.action
    )
}
