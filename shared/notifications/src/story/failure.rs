//! Something failed.

use super::{Command, Paragraph, SENTENCE_CHARACTERS_MAX, Story, headline, where_of};
use crate::Notice;
use crate::facts::Failure;
use crate::meaning::Severity;
use crate::moment::length;
use crate::text::{Text, clean_lines, safe_url};

/// How many failures of one execution are told.
const FAILURES_MAX: usize = 5;
/// How many lines of a failure's message are told.
const LINES_MAX: usize = 6;

/// An execution failed.
pub(super) fn failed(notice: &Notice) -> Story {
    debug_assert_eq!(notice.meaning.severity(), Severity::Error, "a failure is one");
    let failures = &notice.facts.failures;
    let place = where_of(&notice.place());
    let before = notice.facts.before.failed_in_a_row;
    let did = if place.is_some() { " failed in" } else { " failed" };
    let headline = headline(notice, did, place.as_deref());
    let headline = match before {
        0 => headline,
        before => headline.say(format!(", {} in a row", nth(before + 1))),
    };
    let state = match &place {
        Some(place) => format!("FAILED in {place}"),
        None => "FAILED".to_owned(),
    };
    let mut paragraphs = causes(failures);
    paragraphs.extend(advice(failures).map(|text| Paragraph::new("What that means", text)));
    paragraphs.extend(trend(notice));
    let stage = notice.place().stage;
    let retry = stage.map(|stage| {
        let command = Command::new("retry", notice).argument(&stage).execution(notice);
        command.step("Run what failed again")
    });
    let logs = Command::new("logs", notice).flag("--failed").execution(notice);
    let mut steps = vec![logs.step("Read what it printed last")];
    steps.extend(retry);
    steps.push(Command::new("show", notice).step("See where everything stands"));
    Story { mark: ":x:", headline, state, gist: failures.last().map(gist), paragraphs, steps }
}

/// Returns the cause in few words: the first line of what was said.
fn gist(failure: &Failure) -> String {
    let lines = clean_lines(&failure.message, 1, SENTENCE_CHARACTERS_MAX);
    lines.into_iter().next().unwrap_or_else(|| failure.code.clone())
}

/// Returns what failed, each with what the provider said.
fn causes(failures: &[Failure]) -> Vec<Paragraph> {
    let is_alone = failures.len() == 1;
    let told = failures.iter().rev().take(FAILURES_MAX).map(|failure| cause(failure, is_alone));
    let mut paragraphs: Vec<_> = told.collect();
    let more = failures.len().saturating_sub(FAILURES_MAX);
    if more > 0 {
        let text = Text::new(format!("{more} more actions of this stage failed as well."));
        paragraphs.push(Paragraph::new("And", text));
    }
    paragraphs
}

fn cause(failure: &Failure, is_alone: bool) -> Paragraph {
    let mut lines = clean_lines(&failure.message, LINES_MAX, SENTENCE_CHARACTERS_MAX).into_iter();
    let text = match failure.provider.as_str() {
        "" => Text::default(),
        provider => Text::default().quote(provider, SENTENCE_CHARACTERS_MAX).say(": "),
    };
    let text = match lines.next() {
        Some(line) => text.quote(&line, SENTENCE_CHARACTERS_MAX),
        None if failure.code.is_empty() => text.say("it gave no reason"),
        None => text.quote(&failure.code, SENTENCE_CHARACTERS_MAX),
    };
    let link = failure.url.as_deref().and_then(safe_url).map(|url| (url, "See it there"));
    let label = if is_alone {
        "Cause".to_owned()
    } else {
        format!("Cause in {}", crate::text::clean(&failure.action))
    };
    let lines = lines.map(|line| Text::default().quote(&line, SENTENCE_CHARACTERS_MAX)).collect();
    Paragraph { lines, link, ..Paragraph::new(label, text) }
}

/// Returns what the kind of failure usually means, and what helps.
fn advice(failures: &[Failure]) -> Option<Text> {
    let failure = failures.last()?;
    if failure.is_overdue {
        return Some(Text::new(
            "The action took longer than it may. Raise timeoutInMinutes if it needs the time; otherwise find \
             out what it waited for.",
        ));
    }
    let text = match failure.code.as_str() {
        "PermissionError" => {
            "The role of the pipeline or of the action may not do this. Allow what the message names, then \
             run it again."
        }
        "ConfigurationError" => {
            "The pipeline asks for something that is not there or not legal. Correct its declaration; \
             running it again alone does not help."
        }
        "RevisionUnavailable" => {
            "The source could not hand over this revision. It may have been removed, or access to it was \
             taken away."
        }
        "RevisionOutOfSync" => {
            "The source moved on meanwhile. The next change starts a new execution."
        }
        "SystemUnavailable" => {
            "The other system could not be reached or lost track of the work. This often passes: run it \
             again."
        }
        _ => return None,
    };
    Some(Text::new(text))
}

/// Returns since when nothing succeeded, where that is some time.
fn trend(notice: &Notice) -> Option<Paragraph> {
    let before = notice.facts.before;
    let succeeded_at = before.succeeded_at.filter(|_| before.failed_in_a_row > 0)?;
    let since = length(notice.event.at.millis_since(succeeded_at));
    Some(Paragraph::new("Last success", Text::new(format!("{since} ago."))))
}

/// Returns an ordinal number.
fn nth(number: u32) -> String {
    match number {
        2 => "for the second time".to_owned(),
        3 => "for the third time".to_owned(),
        number => format!("{number} times"),
    }
}
