//! Something to tell.

use crate::event::Event;
use crate::facts::Facts;
use crate::meaning::{self, Meaning, Place};
use crate::message::Message;

/// Something to tell: an event that means something, and what is known around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What the bus brought.
    pub event: Event,
    /// What was found around it.
    pub facts: Facts,
    /// What it means.
    pub meaning: Meaning,
}

impl Notice {
    /// Makes a notice of an event, if there is anything to tell.
    pub fn new(event: Event, facts: Facts) -> Option<Self> {
        let meaning = meaning::meaning(&event, &facts)?;
        Some(Self { event, facts, meaning })
    }

    /// Returns the key under which it is remembered that this was told, within its execution.
    pub fn key(&self) -> String {
        meaning::key(&self.event, &self.facts, self.meaning)
    }

    /// Returns what tells it from everything else that is ever told.
    pub fn identity(&self) -> (String, String) {
        let about = match self.event.execution {
            Some(id) => id.to_string(),
            None => self.event.pipeline.clone(),
        };
        (about, self.key())
    }

    /// Returns where it happened.
    pub fn place(&self) -> Place {
        meaning::place(&self.event, &self.facts)
    }

    /// Puts it into words.
    pub fn message(&self) -> Message {
        Message::of(self)
    }
}
