//! One record of a log, and what it looks like at rest.
//!
//! A record is one row: `PK`, `SK`, the schema `v`, when it was decided (`at`), which attempt to
//! append wrote it (`turn`), one line that says what was asked (`input`), and two compact JSON texts
//! that a person can read in a console: `changes` and the `state` after them. A record that puts a
//! declaration in force holds it as well (`definition`), and one of an execution's own log names the
//! `pipeline`.
//!
//! The texts are small because the state is written with every record: ids stand once in a table
//! and are referred to by their place in it, times are counted from the record's own moment, and what
//! has its usual value is left out (`state_text`, `change_text`). A reader passes over members
//! that it does not know, so a later version may add some; anything that an old reader must not
//! pass over raises `v`.

mod change_text;
mod identity;
mod run_text;
mod state_text;

use engine::{Change, State};
use model::time::Timestamp;

use crate::error::Error;
use crate::head::Head;
use crate::item::{Item, Reader, number, row, text};
use crate::keys::{LogKey, SK, log_sort, sequence_of};

/// The attribute that names the pipeline in the log of one execution, whose key names the execution alone.
/// Who hears of the record by the table's stream knows nothing else.
pub(crate) const PIPELINE_NAME: &str = "pipeline";

/// One record of a log. It never changes once it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number, counted from 1.
    pub sequence: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// Which attempt to append wrote it.
    pub turn: u64,
    /// What was asked, in one line.
    pub input: String,
    /// What changed, in order.
    pub changes: Vec<Change>,
    /// What is true afterwards.
    pub state: State,
    /// The declaration that these changes put in force, as JSON.
    pub definition: Option<String>,
}

impl Record {
    /// Returns the head of the log while this is its newest record.
    pub(crate) fn to_head(&self, log: &LogKey) -> Head {
        Head { log: log.clone(), state: self.state.clone() }
    }

    /// Returns the row that this record is kept as.
    pub(crate) fn to_item(&self, log: &LogKey) -> Item {
        let Self { sequence, at, turn, input, changes, state, definition } = self;
        let mut item = row(log.partition(), log_sort(*sequence));
        item.insert("at".to_owned(), number(at.millis()));
        item.insert("turn".to_owned(), number(turn));
        item.insert("input".to_owned(), text(input));
        let (state, subjects) = state_text::render(state);
        item.insert("changes".to_owned(), text(change_text::render(changes, *at, subjects)));
        item.insert("state".to_owned(), text(state));
        if let Some(definition) = definition {
            item.insert("definition".to_owned(), text(definition));
        }
        if let LogKey::Execution(pipeline, _) = log {
            item.insert(PIPELINE_NAME.to_owned(), text(pipeline.as_str()));
        }
        item
    }

    /// Reads a row back.
    pub(crate) fn from_item(item: &Item) -> Result<Self, Error> {
        let reader = Reader::new(item)?;
        let sequence = sequence_of(reader.text(SK)?)
            .ok_or_else(|| reader.unreadable("its sort key does not name a record"))?;
        let at = Timestamp::from_millis(reader.number("at")?);
        let (state, subjects) = state_text::parse(reader.text("state")?, sequence, at)
            .map_err(|reason| reader.unreadable(format!("`state`: {reason}")))?;
        let changes = change_text::parse(reader.text("changes")?, at, subjects)
            .map_err(|reason| reader.unreadable(format!("`changes`: {reason}")))?;
        Ok(Self {
            sequence,
            at,
            turn: reader.number("turn")?,
            input: reader.text("input")?.to_owned(),
            changes,
            state,
            definition: reader.text_if_any("definition")?.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests;
