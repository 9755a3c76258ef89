//! A person is asked, and answers.

use super::surroundings::name_of;
use super::{Command, Does, Paragraph, SENTENCE_CHARACTERS_MAX, Step, Story, headline, where_of};
use crate::Notice;
use crate::facts::Approval;
use crate::moment::{date, length};
use crate::text::{Text, clean_lines, safe_url};

/// How many lines of a question or a comment are told.
const LINES_MAX: usize = 6;

/// A person is asked.
pub(super) fn needed(notice: &Notice) -> Story {
    let place = where_of(&notice.place()).unwrap_or_default();
    let approval = notice.facts.approval.clone().unwrap_or_default();
    let mut paragraphs = Vec::new();
    paragraphs.extend(said("Question", approval.question.as_deref()));
    if let Some(url) = approval.review_url.as_deref().and_then(safe_url) {
        let link = Some((url, "Open it"));
        paragraphs
            .push(Paragraph { link, ..Paragraph::new("Look at this first", Text::default()) });
    }
    if let Some(expires_at) = approval.expires_at {
        let left = length(expires_at.millis_since(notice.event.at));
        let text =
            format!("{}, {left} from when it was asked. Then it counts as a no.", date(expires_at));
        paragraphs.push(Paragraph::new("Answer until", Text::new(text)));
    }
    let mut steps = Vec::new();
    if let Some(link) = approval.link.as_deref().and_then(safe_url) {
        // Said here, because whoever forwards a mail forwards the right to answer.
        steps.push(Step {
            says: "Answer on a page (who has this link can answer)",
            does: Does::Link(link),
        });
    }
    let answer = |verb| Command::new(verb, notice).argument(&place).execution(notice);
    steps.push(answer("approve").step("Say yes"));
    steps.push(answer("reject").step("Say no"));
    steps.push(Command::new("why", notice).step("See what waits for this answer"));
    Story {
        mark: ":raised_hand:",
        headline: headline(notice, " asks for approval at", Some(&place)),
        state: format!("APPROVAL NEEDED at {place}"),
        gist: approval.question.as_deref().and_then(first_line),
        paragraphs,
        steps,
    }
}

/// A person said yes.
pub(super) fn approved(notice: &Notice) -> Story {
    let place = where_of(&notice.place()).unwrap_or_default();
    let approval = notice.facts.approval.clone().unwrap_or_default();
    let mut paragraphs = vec![Paragraph::new("Answered by", who(&approval))];
    paragraphs.extend(said("Comment", approval.comment.as_deref()));
    Story {
        mark: ":heavy_check_mark:",
        headline: headline(notice, " was approved at", Some(&place)),
        state: format!("approved at {place}"),
        gist: approval.comment.as_deref().and_then(first_line),
        paragraphs,
        steps: vec![
            Command::new("watch", notice).execution(notice).step("Follow it from here"),
            Command::new("show", notice).step("See where everything stands"),
            Command::new("stop", notice).execution(notice).step("Stop it after all"),
        ],
    }
}

/// A person said no.
pub(super) fn rejected(notice: &Notice) -> Story {
    let place = where_of(&notice.place()).unwrap_or_default();
    let approval = notice.facts.approval.clone().unwrap_or_default();
    let mut paragraphs = vec![Paragraph::new("Answered by", who(&approval))];
    paragraphs.extend(said("Comment", approval.comment.as_deref()));
    let text = "Nothing was deployed beyond this point. The stage is free again.";
    paragraphs.push(Paragraph::new("What that means", Text::new(text)));
    Story {
        mark: ":no_entry_sign:",
        headline: headline(notice, " was rejected at", Some(&place)),
        state: format!("REJECTED at {place}"),
        gist: approval.comment.as_deref().and_then(first_line),
        paragraphs,
        steps: again(notice),
    }
}

/// Nobody answered in time.
pub(super) fn expired(notice: &Notice) -> Story {
    let place = where_of(&notice.place()).unwrap_or_default();
    let meaning = "The question counts as answered with no, and the links in its messages are dead. Nothing was \
                   deployed beyond this point.";
    Story {
        mark: ":hourglass:",
        headline: headline(notice, " got no answer at", Some(&place)),
        state: format!("NO ANSWER at {place}"),
        gist: Some("nobody answered in time".to_owned()),
        paragraphs: vec![
            Paragraph::new("Cause", Text::new("Nobody answered in time.")),
            Paragraph::new("What that means", Text::new(meaning)),
        ],
        steps: again(notice),
    }
}

fn again(notice: &Notice) -> Vec<Step> {
    let stage = notice.place().stage;
    let retry = stage.map(|stage| {
        let command = Command::new("retry", notice).argument(&stage).execution(notice);
        command.step("Ask again")
    });
    let mut steps: Vec<_> = retry.into_iter().collect();
    steps.push(Command::new("show", notice).step("See where everything stands"));
    steps.push(Command::new("history", notice).step("See what came before"));
    steps
}

fn who(approval: &Approval) -> Text {
    match approval.by.as_deref().map(name_of).filter(|name| !name.is_empty()) {
        Some(name) => Text::default().name(&name).say("."),
        None => Text::new("somebody whose name is not known."),
    }
}

/// Returns somebody's sentences as a paragraph.
pub(super) fn said(label: &str, text: Option<&str>) -> Option<Paragraph> {
    let mut lines = clean_lines(text?, LINES_MAX, SENTENCE_CHARACTERS_MAX).into_iter();
    let text = Text::default().quote(&lines.next()?, SENTENCE_CHARACTERS_MAX);
    let lines = lines.map(|line| Text::default().quote(&line, SENTENCE_CHARACTERS_MAX)).collect();
    Some(Paragraph { lines, ..Paragraph::new(label, text) })
}

/// Returns the first line of somebody's sentences.
pub(super) fn first_line(text: &str) -> Option<String> {
    clean_lines(text, 1, SENTENCE_CHARACTERS_MAX).into_iter().next()
}
