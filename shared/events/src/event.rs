//! One event, and the line that it is written as.

use std::fmt::Write as _;

use engine::change::Level;
use model::ids::ExecutionId;
use model::time::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::detail::Detail;

/// The namespace under which the ids of events are derived.
const EVENTS: Uuid = Uuid::from_u128(0x0d1f_7f3c_52a6_5b0e_8c6d_2f47_9be0_61d4);

/// A state-change event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Whose event it is.
    pub execution: ExecutionId,
    /// The execution's number in its pipeline, for people.
    pub number: u64,
    /// The event's number among those of its execution: from 1, without gaps, in the order of
    /// contract §4.5. With the execution's id it is the event's identity.
    pub sequence: u32,
    /// When it became true.
    pub at: Timestamp,
    /// See [`crate::Origin::source`].
    pub source: String,
    /// See [`crate::Origin::account`].
    pub account: String,
    /// See [`crate::Origin::region`].
    pub region: String,
    /// The ARN of the pipeline.
    pub resources: Vec<String>,
    /// What happened.
    pub detail: Detail,
}

/// Our own numbering, in the member `towpath` of the event's line.
///
/// AWS's events carry no number, and nothing may be added to their `detail`, which consumers may
/// check against AWS's schema (E5). A new member of the envelope disturbs nobody: rules match only the
/// members they name, and readers of envelopes ignore what they do not know. So the number that lets
/// a consumer order, de-duplicate and miss nothing stands there. A bus that lays the envelope out itself
/// leaves no room for it; [`Event::marked_detail_json`] is for those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Marks {
    /// [`Event::sequence`].
    pub sequence: u32,
    /// [`Event::number`].
    pub number: u64,
}

/// A detail with our own numbering inside, under the one key that the contract leaves to us (E5).
#[derive(Serialize)]
struct Marked<'a> {
    #[serde(flatten)]
    detail: &'a Detail,
    #[serde(rename = "x-oss")]
    marks: DetailMarks,
}

/// What stands there: the numbering, and the id that the bus replaces by one of its own.
#[derive(Serialize)]
struct DetailMarks {
    sequence: u32,
    number: u64,
    id: String,
}

/// The envelope of contract §4.1, in AWS's order.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Envelope<'a> {
    version: &'static str,
    id: String,
    detail_type: &'static str,
    source: &'a str,
    account: &'a str,
    time: String,
    region: &'a str,
    resources: &'a [String],
    detail: &'a Detail,
    towpath: Marks,
}

impl Event {
    /// Returns the event's id: derived, so that an event announced again is the same event (E5).
    pub fn id(&self) -> Uuid {
        Uuid::new_v5(&EVENTS, format!("{}/{}", self.execution, self.sequence).as_bytes())
    }

    /// Returns the level at which it speaks.
    pub fn level(&self) -> Level {
        match self.detail {
            Detail::Pipeline(_) => Level::Pipeline,
            Detail::Stage(_) => Level::Stage,
            Detail::Action(_) => Level::Action,
        }
    }

    /// Returns the `detail-type` that AWS gives events of this level (E1).
    pub fn detail_type(&self) -> &'static str {
        match self.level() {
            Level::Pipeline => "CodePipeline Pipeline Execution State Change",
            Level::Stage => "CodePipeline Stage Execution State Change",
            Level::Action => "CodePipeline Action Execution State Change",
        }
    }

    /// Returns the envelope's `time`: to the second, unlike the times in `detail` (E2).
    pub fn time(&self) -> String {
        let text = self.at.to_string();
        match text.split_once('.') {
            Some((to_the_second, _)) => format!("{to_the_second}Z"),
            None => text,
        }
    }

    /// Returns the `detail` alone, as the `Detail` of an entry of `PutEvents`.
    pub fn detail_json(&self) -> String {
        write(&self.detail)
    }

    /// Returns the `detail` with our numbering under the key `x-oss`, for a bus whose envelope has no room
    /// for it.
    pub fn marked_detail_json(&self) -> String {
        let Self { sequence, number, .. } = *self;
        let marks = DetailMarks { sequence, number, id: self.id().to_string() };
        write(&Marked { detail: &self.detail, marks })
    }

    /// Returns the whole event as one line of JSON, without the line's end and without any control
    /// character, whatever a provider put into its texts.
    pub fn to_json_line(&self) -> String {
        write(&Envelope {
            version: "0",
            id: self.id().to_string(),
            detail_type: self.detail_type(),
            source: &self.source,
            account: &self.account,
            time: self.time(),
            region: &self.region,
            resources: &self.resources,
            detail: &self.detail,
            towpath: Marks { sequence: self.sequence, number: self.number },
        })
    }
}

/// How many bytes a character takes in a line of ours.
pub(crate) fn encoded_bytes(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        _ if breaks_lines(c) => 6,
        _ => c.len_utf8(),
    }
}

/// Whether JSON permits a character inside a text that some readers of lines do not.
fn breaks_lines(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}')
}

fn write(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("an event is plain data with texts as keys");
    if !json.contains(breaks_lines) {
        return json;
    }
    // Such a character can only stand inside a text, where its escape means the same.
    let mut line = String::with_capacity(json.len());
    for c in json.chars() {
        if breaks_lines(c) {
            write!(line, "\\u{:04x}", u32::from(c)).expect("writing to a text cannot fail");
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_no_control_characters_and_reads_back_the_same() {
        let text: String =
            (0..0xa0).chain([0x2028, 0x2029, 0x1f600]).filter_map(char::from_u32).collect();
        let line = write(&text);
        assert!(!line.contains(|c: char| c.is_control() || breaks_lines(c)), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).expect("it is JSON"), text);
        let bytes: usize = text.chars().map(encoded_bytes).sum();
        assert_eq!(line.len(), bytes + 2, "with the two quotes");
    }
}
