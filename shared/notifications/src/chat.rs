//! A message for a chat channel, in the one schema that Amazon Q Developer in chat applications shows: everything
//! else on a topic it drops without a word.
//!
//! `client-markdown` means the markdown of the chat program itself. What is written here is read alike by Slack and
//! by Teams as far as that goes; what is not ours is written by `mrkdwn` so that it stays words.

use serde::Serialize;

use crate::Notice;
use crate::mrkdwn::{escaped, mrkdwn};
use crate::story::{Does, Paragraph, Step, Story};
use crate::text::{Text, clip};

/// How long a title may be; a chat shows one line of it.
pub const TITLE_CHARACTERS_MAX: usize = 150;
/// How long the description may be: as long as one section of Slack.
pub const DESCRIPTION_CHARACTERS_MAX: usize = 3_000;
/// How long a step may be. Links that carry a token are never cut.
pub const STEP_CHARACTERS_MAX: usize = 2_300;
/// How many steps are shown.
pub const STEPS_MAX: usize = 5;
/// How long a keyword may be.
pub const KEYWORD_CHARACTERS_MAX: usize = 75;
/// How much of a list is shown; a chat is read in passing.
const ITEMS_MAX: usize = 8;
/// How long any other member may be.
const MEMBER_CHARACTERS_MAX: usize = 256;

#[derive(Serialize)]
struct Custom {
    version: &'static str,
    source: &'static str,
    id: String,
    content: Content,
    metadata: Metadata,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    text_type: &'static str,
    title: String,
    description: String,
    next_steps: Vec<String>,
    keywords: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    thread_id: String,
    summary: String,
    event_type: String,
    related_resources: Vec<String>,
    additional_context: Context,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<String>,
    severity: &'static str,
}

/// Returns the message as JSON.
pub(crate) fn chat(notice: &Notice, story: &Story) -> String {
    let event = &notice.event;
    let place = notice.place();
    let number = notice.facts.execution.as_ref().map(|execution| execution.number);
    // Everything about one execution stands in one thread, where the channel allows threads.
    let thread = match number {
        Some(number) => format!("{}-{number}", event.pipeline),
        None => event.pipeline.clone(),
    };
    let keywords = [Some(event.pipeline.as_str()), place.stage.as_deref()];
    let keywords = keywords.into_iter().flatten().chain([notice.meaning.as_str()]);
    write(&Custom {
        version: "1.0",
        source: "custom",
        id: member(&event.id),
        content: content(story.mark, &story.headline, &story.paragraphs, &story.steps, keywords),
        metadata: Metadata {
            thread_id: member(&thread),
            summary: member(&story.headline.words()),
            event_type: event_type(notice),
            related_resources: resources(notice),
            additional_context: Context {
                execution_id: event.execution.map(|id| id.to_string()),
                number: number.map(|number| number.to_string()),
                attempt: event.execution.map(|_| event.attempt.to_string()),
                severity: notice.meaning.severity().as_str(),
            },
        },
    })
}

/// Returns the message about many things at once as JSON.
pub(crate) fn chat_of_many(notices: &[Notice], story: &Story) -> String {
    let Some(first) = notices.first() else { return String::new() };
    let worst = notices.iter().map(|notice| notice.meaning.severity()).max();
    let keywords = [first.event.pipeline.as_str(), "digest"].into_iter();
    write(&Custom {
        version: "1.0",
        source: "custom",
        id: member(&first.event.id),
        content: content(story.mark, &story.headline, &story.paragraphs, &story.steps, keywords),
        metadata: Metadata {
            thread_id: member(&first.event.pipeline),
            summary: member(&story.headline.words()),
            event_type: "pipeline.digest".to_owned(),
            related_resources: resources(first),
            additional_context: Context {
                execution_id: None,
                number: None,
                attempt: None,
                severity: worst.map_or("info", |severity| severity.as_str()),
            },
        },
    })
}

