//! What every function shares: the one loop that changes anything, and what it stands on.
//!
//! [`turn()`] is that loop: load, decide, commit, perform. Everything else here is a short road to it:
//! [`start`] turns a request or a source change into one, [`action`] starts an action that the log
//! asks for, asks its provider how far it is and reports the answer, [`sweep`] looks at everything
//! that might have been forgotten and calls the very same functions, [`changes`], [`webhook`] and
//! [`completions`] follow what buses say, and [`hint`] carries what one handler tells the next. A hint says
//! where to look, never what to conclude: losing one costs time, doubling one costs nothing. [`Errands`]
//! follows hints where they arise, for whoever can.
//!
//! [`jobs`] is the provider of custom and partners' actions, and what their workers call.
//!
//! [`App`] holds what the handlers need: the store, the queue of hints, the providers, and the two
//! things that the engine must not have, a clock and a source of entropy.
//!
//! Deliberately absent: Lambda, processes, files and terminals. The functions and the local mode
//! bring their own homes for hints and providers; the code that runs is the same.
//!
//! Start with [`turn()`].

pub mod action;
pub mod address;
pub mod app;
pub mod approval_link;
pub mod between;
pub mod changes;
pub mod completions;
pub mod conclude;
pub mod define;
pub mod errands;
mod followers;
mod foreseen;
mod given_up;
pub mod hint;
pub mod job;
pub mod jobs;
pub mod lookup;
pub mod perform;
pub mod publish;
mod remembered;
pub mod retry;
pub mod start;
pub mod summary;
pub mod sweep;
pub mod turn;
pub mod webhook;

pub use app::App;
pub use errands::Errands;
pub use hint::Hint;
pub use turn::{Outcome, turn};
