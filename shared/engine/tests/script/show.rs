//! Prints who is where.

use engine::state::{Inbound, State};

use super::Play;
use crate::moves::execution_id;

impl Play {
    pub(super) fn show(&mut self) {
        let pipeline = self.world.pipeline.clone();
        self.show_state("", &pipeline);
        for (id, admission) in &pipeline.admitted {
            let withdrawn = if admission.is_withdrawn { ", withdrawn" } else { "" };
            let line = format!("  {id} has its own log, attempt {}{withdrawn}", admission.attempt);
            self.line(&line);
        }
        for (id, state) in self.world.executions.clone() {
            if !state.executions.is_empty() {
                self.show_state(&format!("{id}: "), &state);
            }
        }
        for id in (1..=self.known()).map(execution_id) {
            if self.world.live().contains(&id) {
                self.line(&format!("  {id} is not over"));
            }
        }
    }

    fn show_state(&mut self, prefix: &str, state: &State) {
        for (name, slot) in &state.stages {
            let mut words = Vec::new();
            words.extend(slot.occupant.map(|id| format!("{id} inside")));
            words.extend(slot.waiting.iter().map(|id| format!("{id} waits")));
            if let Inbound::Disabled { by, reason, .. } = &slot.inbound {
                words.push(format!("disabled by {by}: {reason}"));
            }
            if slot.occupant.is_none()
                && let Some(latest) = &slot.latest
            {
                words.push(format!("last {} by {}", latest.status, latest.execution));
            }
            let words = if words.is_empty() { "free".to_owned() } else { words.join(", ") };
            self.line(&format!("  {prefix}{name}: {words}"));
        }
    }
}
