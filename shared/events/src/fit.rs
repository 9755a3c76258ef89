//! Makes an event small enough for the bus (E6).

use crate::detail::{ActionDetail, Detail, ExecutionTrigger, PipelineDetail};
use crate::event::{Event, encoded_bytes};

/// How large one request of `PutEvents` may be.
const EVENT_BYTES_MAX: usize = 256 * 1024;

/// Events whose free texts are no longer than this together fit for certain.
const TEXTS_BYTES_SURE: usize = 16 * 1024;

/// What stands where the rest of a text was.
const ELLIPSIS: char = '…';

/// Shortens the event's texts, the most dispensable first, until the event fits.
pub(crate) fn fit(event: &mut Event) {
    let texts_bytes: usize = texts(&mut event.detail).iter().map(|text| text.len()).sum();
    if texts_bytes <= TEXTS_BYTES_SURE {
        return;
    }
    // What is longer than a whole event is shortened below in any case; cut here, it costs no more
    // than what fits.
    for text in texts(&mut event.detail) {
        text.truncate(text.floor_char_boundary(EVENT_BYTES_MAX));
    }
    for index in 0..texts(&mut event.detail).len() {
        let excess = event.to_json_line().len().saturating_sub(EVENT_BYTES_MAX);
        if excess == 0 {
            return;
        }
        shorten(texts(&mut event.detail)[index], excess);
    }
}

/// Returns the texts that come from outside with no limit of ours, the most dispensable first.
fn texts(detail: &mut Detail) -> Vec<&mut String> {
    match detail {
        Detail::Pipeline(detail) => pipeline_texts(detail),
        Detail::Stage(_) => vec![],
        Detail::Action(detail) => action_texts(detail),
    }
}

fn pipeline_texts(detail: &mut PipelineDetail) -> Vec<&mut String> {
    let mut texts: Vec<_> = match &mut detail.execution_trigger {
        Some(ExecutionTrigger::Start(trigger)) => vec![&mut trigger.trigger_detail],
        Some(ExecutionTrigger::Git(trigger)) => [
            &mut trigger.commit_message,
            &mut trigger.author_display_name,
            &mut trigger.author_id,
            &mut trigger.author_email,
            &mut trigger.tag_name,
            &mut trigger.branch_name,
            &mut trigger.full_repository_name,
            &mut trigger.connection_arn,
            &mut trigger.commit_id,
            &mut trigger.author_date,
            &mut trigger.provider_type,
        ]
        .into_iter()
        .flatten()
        .collect(),
        None => vec![],
    };
    texts.extend(&mut detail.stop_execution_comments);
    texts
}

fn action_texts(detail: &mut ActionDetail) -> Vec<&mut String> {
    let Some(result) = &mut detail.execution_result else { return vec![] };
    [
        &mut result.external_execution_summary,
        &mut result.external_execution_url,
        &mut result.external_execution_id,
        &mut result.error_code,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Cuts at least `excess` bytes of a line from the end of a text, or all that it has.
fn shorten(text: &mut String, excess: usize) {
    let encoded: usize = text.chars().map(encoded_bytes).sum();
    let room = encoded.saturating_sub(excess);
    if room < ELLIPSIS.len_utf8() {
        text.clear();
        return;
    }
    let mut left = room - ELLIPSIS.len_utf8();
    let end = text.char_indices().find(|(_, c)| match left.checked_sub(encoded_bytes(*c)) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    });
    text.truncate(end.map_or(text.len(), |(index, _)| index));
    text.push(ELLIPSIS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_loses_at_least_what_is_too_much_and_never_half_a_character() {
        for (text, excess, expected) in [
            ("abcdefgh", 1, "abcd…"),
            ("abcdefgh", 5, "…"),
            ("abcdefgh", 6, ""),
            ("abcdefgh", 100, ""),
            // A control character takes six bytes in a line.
            ("ab\u{1}\u{2}\u{3}", 1, "ab\u{1}\u{2}…"),
            ("äöüß", 2, "ä…"),
        ] {
            let mut shortened = text.to_owned();
            shorten(&mut shortened, excess);
            assert_eq!(shortened, expected, "{text} less {excess}");
        }
    }
}
