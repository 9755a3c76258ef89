//! What machines get: the event as the bus had it.

use serde_json::{Map, Value, json};

use crate::Notice;
use crate::event::Event;
use crate::text::clip;

/// How many bytes an event may take in a document in which it stands as a text, with every quote escaped.
pub const MACHINE_BYTES_MAX: usize = 150 * 1024;

/// How long texts are left at first where an event is too long, and the shortest that they are cut to.
const TEXT_CHARACTERS: (usize, usize) = (16 * 1024, 64);

/// Returns the event as JSON. Where it is too long, its texts lose their ends; members are never lost, unless
/// nothing else helps.
pub(crate) fn machine(event: &Event) -> String {
    fit(&event.raw).unwrap_or_else(|| essential(event).to_string())
}

/// Returns many events as one: an envelope of the same shape, whose detail lists them.
pub(crate) fn machine_of_many(notices: &[Notice]) -> String {
    let Some(first) = notices.first() else { return Value::Null.to_string() };
    let envelope = |events: Vec<Value>| {
        json!({
            "version": "0",
            "id": first.event.id,
            "detail-type": "Towpath Digest",
            "source": first.event.raw["source"],
            "account": first.event.account,
            "time": notices.last().map_or(&Value::Null, |last| &last.event.raw["time"]),
            "region": first.event.region,
            "resources": first.event.raw["resources"],
            "detail": { "pipeline": first.event.pipeline, "events": events },
        })
    };
    let whole = envelope(notices.iter().map(|notice| notice.event.raw.clone()).collect());
    if let Some(text) = fit(&whole) {
        return text;
    }
    let short = envelope(notices.iter().map(|notice| essential(&notice.event)).collect());
    fit(&short).unwrap_or_else(|| envelope(Vec::new()).to_string())
}

fn fit(value: &Value) -> Option<String> {
    let (longest, shortest) = TEXT_CHARACTERS;
    let text = value.to_string();
    if is_short_enough(&text) {
        return Some(text);
    }
    let mut characters_max = longest;
    while characters_max >= shortest {
        let text = shortened(value, characters_max).to_string();
        if is_short_enough(&text) {
            return Some(text);
        }
        characters_max /= 2;
    }
    None
}

/// Whether a text is short enough once it stands in a document as a text.
fn is_short_enough(text: &str) -> bool {
    let quoted = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    text.len() + quoted + 2 <= MACHINE_BYTES_MAX
}

fn shortened(value: &Value, characters_max: usize) -> Value {
    match value {
        Value::String(text) => Value::String(clip(text, characters_max)),
        Value::Array(values) => {
            Value::Array(values.iter().map(|value| shortened(value, characters_max)).collect())
        }
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), shortened(value, characters_max)))
                .collect::<Map<_, _>>(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Returns what tells an event from others, and nothing else.
fn essential(event: &Event) -> Value {
    let raw = &event.raw;
    let short = |value: &Value| shortened(value, TEXT_CHARACTERS.1 * 4);
    json!({
        "version": "0",
        "id": short(&raw["id"]),
        "detail-type": raw["detail-type"],
        "source": short(&raw["source"]),
        "account": short(&raw["account"]),
        "time": raw["time"],
        "region": short(&raw["region"]),
        "resources": [],
        "detail": {
            "pipeline": short(&raw["detail"]["pipeline"]),
            "execution-id": raw["detail"]["execution-id"],
            "stage": short(&raw["detail"]["stage"]),
            "action": short(&raw["detail"]["action"]),
            "state": short(&raw["detail"]["state"]),
        },
    })
}
