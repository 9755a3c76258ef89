//! The publisher: reads a log from where it was left, puts its events out, and then remembers that.

use runtime::App;
use runtime::publish::publish;
use store::LogKey;

use super::task::chain;
use crate::gate::{Answer, Gate, Request};
use crate::sabotage::Sabotage;

/// Publishes a log up to its newest record.
pub(super) async fn publish_log(
    app: &App,
    gate: &Gate,
    log: &LogKey,
    mut reached: u64,
    sabotage: Option<Sabotage>,
) -> Result<(), String> {
    loop {
        let published = publish(app, log, reached).await.map_err(|error| chain(&error))?;
        if published.reached == reached {
            return Ok(());
        }
        reached = published.reached;
        let mut events = published.events;
        if sabotage == Some(Sabotage::EventsShuffled) {
            events.reverse();
        }
        let out = Request::Emit(log.clone(), events);
        let remembered = Request::Advance(log.clone(), reached);
        let order = match sabotage {
            Some(Sabotage::CursorFirst) => [remembered, out],
            Some(_) | None => [out, remembered],
        };
        for request in order {
            let Answer::Done = gate.ask(request).await else {
                return Err("the bus did not take the events".to_owned());
            };
        }
    }
}
