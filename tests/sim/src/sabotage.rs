//! The protections that the simulator breaks on purpose, to prove that it would notice.
//!
//! Each is broken from outside, where the program meets the world: a table that forgets conditions, a
//! bus that swallows hints, a provider that forgets what it started. So no switch stands in the
//! program itself. (The engine's own conditions have theirs: `engine::Protection`.)

/// One promise that the world breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sabotage {
    /// The append is not guarded: a record replaces another one of its number.
    UnguardedAppend,
    /// A record of our own, found after a lost answer, looks like somebody else's.
    OwnRecordUnknown,
    /// Every attempt to append has the same number, so another's record looks like our own.
    TurnsUnnumbered,
    /// Executions run by the newest declaration instead of the one they are pinned to.
    PlansUnpinned,
    /// Loads are eventually consistent.
    StaleLoads,
    /// A turn that finds everything done already hints at nothing.
    UnchangedIsSilent,
    /// Hints that could not be followed are not delivered again.
    NoRedelivery,
    /// Nobody sweeps.
    NoSweep,
    /// A provider that never heard of a job says that it runs.
    UnknownLooksRunning,
    /// A provider starts a job again under the same id.
    StartedAgain,
    /// No provider is ever told to stop.
    NoCancel,
    /// The look back for an earlier start finds nothing.
    NoLookBack,
    /// A token can be claimed twice.
    TokenUnclaimed,
    /// An execution is not watched when it starts.
    NotWatched,
    /// How an execution ended is not written down.
    SummaryForgotten,
    /// The publisher remembers how far it came before it published.
    CursorFirst,
    /// The publisher puts events out in another order.
    EventsShuffled,
}

impl Sabotage {
    /// Every protection that is broken from outside.
    pub const ALL: &'static [Self] = &[
        Self::UnguardedAppend,
        Self::OwnRecordUnknown,
        Self::TurnsUnnumbered,
        Self::PlansUnpinned,
        Self::StaleLoads,
        Self::UnchangedIsSilent,
        Self::NoRedelivery,
        Self::NoSweep,
        Self::UnknownLooksRunning,
        Self::StartedAgain,
        Self::NoCancel,
        Self::NoLookBack,
        Self::TokenUnclaimed,
        Self::NotWatched,
        Self::SummaryForgotten,
        Self::CursorFirst,
        Self::EventsShuffled,
    ];
}
