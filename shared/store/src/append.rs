//! The lock.
//!
//! To commit a decision is to append the next record of its log, and that is one conditional put.
//! The condition in words: *there is no record of this number yet*. Everybody who decided on the
//! same head asks for the same number, so of them all exactly one gets through, and whoever does is
//! the only one whose decision is true. The others decided on a state that is no longer the newest;
//! they are told who won, and look again. So a stage that two of them saw free is entered once.
//!
//! Nothing is held and nothing expires: a process that dies between reading and appending leaves no
//! trace. Numbers have no gaps, because nobody asks for a number without having read the record
//! before it. Records are therefore only ever taken away from a log's old end, and never its newest.

use std::sync::Arc;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use engine::{Decision, Effect, Input};

use crate::error::Error;
use crate::head::Head;
use crate::item::{Item, Reader, size_bytes, value_bytes};
use crate::keys::{LogKey, SK, sequence_of};
use crate::record::Record;
use crate::store::Store;

/// How large a record may be. DynamoDB refuses rows over 400 KB; the difference leaves room for
/// later versions of ours that write a little more into a record.
pub const RECORD_BYTES_MAX: usize = 350 * 1024;

/// What became of a decision.
#[derive(Debug)]
pub enum Commit {
    /// It is durable, and true.
    Applied(Committed),
    /// Somebody else appended first. That is news and not an error: look again.
    Conflict(Winner),
}

/// A decision that is durable. Only [`Store::commit`] can make one, so whoever needs one to act
/// cannot act too early.
#[must_use = "what a decision asks of the world is to be performed once it is durable"]
#[derive(Clone, Debug)]
pub struct Committed {
    before: Arc<Head>,
    head: Arc<Head>,
    record: Arc<Record>,
    effects: Vec<Effect>,
}

/// Who appended the record that we wanted to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Winner {
    /// The record's number.
    pub sequence: u64,
    /// Which attempt to append wrote it.
    pub turn: u64,
    /// What was asked there, in one line.
    pub input: String,
}

impl Committed {
    /// Returns the head that was decided on.
    pub fn before(&self) -> &Arc<Head> {
        &self.before
    }

    /// Returns the head that the decision made.
    pub fn head(&self) -> &Arc<Head> {
        &self.head
    }

    /// Returns the record that was appended.
    pub fn record(&self) -> &Arc<Record> {
        &self.record
    }

    /// Returns what the world must do now, in order.
    pub fn effects(&self) -> Vec<Effect> {
        self.effects.clone()
    }
}

impl Store {
    /// Appends a decision on `head` to its log, if nobody else has appended since.
    ///
    /// `definition` is the declaration that the decision puts in force, as JSON, if it does. `turn`
    /// tells this attempt from every other: it is how we recognise our own record when the answer
    /// to the put was lost and the SDK asked again.
    pub async fn commit(
        &self,
        head: &Arc<Head>,
        input: &Input,
        decision: Decision,
        definition: Option<&str>,
        turn: u64,
    ) -> Result<Commit, Error> {
        assert!(!decision.is_empty(), "a decision that changes nothing is not committed");
        let (record, effects) = record_of(head, input, decision, definition, turn);
        let item = record.to_item(&head.log);
        check_size(&head.log, &item)?;
        let request = self
            .client()
            .put_item()
            .table_name(self.table())
            .set_item(Some(item))
            // The lock: there is no record of this number yet. (A row has its partition key, so
            // "the row has none" says that there is no row.)
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if let Err(error) = request.send().await {
            // What we remember is not the newest any more, or perhaps is not.
            self.lost_sight(&head.log);
            let winner = winner_of(&head.log, error)?;
            if winner.turn != turn {
                return Ok(Commit::Conflict(winner));
            }
            // It is our own: the first answer was lost on its way, the record was not.
        }
        Ok(Commit::Applied(self.applied(head, record, effects)))
    }

    fn applied(&self, before: &Arc<Head>, record: Record, effects: Vec<Effect>) -> Committed {
        let head = Arc::new(record.to_head(&before.log));
        let record = Arc::new(record);
        self.saw(&head);
        self.records_seen().insert((head.log.clone(), record.sequence), record.clone());
        Committed { before: before.clone(), head, record, effects }
    }
}

fn record_of(
    head: &Head,
    input: &Input,
    decision: Decision,
    definition: Option<&str>,
    turn: u64,
) -> (Record, Vec<Effect>) {
    let effects = decision.effects();
    let Decision { at, changes, state } = decision;
    assert_eq!(
        state.sequence,
        head.state.sequence + 1,
        "a decision follows the head it was made on"
    );
    assert_eq!(state.at, at, "a state is as old as its record");
    let record = Record {
        sequence: state.sequence,
        at,
        turn,
        input: input.to_string(),
        changes,
        state,
        definition: definition.map(str::to_owned),
    };
    (record, effects)
}

/// Returns whose record stood in our way, or why the put failed.
fn winner_of<R>(log: &LogKey, error: SdkError<PutItemError, R>) -> Result<Winner, Error>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let found = match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(failed)) => failed.item(),
        Some(_) | None => return Err(Error::request("append to the log", log, error)),
    };
    let Some(item) = found else {
        return Err(Error::request("learn who appended to the log", log, error));
    };
    let reader = Reader::new(item)?;
    let sequence = sequence_of(reader.text(SK)?)
        .ok_or_else(|| reader.unreadable("its sort key does not name a record"))?;
    let (turn, input) = (reader.number("turn")?, reader.text("input")?.to_owned());
    Ok(Winner { sequence, turn, input })
}

/// Refuses a record that the table would refuse, before anything is written.
fn check_size(log: &LogKey, item: &Item) -> Result<(), Error> {
    let bytes = size_bytes(item);
    if bytes <= RECORD_BYTES_MAX {
        return Ok(());
    }
    let size = |name: &str| item.get(name).map_or(0, value_bytes);
    let parts = [
        ("declaration", size("definition")),
        ("outcome that the changes bring", size("changes")),
        ("state of what is in flight", size("state")),
        ("line that says what was asked", size("input")),
    ];
    let (largest, largest_bytes) =
        parts.into_iter().max_by_key(|(_, bytes)| *bytes).expect("there are four parts");
    Err(Error::TooLarge {
        log: log.clone(),
        bytes,
        bytes_max: RECORD_BYTES_MAX,
        largest,
        largest_bytes,
    })
}
