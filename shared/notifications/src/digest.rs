//! Much at once, said once.
//!
//! When a thousand executions fail, nobody reads a thousand mails. What one batch brings is gathered: what has
//! the same key is one, and what is about the same pipeline is one message with a line for each. Questions are
//! not gathered, since each has an answer of its own.

use std::collections::BTreeSet;

use crate::meaning::{Meaning, Severity};
use crate::message::Message;
use crate::story::{self, Command, Paragraph, Story};
use crate::text::Text;
use crate::{Notice, mail};

/// How many things are listed in one message.
const LISTED_MAX: usize = 50;

/// What is told together.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The things, in the order in which they happened.
    pub notices: Vec<Notice>,
}

impl Bundle {
    /// Puts it into words.
    pub fn message(&self) -> Message {
        match self.notices.as_slice() {
            [notice] => notice.message(),
            notices => many(notices),
        }
    }
}

/// Sorts what is to be told into messages.
pub fn gather(notices: Vec<Notice>) -> Vec<Bundle> {
    let mut told = BTreeSet::new();
    let mut bundles: Vec<Bundle> = Vec::new();
    for notice in notices {
        if !told.insert(notice.identity()) {
            continue;
        }
        let is_alike = |bundle: &&mut Bundle| {
            let first = &bundle.notices[0];
            first.meaning.may_be_gathered() && first.event.pipeline == notice.event.pipeline
        };
        match bundles.iter_mut().find(is_alike).filter(|_| notice.meaning.may_be_gathered()) {
            Some(bundle) => bundle.notices.push(notice),
            None => bundles.push(Bundle { notices: vec![notice] }),
        }
    }
    for bundle in &mut bundles {
        bundle.notices.sort_by_key(|notice| notice.event.at);
    }
    bundles
}

fn many(notices: &[Notice]) -> Message {
    let event = &notices[0].event;
    let counts = counts(notices);
    let headline = Text::new(format!("{} things happened in ", notices.len()))
        .name(&event.pipeline)
        .say(format!(": {counts}"));
    // The worst first; among equals the latest first.
    let mut order: Vec<_> = notices.iter().collect();
    order.sort_by_key(|notice| {
        (std::cmp::Reverse(notice.meaning.severity()), std::cmp::Reverse(notice.event.at))
    });
    let items = order.iter().take(LISTED_MAX).map(|notice| line(notice)).collect();
    let paragraph = Paragraph {
        items,
        more: notices.len().saturating_sub(LISTED_MAX),
        ..Paragraph::new("What happened, the worst first", Text::default())
    };
    let steps = vec![
        Command::new("show", &notices[0]).step("See where everything stands"),
        Command::new("history", &notices[0]).step("See all executions"),
        Command::new("why", &notices[0]).step("See what waits, and for what"),
    ];
    let worst = notices.iter().map(|notice| notice.meaning.severity()).max();
    let mark = match worst {
        Some(Severity::Error | Severity::ActionNeeded) => ":x:",
        Some(Severity::Warn) => ":warning:",
        Some(Severity::Info) | None => ":information_source:",
    };
    let story = Story { mark, headline, paragraphs: vec![paragraph], steps, ..Story::default() };
    let subject = format!("[{}] {} things happened: {counts}", event.pipeline, notices.len());
    let footer = mail::footer(&event.pipeline, &event.region, &event.account);
    Message::of_many(notices, &story, &subject, &footer)
}

/// Returns one line about one thing.
fn line(notice: &Notice) -> Text {
    let story = story::tell(notice);
    match story.gist {
        Some(gist) => story.headline.say(": ").quote(&gist, 120),
        None => story.headline,
    }
}

/// Returns how many of what: `3 failed, 1 stopped`.
fn counts(notices: &[Notice]) -> String {
    let mut meanings: Vec<Meaning> = notices.iter().map(|notice| notice.meaning).collect();
    meanings.sort_by_key(|meaning| (std::cmp::Reverse(meaning.severity()), *meaning));
    let mut parts: Vec<(Meaning, usize)> = Vec::new();
    for meaning in meanings {
        match parts.last_mut() {
            Some((last, count)) if *last == meaning => *count += 1,
            Some(_) | None => parts.push((meaning, 1)),
        }
    }
    let parts: Vec<_> =
        parts.iter().map(|(meaning, count)| format!("{count} {}", short(*meaning))).collect();
    parts.join(", ")
}

fn short(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Failed => "failed",
        Meaning::Recovered => "work again",
        Meaning::Succeeded => "succeeded",
        Meaning::ApprovalNeeded => "ask for approval",
        Meaning::Approved => "approved",
        Meaning::Rejected => "rejected",
        Meaning::ApprovalExpired => "got no answer",
        Meaning::Stopped => "stopped",
        Meaning::Superseded => "gave way to newer ones",
        Meaning::Cancelled => "cancelled",
        Meaning::Resumed => "run again",
        Meaning::RollbackStarted => "go back",
        Meaning::RolledBack => "went back",
        Meaning::Stuck => "stand still",
        Meaning::StageClosed => "stages closed",
        Meaning::StageOpened => "stages opened",
    }
}