fn content<'a>(
    mark: &str,
    headline: &Text,
    paragraphs: &[Paragraph],
    steps: &[Step],
    keywords: impl Iterator<Item = &'a str>,
) -> Content {
    let title_room = TITLE_CHARACTERS_MAX - mark.len() - 1;
    Content {
        text_type: "client-markdown",
        title: format!("{mark} {}", mrkdwn(headline, title_room)),
        description: description(paragraphs, DESCRIPTION_CHARACTERS_MAX),
        next_steps: steps.iter().take(STEPS_MAX).map(step).collect(),
        keywords: keywords
            .map(|keyword| escaped(keyword, KEYWORD_CHARACTERS_MAX))
            .filter(|keyword| !keyword.is_empty())
            .collect(),
    }
}

/// Returns the kind of event, in words that a channel's filters compare.
pub(crate) fn event_type(notice: &Notice) -> String {
    let (level, meaning) = (notice.event.level.as_str(), notice.meaning.as_str());
    let meaning = meaning.strip_prefix(level).map_or(meaning, |rest| rest.trim_start_matches('-'));
    format!("pipeline.{level}.{meaning}")
}

/// Returns the paragraphs, the last ones left out where they have no room.
pub(crate) fn description(paragraphs: &[Paragraph], characters_max: usize) -> String {
    let mut description = String::new();
    let mut left = characters_max;
    for paragraph in paragraphs {
        let text = lines(paragraph, left.min(DESCRIPTION_CHARACTERS_MAX / 2));
        let characters = text.chars().count() + 1;
        if characters > left {
            break;
        }
        if !description.is_empty() {
            description.push('\n');
        }
        description.push_str(&text);
        left -= characters;
    }
    description
}

/// Returns one paragraph: its label, its text, its list.
fn lines(paragraph: &Paragraph, characters_max: usize) -> String {
    let label = escaped(&paragraph.label, MEMBER_CHARACTERS_MAX);
    let head = if paragraph.text.0.is_empty() {
        format!("*{label}:*")
    } else {
        let room = characters_max.saturating_sub(label.chars().count() + 4);
        format!("*{label}:* {}", mrkdwn(&paragraph.text, room))
    };
    let mut left = characters_max.saturating_sub(head.chars().count());
    let mut lines = vec![head];
    let more = paragraph.lines.iter().map(|line| mrkdwn(line, MEMBER_CHARACTERS_MAX * 3));
    let link = paragraph
        .link
        .iter()
        .map(|(url, label)| mrkdwn(&Text::default().link(url, label), STEP_CHARACTERS_MAX));
    for line in more.chain(link) {
        let characters = line.chars().count() + 1;
        if characters <= left {
            left -= characters;
            lines.push(line);
        }
    }
    let mut unlisted = paragraph.more;
    for (index, item) in paragraph.items.iter().enumerate() {
        let item = format!("• {}", mrkdwn(item, MEMBER_CHARACTERS_MAX * 3));
        let characters = item.chars().count() + 1;
        // The line that says how many are left out needs room as well.
        if index >= ITEMS_MAX || characters + 20 > left {
            unlisted += paragraph.items.len() - index;
            break;
        }
        left -= characters;
        lines.push(item);
    }
    if unlisted > 0 {
        lines.push(format!("• and {unlisted} more"));
    }
    lines.join("\n")
}

/// Returns a step: what for, and what to type or where to go.
pub(crate) fn step(step: &Step) -> String {
    let text = match &step.does {
        Does::Command(command) => Text::new(format!("{}: ", step.says)).command(command),
        Does::Link(url) => Text::default().link(url, step.says),
    };
    mrkdwn(&text, STEP_CHARACTERS_MAX)
}

fn resources(notice: &Notice) -> Vec<String> {
    let resources = notice.event.raw["resources"].as_array();
    let resources = resources.into_iter().flatten().filter_map(|resource| resource.as_str());
    resources.take(5).map(member).collect()
}

/// Returns a member that no person reads as markdown.
fn member(text: &str) -> String {
    let member = clip(&crate::text::clean(text), MEMBER_CHARACTERS_MAX);
    // An empty one would make the whole message one that is dropped.
    if member.is_empty() { "-".to_owned() } else { member }
}

fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a message is plain data with texts as keys")
}
