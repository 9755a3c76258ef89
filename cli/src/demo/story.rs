//! What happens in the demo, and in which order.
//!
//! The story follows the state, never the time: a commit is pushed once the execution before it
//! stands where the story wants it.

use engine::state::Place;
use model::status::ExecutionStatus;

use crate::demo::example::Repository;
use crate::ending::Ending;
use crate::run::session::{Session, Until, ending_of};

/// The stage before whose door the executions meet.
const DOOR: &str = "Approve";

/// How far the story is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chapter {
    /// The first change is on its way to the approval.
    FirstTravels,
    /// The first waits for approval; the second is on its way.
    SecondTravels,
    /// The second waits behind the first; the third is on its way.
    ThirdTravels,
    /// The third replaced the second; the approvals are given.
    Approvals,
}

/// The demo's story.
pub(crate) struct Story {
    repository: Repository,
    chapter: Chapter,
    /// The numbers of the three executions, as they appear.
    first: Option<u64>,
}

impl Story {
    pub(crate) fn new(repository: Repository) -> Self {
        Self { repository, chapter: Chapter::FirstTravels, first: None }
    }

    /// Tells the story to its end, and says how the last execution went.
    pub(crate) async fn tell(mut self, session: &mut Session) -> Ending {
        session.hold_approvals(true);
        loop {
            // Until its approvals are due the story goes on; then somebody must be there to give them.
            let until = match self.chapter {
                Chapter::FirstTravels | Chapter::SecondTravels | Chapter::ThirdTravels => {
                    Until::Interrupted
                }
                Chapter::Approvals => Until::Ended,
            };
            if let Some(ending) = session.step(until).await {
                return ending;
            }
            if let Err(message) = self.turn_page(session) {
                return Ending::Failed(Some(message));
            }
            if let Some(ending) = self.ending(session) {
                return ending;
            }
        }
    }

    fn turn_page(&mut self, session: &mut Session) -> Result<(), String> {
        if self.first.is_none() {
            self.first = session.shown().map(|execution| execution.number).max();
        }
        let Some(first) = self.first else { return Ok(()) };
        match self.chapter {
            Chapter::FirstTravels if is_at(session, first, Place::Inside) => {
                session
                    .view
                    .say("#1 waits for approval and holds the stage. A second commit is pushed.");
                self.repository.push(
                    "pages/index.html",
                    "Boats are asked to close the gates behind them.",
                    "Ask for closed gates",
                )?;
                self.chapter = Chapter::SecondTravels;
            }
            Chapter::SecondTravels if is_at(session, first + 1, Place::Waiting) => {
                session
                    .view
                    .say("#2 waits behind #1: one execution in a stage. A third commit is pushed.");
                self.repository.push(
                    "pages/locks.html",
                    "Going up takes as long as going down.",
                    "Say how long a lock takes",
                )?;
                self.chapter = Chapter::ThirdTravels;
            }
            Chapter::ThirdTravels if is_at(session, first + 2, Place::Waiting) => {
                session
                    .view
                    .say("#3 replaced #2 at the door: the older of two that wait gives way.");
                session.hold_approvals(false);
                self.chapter = Chapter::Approvals;
            }
            Chapter::FirstTravels
            | Chapter::SecondTravels
            | Chapter::ThirdTravels
            | Chapter::Approvals => {}
        }
        Ok(())
    }

    /// The story ends when its last execution has, or when one fails on the way.
    fn ending(&self, session: &Session) -> Option<Ending> {
        let first = self.first?;
        let failed = (first..first + 3)
            .filter_map(|number| session.ended(number))
            .find(|status| *status == ExecutionStatus::Failed);
        let last = session.ended(first + 2);
        failed.or(last).map(ending_of)
    }
}

/// Whether an execution stands inside of, or before, the stage of the story.
fn is_at(session: &Session, number: u64, place: Place) -> bool {
    session.shown().any(|execution| {
        let stage = session.pipeline.stages.get(execution.stage);
        execution.number == number
            && execution.place == place
            && stage.is_some_and(|stage| stage.name.as_str() == DOOR)
    })
}
