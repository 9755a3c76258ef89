//! The chat schema that Amazon Q Developer in chat applications takes, as a JSON Schema of our own, with the limits
//! that we keep.

use notifications::chat::{
    DESCRIPTION_CHARACTERS_MAX, KEYWORD_CHARACTERS_MAX, STEP_CHARACTERS_MAX, STEPS_MAX,
    TITLE_CHARACTERS_MAX,
};
use notifications::slack::{
    BLOCKS_MAX, HEADER_CHARACTERS_MAX, MESSAGE_CHARACTERS_MAX, SECTION_CHARACTERS_MAX,
};
use notifications::{Bundle, Message};
use serde_json::{Value, json};

use crate::situations::situations;
use crate::validator::Validator;

/// Returns the schema of a custom notification.
pub(crate) fn custom() -> Validator {
    let text =
        |characters: usize| json!({ "type": "string", "minLength": 1, "maxLength": characters });
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["version", "source", "content"],
        "properties": {
            "version": { "const": "1.0" },
            "source": { "const": "custom" },
            "id": text(256),
            "content": {
                "type": "object",
                "additionalProperties": false,
                "required": ["textType", "title", "description"],
                "properties": {
                    "textType": { "const": "client-markdown" },
                    "title": text(TITLE_CHARACTERS_MAX),
                    "description": text(DESCRIPTION_CHARACTERS_MAX),
                    "nextSteps": {
                        "type": "array", "maxItems": STEPS_MAX, "items": text(STEP_CHARACTERS_MAX),
                    },
                    "keywords": {
                        "type": "array", "maxItems": 5, "items": text(KEYWORD_CHARACTERS_MAX),
                    },
                },
            },
            "metadata": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "threadId": text(256),
                    "summary": text(256),
                    "eventType": text(100),
                    "relatedResources": { "type": "array", "items": text(256) },
                    "additionalContext": {
                        "type": "object", "additionalProperties": text(256),
                    },
                    "enableCustomActions": { "type": "boolean" },
                },
            },
        },
    });
    Validator(schema)
}

/// Returns the schema of a message to a webhook of Slack.
pub(crate) fn blocks() -> Validator {
    let text = |kind: &str, characters: usize| {
        json!({
            "type": "object",
            "required": ["type", "text"],
            "properties": {
                "type": { "const": kind },
                "text": { "type": "string", "minLength": 1, "maxLength": characters },
            },
        })
    };
    let schema = json!({
        "type": "object",
        "required": ["text", "blocks"],
        "properties": {
            "text": { "type": "string", "minLength": 1, "maxLength": SECTION_CHARACTERS_MAX },
            "blocks": {
                "type": "array", "minItems": 1, "maxItems": BLOCKS_MAX,
                "items": { "oneOf": [
                    { "required": ["text"], "properties": {
                        "type": { "const": "header" },
                        "text": text("plain_text", HEADER_CHARACTERS_MAX),
                    } },
                    { "required": ["text"], "properties": {
                        "type": { "const": "section" },
                        "text": text("mrkdwn", SECTION_CHARACTERS_MAX),
                    } },
                    { "required": ["elements"], "properties": {
                        "type": { "const": "actions" },
                        "elements": { "type": "array", "minItems": 1, "maxItems": 25, "items": {
                            "required": ["type", "text", "url"],
                            "properties": {
                                "type": { "const": "button" },
                                "text": text("plain_text", 75),
                                "url": { "type": "string", "maxLength": 3_000 },
                            },
                        } },
                    } },
                ] },
            },
        },
    });
    Validator(schema)
}

/// Holds a message against the schema and the limits of every channel.
pub(crate) fn check(name: &str, message: &Message, custom: &Validator, blocks: &Validator) {
    let chat: Value = serde_json::from_str(&message.chat).expect("JSON");
    let wrong = custom.errors(&chat);
    assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    let wrong = blocks.errors(&message.slack);
    assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    assert!(message.slack.to_string().chars().count() <= MESSAGE_CHARACTERS_MAX, "{name}");
}

#[test]
fn every_situation_fits_the_schema_of_the_chat_and_of_slack() {
    let (custom, blocks) = (custom(), blocks());
    for (name, notices) in situations() {
        check(name, &Bundle { notices }.message(), &custom, &blocks);
    }
}

#[test]
fn the_schema_refuses_what_a_chat_would_drop() {
    let custom = custom();
    let message = Bundle { notices: situations().remove(0).1 }.message();
    let right: Value = serde_json::from_str(&message.chat).expect("JSON");
    assert!(custom.is_valid(&right));
    for (pointer, value) in [
        ("/version", json!("2.0")),
        ("/version", json!(1.0)),
        ("/source", json!("towpath")),
        ("/content/textType", json!("markdown")),
        ("/content/title", json!("x".repeat(TITLE_CHARACTERS_MAX + 1))),
        ("/content/nextSteps", json!("one")),
        ("/metadata/additionalContext/attempt", json!(1)),
    ] {
        let mut wrong = right.clone();
        *wrong.pointer_mut(pointer).expect(pointer) = value;
        assert!(!custom.is_valid(&wrong), "{pointer}");
    }
}
