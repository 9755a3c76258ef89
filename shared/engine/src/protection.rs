//! What keeps the engine's promises, by name, so that tests can prove that each is needed.
//!
//! A protection is one condition in the code that a law of ours rests on. In production
//! [`Protection::requires`] is the condition itself, and the compiler removes the rest. With the
//! feature `sabotage`, which only tests turn on, a test may throw a switch for the current thread
//! (`Sabotage`); the condition is then not looked at, and some check has to fail.
//!
//! To add one: name it here, in [`Protection`] and in [`Protection::ALL`], and ask for it where the
//! condition stands. The test that goes through `ALL` names what nothing catches.

#[cfg(feature = "sabotage")]
mod sabotage;

#[cfg(feature = "sabotage")]
pub use sabotage::Sabotage;

/// One condition that a law rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    /// Nobody enters a stage while another is inside (R11, S1).
    OneOccupant,
    /// Nobody enters through a disabled transition (R38, S11).
    DisabledHolds,
    /// An older execution yields where a newer one entered or waits (R21, S7).
    OlderYields,
    /// A newer execution replaces the one that waits, so that at most one does (R18).
    OneWaits,
    /// Whoever waits longest enters first (R23, S8).
    FirstInLine,
    /// A stage fails only when its last running action has ended (R15, R31).
    SiblingsEndFirst,
    /// An execution that is to end early asks for no further action (R43, R84, S14).
    EndingRequestsNothing,
    /// A group of actions starts when every lower one has succeeded (R31, S10).
    GroupsInOrder,
    /// At most five actions of a PARALLEL execution run at once (R27).
    FiveAtOnce,
    /// A report counts for the attempt that it names and for no other (R35, S16).
    AttemptFence,
    /// A report counts while its action is in progress: the first one wins (R35, S17).
    FirstReportWins,
    /// An approval is answered by whoever holds its token (R81, S18).
    TokenMatches,
    /// Only the execution that entered a stage last is retried there (R22, R52).
    LatestOnly,
    /// What failed under an older declaration is not retried (R52, R88, S24).
    SameDeclaration,
    /// One id starts one execution (R5, S20).
    StartedOnce,
    /// At most 50 executions of a QUEUED or PARALLEL pipeline are unfinished (R9).
    Quota,
    /// An update ends the executions that wait (R84).
    UpdateEndsWaiting,
    /// Stopping with abandon gives up what runs (R44, S15).
    AbandonGivesUp,
    /// An action is overdue at its deadline and not before (R33, R82, L7).
    NotBeforeDeadline,
    /// Whoever waited before a way that was disabled for more than 30 days does not enter (R40).
    ThirtyDays,
    /// A closing of an earlier attempt does not close a later one (R51, S28).
    CloseFence,
    /// A reopening is heard once (S28).
    ReopenFence,
    /// The log's moments never go back, whatever the clocks say (F13).
    TimeGoesForward,
}

impl Protection {
    /// Every protection.
    pub const ALL: &'static [Self] = &[
        Self::OneOccupant,
        Self::DisabledHolds,
        Self::OlderYields,
        Self::OneWaits,
        Self::FirstInLine,
        Self::SiblingsEndFirst,
        Self::EndingRequestsNothing,
        Self::GroupsInOrder,
        Self::FiveAtOnce,
        Self::AttemptFence,
        Self::FirstReportWins,
        Self::TokenMatches,
        Self::LatestOnly,
        Self::SameDeclaration,
        Self::StartedOnce,
        Self::Quota,
        Self::UpdateEndsWaiting,
        Self::AbandonGivesUp,
        Self::NotBeforeDeadline,
        Self::ThirtyDays,
        Self::CloseFence,
        Self::ReopenFence,
        Self::TimeGoesForward,
    ];

    /// Returns the condition, which this protection requires.
    #[inline]
    pub fn requires(self, condition: bool) -> bool {
        condition || !self.holds()
    }

    /// Whether the protection is in force. It always is, but for the tests that sabotage it.
    #[cfg(not(feature = "sabotage"))]
    #[inline]
    pub const fn holds(self) -> bool {
        true
    }

    /// Whether the protection is in force: unless this thread sabotages it.
    #[cfg(feature = "sabotage")]
    pub fn holds(self) -> bool {
        !sabotage::is_thrown(self)
    }
}
