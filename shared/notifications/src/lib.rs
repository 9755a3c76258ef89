//! What people read: one event becomes the words for mail, chat and machine.
//!
//! An [`Event`] is what the bus brought; [`Facts`] are what somebody who can look into the table found around it:
//! who started the execution, what it brings, who waits, what failed and why. [`meaning()`] decides whether there
//! is anything to say at all ([`meaning()`] has the rules), and [`Notice::message`] says it: the cause first, in
//! plain words, with what to type next.
//!
//! - [`mod@meaning`]: what counts, and the key under which it is remembered that it was told.
//! - `story`: what is said, once, whatever the channel. One file for each kind of thing that happens.
//! - `mail`, `chat`, `slack`, `machine`: how each channel lays it out, within its limits.
//! - [`text`], `mrkdwn`: words of others stay words, whatever they hold.
//! - [`digest`]: much at once is said once.
//! - [`message`]: which protocol of a topic gets which text.
//!
//! Everything here is a function of its arguments. The golden files of `tests/golden` show what people read.
//!
//! Deliberately absent: topics, queues, tables, and every clock.
//!
//! Start with [`Notice`], then read a golden file.

pub mod chat;
pub mod digest;
pub mod event;
pub mod facts;
pub mod machine;
pub mod mail;
pub mod meaning;
pub mod message;
mod moment;
mod mrkdwn;
pub mod slack;
mod story;
pub mod subject;
pub mod text;

mod notice;

pub use digest::{Bundle, gather};
pub use event::Event;
pub use facts::Facts;
pub use meaning::{Meaning, Severity, meaning};
pub use message::Message;
pub use notice::Notice;
