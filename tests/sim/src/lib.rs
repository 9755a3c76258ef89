//! The whole controller in simulated worlds full of faults, each of which is one number.
//!
//! The real engine, the real store over the real AWS SDK, and the real handlers run here, in one
//! thread and in virtual time. Whatever they ask of the outside waits at the [`gate`]; a
//! [`simulation`] decides in which order calls are answered and what becomes of each: done, failed,
//! done with the answer lost, done later after all, or the end of the process that made it. People,
//! providers and the queue of hints are simulated too, and behave badly. A seed determines all of it
//! ([`chance`], [`settings`]), so the failing seed is the bug report.
//!
//! Three things are checked. The [`books`] are kept from the committed changes alone and hold every
//! law of a pipeline's life at every step. The outside checks what only it can see: a job that is
//! started twice, for nobody, with another execution's artifacts, or reported otherwise than it
//! ended. And once the world is healed, everything must come to its end, with every event published
//! and nothing left over.
//!
//! That the checks see anything is proven by breaking what keeps the promises ([`sabotage`]), and by
//! counting the interesting states that the seeds reach ([`tally`]). [`crash_points`] leaves nothing
//! to chance: it strikes the demonstration at every single call, and at every two.
//!
//! The one part that stands in for something of ours is the [`table`], because the embedded engine
//! would take too long for 20 000 worlds; it sits the same exam (`tests/table.rs`).
//!
//! Deliberately absent: Lambda, real providers, files and processes. `kill -9` of the real program is
//! a test of its own.
//!
//! Start with [`simulation`], then [`books`].

pub mod books;
pub mod campaign;
pub mod chance;
pub mod crash_points;
pub mod gate;
pub mod pipelines;
pub mod programs;
pub mod report;
pub mod sabotage;
pub mod settings;
pub mod simulation;
pub mod table;
pub mod tally;
pub mod trace;
pub mod transport;
pub mod work;
