//! Tags: what they may be, and whose (P6, P7).

use std::collections::{BTreeMap, BTreeSet};

use model::ids::PipelineName;
use protocol::Fault;
use serde::{Deserialize, Serialize};
use store::Tags;

use crate::call::Call;
use crate::faults::failed;

/// How many tags a resource may have.
const TAGS_MAX: usize = 50;

/// How often a change is tried while others change the same tags.
const TRIES_MAX: usize = 8;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// Returns tags in the order of their keys.
pub(crate) fn tags_of(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag { key: key.clone(), value: value.clone() };
    tags.tags.iter().map(tag).collect()
}

/// Refuses what can never be a set of tags.
pub(crate) fn check_tags(tags: &[Tag]) -> Result<(), Fault> {
    check_count(tags.len())?;
    let mut keys = BTreeSet::new();
    for Tag { key, value } in tags {
        let wrong = if key.to_ascii_lowercase().starts_with("aws:") {
            Some("begins with 'aws:', which is reserved")
        } else if !key.chars().chain(value.chars()).all(is_legal) {
            Some("has characters other than letters, digits, spaces and _ . : / = + - @")
        } else if !keys.insert(key) {
            Some("is given twice")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            return Err(Fault::new("InvalidTagsException", format!("tags: key '{key}' {wrong}")));
        }
    }
    Ok(())
}

/// Refuses more tags than a resource may have.
pub(crate) fn check_count(count: usize) -> Result<(), Fault> {
    if count <= TAGS_MAX {
        return Ok(());
    }
    Err(Fault::new(
        "TooManyTagsException",
        format!("a resource may have {TAGS_MAX} tags, and these would be {count}"),
    ))
}

fn is_legal(letter: char) -> bool {
    letter.is_alphanumeric() || " _.:/=+-@".contains(letter)
}

/// Gives a new resource its tags.
pub(crate) async fn first_tags<O>(
    call: &Call<'_, O>,
    arn: &str,
    tags: &[Tag],
) -> Result<(), Fault> {
    if tags.is_empty() {
        return Ok(());
    }
    change_tags(call, arn, |now| {
        now.extend(tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
        Ok(())
    })
    .await
}

/// Changes the tags of a resource, again and again while others do.
pub(crate) async fn change_tags<O>(
    call: &Call<'_, O>,
    arn: &str,
    change: impl Fn(&mut BTreeMap<String, String>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let store = &call.api.app.store;
    for _ in 0..TRIES_MAX {
        let mut tags = store.tags(arn).await.map_err(|error| failed(&error))?;
        let before = tags.tags.clone();
        change(&mut tags.tags)?;
        if tags.tags == before
            || store.put_tags(arn, &tags).await.map_err(|error| failed(&error))?
        {
            return Ok(());
        }
    }
    Err(Fault::new(
        "ConcurrentModificationException",
        "others changed the tags of this resource at the same time; ask again",
    ))
}

/// Finds out whether an ARN names something of ours that is there.
pub(crate) async fn find_resource<O>(call: &Call<'_, O>, arn: &str) -> Result<(), Fault> {
    let place = &call.api.app.place;
    let ours = format!("arn:aws:codepipeline:{}:{}:", place.region, place.account);
    let Some(name) = arn.strip_prefix(&ours) else {
        return Err(Fault::new(
            "InvalidArnException",
            format!(
                "resourceArn '{arn}' is not of this account and Region; ARNs here begin with {ours}"
            ),
        ));
    };
    let store = &call.api.app.store;
    let is_there = if let Some(webhook) = name.strip_prefix("webhook:") {
        store.webhook(webhook).await.map_err(|error| failed(&error))?.is_some()
    } else if let Some(action_type) = name.strip_prefix("actiontype:") {
        let row = store.action_type(action_type).await.map_err(|error| failed(&error))?;
        row.is_some_and(|row| !row.is_deleted && row.client.is_none())
    } else if name.contains('/') {
        return Err(invalid(arn));
    } else {
        let listed = store.catalogued(&PipelineName::from(name)).await;
        listed.map_err(|error| failed(&error))?.is_some()
    };
    if is_there {
        return Ok(());
    }
    Err(Fault::new("ResourceNotFoundException", format!("there is no resource '{arn}'")))
}

fn invalid(arn: &str) -> Fault {
    Fault::new(
        "InvalidArnException",
        format!(
            "resourceArn '{arn}' names nothing that has tags: pipelines, webhooks and custom action types have"
        ),
    )
}
