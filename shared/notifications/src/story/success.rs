//! It worked.

use super::{Command, Paragraph, Story, headline};
use crate::Notice;
use crate::moment::length;
use crate::text::Text;

/// An execution succeeded, as the one before.
pub(super) fn succeeded(notice: &Notice) -> Story {
    Story {
        mark: ":white_check_mark:",
        headline: headline(notice, " succeeded", None),
        state: "succeeded".to_owned(),
        gist: newest(notice),
        paragraphs: Vec::new(),
        steps: look(notice),
    }
}

/// An execution succeeded after failures.
pub(super) fn recovered(notice: &Notice) -> Story {
    let before = notice.facts.before;
    let down = before.succeeded_at.map(|at| length(notice.event.at.millis_since(at)));
    let text = match (before.failed_in_a_row, down) {
        (0, _) => Text::new(format!("Attempt {} succeeded.", notice.event.attempt)),
        (1, Some(down)) => {
            Text::new(format!("The one before failed; the last success was {down} ago."))
        }
        (1, None) => Text::new("The one before failed."),
        (failed, Some(down)) => {
            Text::new(format!("The {failed} before it failed; the last success was {down} ago."))
        }
        (failed, None) => Text::new(format!("The {failed} before it failed.")),
    };
    Story {
        mark: ":large_green_circle:",
        headline: headline(notice, " works again", None),
        state: "works again".to_owned(),
        gist: newest(notice),
        paragraphs: vec![Paragraph::new("After what", text)],
        steps: look(notice),
    }
}

/// An older version is back.
pub(super) fn rolled_back(notice: &Notice) -> Story {
    let text = Text::new(
        "An earlier version runs again. What was newer stays out until it is started anew.",
    );
    Story {
        mark: ":rewind:",
        headline: headline(notice, " went back to an earlier version", None),
        state: "rolled back".to_owned(),
        gist: newest(notice),
        paragraphs: vec![Paragraph::new("Now", text)],
        steps: look(notice),
    }
}

/// Returns the newest change in few words.
fn newest(notice: &Notice) -> Option<String> {
    let newest = notice.facts.changes.revisions.first()?;
    let line = newest.summary.as_deref()?.lines().next()?;
    Some(line.to_owned())
}

fn look(notice: &Notice) -> Vec<super::Step> {
    vec![
        Command::new("show", notice).step("See where everything stands"),
        Command::new("history", notice).step("Compare it with those before"),
        Command::new("logs", notice).execution(notice).step("Read what it printed"),
    ]
}
