//! It goes on, goes back, or stands still.

use super::approval::{first_line, said};
use super::surroundings::name_of;
use super::{Command, Paragraph, Story, headline, where_of};
use crate::Notice;
use crate::moment::length;
use crate::text::Text;

/// Somebody lets it go on after a failure or a stop.
pub(super) fn resumed(notice: &Notice) -> Story {
    let who = notice.facts.resumed_by.as_deref().map(name_of).filter(|name| !name.is_empty());
    let text = match &who {
        Some(who) => Text::default().name(who).say(" let it go on."),
        None => Text::new("It goes on where it failed or was stopped."),
    };
    Story {
        mark: ":arrows_counterclockwise:",
        headline: headline(notice, &format!(" runs again, attempt {}", notice.event.attempt), None),
        state: format!("runs again, attempt {}", notice.event.attempt),
        gist: None,
        paragraphs: vec![Paragraph::new("By whom", text)],
        steps: vec![
            Command::new("watch", notice).execution(notice).step("Follow it"),
            Command::new("show", notice).step("See where everything stands"),
            Command::new("stop", notice).execution(notice).step("Stop it"),
        ],
    }
}

/// An older version is on its way back.
pub(super) fn rollback_started(notice: &Notice) -> Story {
    let text =
        "What is in place now gives way to an earlier version, which goes through the stage again.";
    Story {
        mark: ":rewind:",
        headline: headline(notice, " goes back to an earlier version", None),
        state: "ROLLBACK started".to_owned(),
        gist: None,
        paragraphs: vec![Paragraph::new("What that means", Text::new(text))],
        steps: vec![
            Command::new("watch", notice).execution(notice).step("Follow it"),
            Command::new("show", notice).step("See where everything stands"),
            Command::new("stop", notice).execution(notice).step("Stop it"),
        ],
    }
}

/// It stands still for longer than it should.
pub(super) fn stuck(notice: &Notice) -> Story {
    let place = where_of(&notice.place());
    let still = notice.facts.still.as_ref();
    let lasts = still.map(|still| length(notice.event.at.millis_since(still.since)));
    let usual = still.and_then(|still| still.usual_millis).map(length);
    let is_running = still.is_some_and(|still| still.action.is_some());
    let verb = if is_running { "has been running" } else { "has been waiting" };
    let text = match (&lasts, &usual) {
        (Some(lasts), Some(usual)) => format!("It {verb} for {lasts}; as a rule it takes {usual}."),
        (Some(lasts), None) => format!("It {verb} for {lasts}."),
        (None, _) => "It takes longer than it should.".to_owned(),
    };
    let place = place.unwrap_or_default();
    let did = if is_running { " does not get on in" } else { " waits too long before" };
    let stop = Command::new("stop", notice).flag("--abandon").execution(notice);
    let mut steps = vec![Command::new("why", notice).step("See what it waits for")];
    if is_running {
        let logs = Command::new("logs", notice).argument(&place).execution(notice).flag("-f");
        steps.push(logs.step("Watch what it prints"));
    } else {
        steps.push(Command::new("show", notice).step("See who holds the stage"));
    }
    steps.push(stop.step("Give it up"));
    Story {
        mark: ":snail:",
        headline: headline(notice, did, Some(&place)),
        state: format!("STUCK in {place}"),
        gist: lasts.map(|lasts| format!("for {lasts}")),
        paragraphs: vec![Paragraph::new("How long", Text::new(text))],
        steps,
    }
}

/// Nobody enters a stage any more.
pub(super) fn stage_closed(notice: &Notice) -> Story {
    let stage = notice.place().stage.unwrap_or_default();
    let door = notice.facts.door.clone().unwrap_or_default();
    let mut paragraphs: Vec<_> = said("Reason", door.reason.as_deref()).into_iter().collect();
    if let Some(by) = door.by.as_deref().map(name_of).filter(|by| !by.is_empty()) {
        paragraphs.push(Paragraph::new("By whom", Text::default().name(&by).say(".")));
    }
    let text = "Executions wait before this stage until it is opened; after 30 days they do not enter any more.";
    paragraphs.push(Paragraph::new("What that means", Text::new(text)));
    Story {
        mark: ":construction:",
        headline: Text::new("Nobody enters ")
            .name(&stage)
            .say(" of ")
            .quote(&notice.event.pipeline, 100)
            .say(" any more"),
        state: format!("{stage} is closed"),
        gist: door.reason.as_deref().and_then(first_line),
        paragraphs,
        steps: vec![
            Command::new("resume", notice).argument(&stage).step("Open it again"),
            Command::new("why", notice).step("See who waits for it"),
            Command::new("show", notice).step("See where everything stands"),
        ],
    }
}

/// A stage may be entered again.
pub(super) fn stage_opened(notice: &Notice) -> Story {
    let stage = notice.place().stage.unwrap_or_default();
    let door = notice.facts.door.clone().unwrap_or_default();
    let by = door.by.as_deref().map(name_of).filter(|by| !by.is_empty());
    let text = match &by {
        Some(by) => Text::default().name(by).say(". Who waits before it enters now."),
        None => Text::new("Who waits before it enters now."),
    };
    Story {
        mark: ":unlock:",
        headline: Text::default()
            .name(&stage)
            .say(" of ")
            .quote(&notice.event.pipeline, 100)
            .say(" is open again"),
        state: format!("{stage} is open again"),
        gist: None,
        paragraphs: vec![Paragraph::new("By whom", text)],
        steps: vec![
            Command::new("show", notice).step("See where everything stands"),
            Command::new("watch", notice).step("Follow the newest execution"),
            Command::new("pause", notice)
                .argument(&stage)
                .flag("--reason WHY")
                .step("Close it again"),
        ],
    }
}
