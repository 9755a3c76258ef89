//! One input, one file: the changes that were asked for. What follows from them is `settle`'s.

mod approve;
mod begin;
mod close;
mod define;
mod delete;
mod report;
mod retry;
mod start;
mod stop;
mod tick;
mod transition;

use crate::input::Input;
use crate::rejection::Rejection;
use crate::working::Working;

/// Makes the changes that `input` asks for.
pub(crate) fn take(working: &mut Working, input: &Input) -> Result<(), Rejection> {
    match input {
        Input::Define { pipeline, secret, by, expects } => {
            define::expect(working, *expects)?;
            define::take(working, pipeline, *secret, by)
        }
        Input::Delete { by } => delete::take(working, by),
        Input::Start(start) => start::take(working, start),
        Input::Begin(begin) => begin::take(working, begin),
        Input::Report { run, outcome } => report::take(working, run, outcome),
        Input::Approve(approve) => approve::take(working, approve),
        Input::Disable { stage, reason, by } => transition::disable(working, stage, reason, by),
        Input::Enable { stage, by } => transition::enable(working, stage, by),
        Input::Stop { execution, abandon, reason, by: _ } => {
            stop::take(working, *execution, *abandon, reason.as_deref())
        }
        Input::Retry { execution, stage, mode, by } => {
            retry::take(working, *execution, stage, *mode, by)
        }
        Input::Tick => {
            tick::take(working);
            Ok(())
        }
        Input::Relay { disabled } => transition::relay(working, disabled),
        Input::Withdraw { by } => delete::withdraw(working, by),
        Input::Close { execution, attempt } => close::take(working, *execution, *attempt),
        Input::Reopen { execution, attempt } => close::reopen(working, *execution, *attempt),
    }
}
