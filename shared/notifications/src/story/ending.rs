//! It ended early.

use super::approval::{first_line, said};
use super::surroundings::join;
use super::{Command, Paragraph, SENTENCE_CHARACTERS_MAX, Step, Story, headline, where_of};
use crate::Notice;
use crate::text::{Text, clean, clip};

/// How many actions that were given up are named.
const ABANDONED_MAX: usize = 5;

/// It was stopped.
pub(super) fn stopped(notice: &Notice) -> Story {
    let stop = notice.facts.stop.clone().unwrap_or_default();
    let place = where_of(&notice.place());
    let did = if place.is_some() { " was stopped in" } else { " was stopped" };
    let mut paragraphs: Vec<_> = said("Reason", stop.reason.as_deref()).into_iter().collect();
    if paragraphs.is_empty() {
        paragraphs.push(Paragraph::new("Reason", Text::new("Whoever stopped it gave none.")));
    }
    if stop.was_asking {
        let text = "It was waiting for an approval. The links in its messages are dead.";
        paragraphs.push(Paragraph::new("Approval", Text::new(text)));
    }
    if !stop.abandoned.is_empty() {
        let mut names: Vec<_> = stop.abandoned.iter().take(ABANDONED_MAX).cloned().collect();
        let more = stop.abandoned.len().saturating_sub(ABANDONED_MAX);
        if more > 0 {
            names.push(format!("{more} more"));
        }
        let text = Text::default().quote(&join(&names), SENTENCE_CHARACTERS_MAX).say(
            ". What they began outside may go on or stand half done: look before you run it again.",
        );
        paragraphs.push(Paragraph::new("Given up while running", text));
    }
    let stage = notice.place().stage;
    let mut steps: Vec<Step> = Vec::new();
    steps.extend(stage.map(|stage| {
        let command = Command::new("retry", notice).argument(&stage).execution(notice);
        command.step("Let it go on from this stage")
    }));
    steps.push(Command::new("start", notice).step("Start a new one from the newest revision"));
    steps.push(Command::new("show", notice).step("See where everything stands"));
    Story {
        mark: ":octagonal_sign:",
        headline: headline(notice, did, place.as_deref()),
        state: place.map_or_else(|| "stopped".to_owned(), |place| format!("stopped in {place}")),
        gist: stop.reason.as_deref().and_then(first_line),
        paragraphs,
        steps,
    }
}

/// A newer execution took its place.
pub(super) fn superseded(notice: &Notice) -> Story {
    let (by, stage) = match &notice.facts.superseded {
        Some(newer) => (format!("#{}", newer.number), Some(clip(&clean(&newer.stage), 100))),
        None => ("a newer execution".to_owned(), None),
    };
    let text = match &stage {
        Some(stage) => Text::new("Both waited before ")
            .name(stage)
            .say(format!(", and {by} is newer. Its changes are in {by} as well; nothing is lost.")),
        None => Text::new(format!("{by} took its place. Its changes are in there as well.")),
    };
    Story {
        mark: ":fast_forward:",
        headline: headline(notice, &format!(" gave way to {by}"), None),
        state: format!(
            "gave way to {by}{}",
            stage.map_or_else(String::new, |stage| format!(" before {stage}"))
        ),
        gist: None,
        paragraphs: vec![Paragraph::new("Cause", text)],
        steps: vec![
            Command::new("show", notice).step("See where everything stands"),
            Command::new("why", notice).step("See who waits for what"),
            Command::new("history", notice).step("See what came before"),
        ],
    }
}

/// An update of the pipeline ended it.
pub(super) fn cancelled(notice: &Notice) -> Story {
    let reason = notice.facts.cancelled.as_deref().and_then(first_line);
    let text = match &reason {
        Some(reason) => Text::default().quote(reason, SENTENCE_CHARACTERS_MAX).say("."),
        None => Text::new("The pipeline was changed while it was under way."),
    };
    Story {
        mark: ":heavy_minus_sign:",
        headline: headline(notice, " was cancelled", None),
        state: "cancelled".to_owned(),
        gist: reason,
        paragraphs: vec![Paragraph::new("Cause", text)],
        steps: vec![
            Command::new("start", notice).step("Start a new one by the pipeline as it is now"),
            Command::new("show", notice).step("See where everything stands"),
            Command::new("history", notice).step("See what came before"),
        ],
    }
}
