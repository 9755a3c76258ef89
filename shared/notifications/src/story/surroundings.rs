//! What stands around every event of an execution: what it brings, who waits, what it is.

use model::status::TriggerType;

use super::{Paragraph, SENTENCE_CHARACTERS_MAX};
use crate::Notice;
use crate::facts::{Execution, Revision, Waiting};
use crate::meaning::Meaning;
use crate::moment::{date, length};
use crate::text::{NAME_CHARACTERS_MAX, Text, clean};

/// How many changes are listed.
const REVISIONS_MAX: usize = 10;
/// How many of those who wait are named.
const WAITING_MAX: usize = 5;
/// How much of a commit's message is shown.
const SUMMARY_CHARACTERS_MAX: usize = 120;
/// How many characters of a commit are shown, as Git does.
const COMMIT_CHARACTERS: usize = 7;
/// How many characters of an identifier that is no commit are shown.
const REVISION_CHARACTERS_MAX: usize = 40;

/// Returns what the execution brings that was not there before.
pub(super) fn changes(notice: &Notice) -> Option<Paragraph> {
    let changes = &notice.facts.changes;
    if changes.revisions.is_empty() {
        return None;
    }
    let what = match notice.meaning {
        Meaning::ApprovalNeeded => "What is approved",
        Meaning::RollbackStarted | Meaning::RolledBack => "What runs again",
        Meaning::Failed
        | Meaning::Recovered
        | Meaning::Succeeded
        | Meaning::Approved
        | Meaning::Rejected
        | Meaning::ApprovalExpired
        | Meaning::Stopped
        | Meaning::Superseded
        | Meaning::Cancelled
        | Meaning::Resumed
        | Meaning::Stuck
        | Meaning::StageClosed
        | Meaning::StageOpened => match changes.revisions.len() {
            1 => "Change",
            _ => "Changes",
        },
    };
    let label = match (changes.since, &changes.through) {
        (Some(number), Some(stage)) => {
            format!("{what}, since #{number} passed {}", clean(stage))
        }
        (Some(number), None) => format!("{what} since the last success, #{number}"),
        (None, _) => what.to_owned(),
    };
    let items = changes.revisions.iter().take(REVISIONS_MAX).map(revision).collect();
    let more = changes.revisions.len().saturating_sub(REVISIONS_MAX);
    Some(Paragraph { items, more, ..Paragraph::new(label, Text::default()) })
}

/// Returns a revision: its short name, and the first line of what was said about it.
fn revision(revision: &Revision) -> Text {
    let id = shortened(&revision.id);
    let text = match &revision.url {
        Some(url) => Text::default().link(url, &id),
        None => Text::default().name(&id),
    };
    let first_line = revision.summary.as_deref().and_then(|summary| summary.lines().next());
    match first_line.filter(|line| !line.trim().is_empty()) {
        Some(line) => text.say("  ").quote(line, SUMMARY_CHARACTERS_MAX),
        None => text,
    }
}

/// Returns a revision's id as people say it.
fn shortened(id: &str) -> String {
    let is_commit = id.len() == 40 && id.chars().all(|c| c.is_ascii_hexdigit());
    let characters_max = if is_commit { COMMIT_CHARACTERS } else { REVISION_CHARACTERS_MAX };
    if is_commit {
        id.chars().take(characters_max).collect()
    } else {
        crate::text::clip(&clean(id), characters_max)
    }
}

/// Returns who waits behind it.
pub(super) fn waiting(notice: &Notice) -> Option<Paragraph> {
    let waiting = &notice.facts.waiting;
    let first = waiting.first()?;
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        waiting.iter().partition(|other| other.stage == first.stage);
    let mut text = wait(&here);
    if let Some(next) = elsewhere.first() {
        let there: Vec<_> = elsewhere.iter().copied().filter(|it| it.stage == next.stage).collect();
        text = text.say("; ").then(wait(&there));
    }
    Some(Paragraph::new("Waiting", text.say(".")))
}

fn wait(waiting: &[&Waiting]) -> Text {
    let stage = waiting.first().map(|waiting| waiting.stage.as_str()).unwrap_or_default();
    let mut names: Vec<_> =
        waiting.iter().take(WAITING_MAX).map(|waiting| format!("#{}", waiting.number)).collect();
    let more = waiting.len().saturating_sub(WAITING_MAX);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let verb = if names.len() == 1 { "waits" } else { "wait" };
    Text::new(format!("{} {verb} before ", join(&names))).name(stage)
}

/// Joins names as a sentence does.
pub(super) fn join(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Returns what the execution is: when and by what it was started, how long it took.
pub(super) fn execution(notice: &Notice) -> Option<Paragraph> {
    let execution = notice.facts.execution.as_ref()?;
    let text = Text::new("Started on ").say(date(execution.started_at));
    let text = started_by(text, execution);
    let text = match &execution.branch {
        Some(branch) => text.say(", from ").name(branch),
        None => text,
    };
    let millis = notice.event.at.millis_since(execution.started_at);
    let text = match notice.meaning {
        Meaning::Failed
        | Meaning::Recovered
        | Meaning::Succeeded
        | Meaning::RolledBack
        | Meaning::Rejected
        | Meaning::ApprovalExpired
        | Meaning::Stopped
        | Meaning::Superseded
        | Meaning::Cancelled => text.say(format!("; it took {}", length(millis))),
        Meaning::ApprovalNeeded | Meaning::Approved | Meaning::Resumed | Meaning::Stuck
            if millis >= 1_000 =>
        {
            text.say(format!("; it is {} old", length(millis)))
        }
        Meaning::ApprovalNeeded
        | Meaning::Approved
        | Meaning::Resumed
        | Meaning::Stuck
        | Meaning::RollbackStarted
        | Meaning::StageClosed
        | Meaning::StageOpened => text,
    };
    let text = match notice.event.attempt {
        0 | 1 => text.say("."),
        attempt => text.say(format!(". This is attempt {attempt}.")),
    };
    Some(Paragraph::new(format!("Execution #{}", execution.number), text))
}

/// Goes on with who or what caused an execution. ARNs are for machines; people know the name at their end.
fn started_by(text: Text, execution: &Execution) -> Text {
    let detail = execution.trigger_detail.trim();
    let name = name_of(detail);
    match execution.trigger {
        TriggerType::StartPipelineExecution if name.is_empty() => text.say(" by hand"),
        TriggerType::StartPipelineExecution => text.say(" by ").quote(&name, NAME_CHARACTERS_MAX),
        TriggerType::ManualRollback => text.say(" to go back to an older version"),
        TriggerType::AutomatedRollback => text.say(" by itself, to go back after a failure"),
        TriggerType::CreatePipeline => text.say(" because the pipeline was created"),
        TriggerType::PollForSourceChanges | TriggerType::CloudWatchEvent => {
            text.say(" by a change of its source")
        }
        TriggerType::Webhook | TriggerType::WebhookV2 => text.say(" by a push"),
        TriggerType::PutActionRevision => text.say(" by a revision that was handed in"),
    }
}

/// Returns the name at the end of an ARN, or the text itself.
pub(super) fn name_of(who: &str) -> String {
    let who = clean(who);
    let is_arn = who.starts_with("arn:");
    let name = if is_arn { who.rsplit(['/', ':']).next() } else { None };
    let name = name.filter(|name| !name.is_empty()).unwrap_or(&who);
    crate::text::clip(name, SENTENCE_CHARACTERS_MAX)
}
