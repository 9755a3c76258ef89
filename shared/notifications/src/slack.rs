//! A message for a Slack webhook of one's own: Block Kit, within its limits.

use serde_json::{Value, json};

use crate::chat::{description, step};
use crate::mrkdwn::mrkdwn;
use crate::story::{Does, Step, Story};
use crate::text::clip;

/// How long a header may be.
pub const HEADER_CHARACTERS_MAX: usize = 150;
/// How long the text of a section may be.
pub const SECTION_CHARACTERS_MAX: usize = 3_000;
/// How long a button's text may be.
pub const BUTTON_CHARACTERS_MAX: usize = 75;
/// How many blocks a message may have.
pub const BLOCKS_MAX: usize = 50;
/// How much of a message Slack takes in all, as observed; it refuses more with `msg_blocks_too_long`.
pub const MESSAGE_CHARACTERS_MAX: usize = 13_000;

/// Returns the message: a header, what there is to say, what to type, and a button for a link.
pub(crate) fn slack(story: &Story) -> Value {
    let title = format!("{} {}", story.mark, harmless(&story.headline.words()));
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": clip(&title, HEADER_CHARACTERS_MAX), "emoji": true },
    })];
    let description = description(&story.paragraphs, SECTION_CHARACTERS_MAX);
    if !description.is_empty() {
        blocks.push(section(&description));
    }
    let commands: Vec<_> = story.steps.iter().filter(|step| !is_link(step)).map(step).collect();
    if !commands.is_empty() {
        let commands = commands.iter().map(|command| format!("• {command}"));
        blocks.push(section(&within(commands, SECTION_CHARACTERS_MAX)));
    }
    let buttons: Vec<_> = story.steps.iter().filter_map(button).collect();
    if !buttons.is_empty() {
        blocks.push(json!({ "type": "actions", "elements": buttons }));
    }
    json!({
        // What a notification on a phone shows, and what is read where blocks cannot be.
        "text": mrkdwn(&story.headline, HEADER_CHARACTERS_MAX),
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": blocks,
    })
}

/// Returns words for a place that has no markup, with signs that no other place could take for some.
fn harmless(words: &str) -> String {
    let words = clip(words, HEADER_CHARACTERS_MAX - 40);
    words.replace('<', "‹").replace('>', "›").replace('@', "@\u{2060}").replace("](", "]\u{2060}(")
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

/// Joins lines, as many as there is room for.
fn within(lines: impl Iterator<Item = String>, characters_max: usize) -> String {
    let mut text = String::new();
    for line in lines {
        if text.chars().count() + line.chars().count() + 1 > characters_max {
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line);
    }
    text
}

fn is_link(step: &Step) -> bool {
    matches!(step.does, Does::Link(_))
}

/// Returns a button that leads to a page. It decides nothing itself: the page asks.
fn button(step: &Step) -> Option<Value> {
    let Does::Link(url) = &step.does else { return None };
    Some(json!({
        "type": "button",
        "style": "primary",
        "text": { "type": "plain_text", "text": clip("Answer on a page", BUTTON_CHARACTERS_MAX) },
        "url": url,
    }))
}
