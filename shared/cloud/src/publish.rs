//! Tells the bus what the log says, in the log's order.
//!
//! The log's stream is the outbox (D4): each record becomes the same events however often it is told. The
//! stream hands one shard over at a time and goes back to the first record that we name, so what happened
//! first is told first, and nothing is left out by a failure. Some events may be told twice.
//!
//! An envelope of EventBridge's own has no place for the number that lets whoever listens put
//! the events of an execution in order and see that one is missing. So it stands in the detail, under
//! the one key that the contract leaves to us (E5): `"x-oss": {"sequence", "number", "id"}`. It is
//! there unless `TOWPATH_EVENT_MARKS` is `off`. A bus promises neither order nor that nothing is lost, so
//! without the number nobody could tell a gap from silence. Rules match only members that they name, and
//! readers pass over those they do not know; only who checks events strictly against AWS's own
//! schema has to switch the marks off, and then gets AWS's members and no other.

use std::str::FromStr;

use engine::State;
use engine::change::Level;
use engine::state::Scope;
use events::{Event, Origin};
use runtime::App;
use store::{LogKey, Record};

use crate::batch::Unfinished;
use crate::bus::Bus;
use crate::hints::chain;
use crate::settings::{Unfit, optional};
use crate::stream::{Changes, RowChange};

/// Which levels of state changes are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels(Vec<Level>);

impl Levels {
    /// Reads `TOWPATH_LEVELS`: `pipeline`, `stage` and `action`, separated by commas; all of them where it is
    /// not set.
    pub fn read() -> Result<Self, Unfit> {
        optional("TOWPATH_LEVELS").map_or_else(
            || Ok(Self(vec![Level::Pipeline, Level::Stage, Level::Action])),
            |text| text.parse(),
        )
    }
}

impl FromStr for Levels {
    type Err = Unfit;

    fn from_str(text: &str) -> Result<Self, Unfit> {
        let level = |word: &str| match word.trim() {
            "pipeline" => Ok(Level::Pipeline),
            "stage" => Ok(Level::Stage),
            "action" => Ok(Level::Action),
            other => Err(Unfit {
                name: "TOWPATH_LEVELS",
                value: other.to_owned(),
                allowed: "pipeline, stage and action, separated by commas",
            }),
        };
        text.split(',').map(level).collect::<Result<_, _>>().map(Self)
    }
}

/// Reads `TOWPATH_EVENT_MARKS`: whether details carry the event's number.
pub fn has_marks() -> Result<bool, Unfit> {
    match optional("TOWPATH_EVENT_MARKS").as_deref() {
        None | Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(other) => Err(Unfit {
            name: "TOWPATH_EVENT_MARKS",
            value: other.to_owned(),
            allowed: "on or off",
        }),
    }
}

/// A record's events.
struct Told {
    events: Vec<Event>,
    /// The line about executions that wait, if the record changed that.
    waits: Option<String>,
    /// Where in the batch the record stands.
    place: usize,
}

/// Puts the events of a batch onto the bus, and hands the metrics of what is there to `measure`, a line each
/// (R94). Answers at which record the stream is to begin again.
pub async fn publish(
    app: &App,
    bus: &Bus,
    levels: &Levels,
    changes: &Changes,
    measure: impl Fn(&str),
) -> Unfinished {
    let (told, mut failed) = read(app, changes).await;
    let chosen: Vec<(usize, &Event)> = told
        .iter()
        .flat_map(|told| told.events.iter().map(|event| (told.place, event)))
        .filter(|(_, event)| levels.0.contains(&event.level()))
        .collect();
    let events: Vec<&Event> = chosen.iter().map(|(_, event)| *event).collect();
    let put = bus.put(&events).await;
    if let Some((place, event)) = chosen.get(put) {
        tracing::error!(execution = %event.execution, sequence = event.sequence, "told again later");
        failed = Some(*place);
    }
    let is_told = |told: &&Told| failed.is_none_or(|failed| told.place < failed);
    for told in told.iter().filter(is_told) {
        events::metrics(&told.events).iter().chain(&told.waits).for_each(|line| measure(line));
    }
    failed.map_or_else(Unfinished::default, |place| Unfinished::from(&changes.records[place]))
}

/// Makes events of records, up to the first one that cannot be read.
async fn read(app: &App, changes: &Changes) -> (Vec<Told>, Option<usize>) {
    let origin = Origin::new(&app.place.account, &app.place.region);
    let mut told = Vec::new();
    for (place, change) in changes.records.iter().enumerate() {
        match events_of(app, change, &origin).await {
            Ok((events, waits)) => told.push(Told { events, waits, place }),
            Err(error) => {
                let number = &change.dynamodb.sequence_number;
                tracing::error!(number, error = chain(&error), "a record cannot be told");
                return (told, Some(place));
            }
        }
    }
    (told, None)
}

/// Why a record has no events.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("failed to read a record, or what it stands on")]
    Store(#[from] store::Error),
    #[error("record {sequence} of {log} has none before it")]
    NoneBefore { log: LogKey, sequence: u64 },
}

async fn events_of(
    app: &App,
    change: &RowChange,
    origin: &Origin,
) -> Result<(Vec<Event>, Option<String>), Trouble> {
    // A record is written once and never changed, so nothing else brings one into being.
    let image = change.dynamodb.new_image.as_ref().filter(|_| change.event_name == "INSERT");
    let Some(image) = image else { return Ok((Vec::new(), None)) };
    let Some((log, record)) = app.store.record_told(image)? else { return Ok((Vec::new(), None)) };
    let before = state_before(app, &log, &record).await?;
    let events = runtime::publish::events_of(app, &log, &before, &record, origin).await?;
    let states = (&before, &record.state);
    Ok((events, events::waits(log.pipeline(), record.at, states, &record.changes)))
}

/// Returns what was true before a record: what the stream told just now, or else what the table says.
async fn state_before(app: &App, log: &LogKey, record: &Record) -> Result<State, Trouble> {
    let scope = match log {
        LogKey::Pipeline(_) => Scope::Pipeline,
        LogKey::Execution(..) => Scope::Execution,
    };
    let sequence = record.sequence;
    if sequence <= 1 {
        return Ok(State::new(scope));
    }
    let before = app.store.record(log, sequence - 1).await?;
    let before = before.ok_or_else(|| Trouble::NoneBefore { log: log.clone(), sequence })?;
    Ok(before.state.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_words_and_a_wrong_one_is_named_with_the_right_ones() {
        assert_eq!(Levels::from_str("pipeline"), Ok(Levels(vec![Level::Pipeline])));
        assert_eq!(
            Levels::from_str("stage, action"),
            Ok(Levels(vec![Level::Stage, Level::Action]))
        );
        let error = Levels::from_str("pipeline,stages").unwrap_err().to_string();
        assert!(error.contains("TOWPATH_LEVELS") && error.contains("stages"), "{error}");
        assert!(error.contains("pipeline, stage and action"), "{error}");
    }
}
