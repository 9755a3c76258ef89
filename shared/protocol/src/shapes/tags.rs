//! The shapes of tags.

use model::shape::{Shape, any_list, optional, required};

use super::texts::{MAX_RESULTS, NEXT_TOKEN, RESOURCE_ARN, TAG_KEY, TAG_VALUE};

/// Asked of `ListTagsForResource`.
pub(super) static LIST_TAGS_FOR_RESOURCE_INPUT: Shape = Shape::Structure(&[
    required("resourceArn", &RESOURCE_ARN),
    optional("nextToken", &NEXT_TOKEN),
    optional("maxResults", &MAX_RESULTS),
]);

/// Answered by `ListTagsForResource`.
pub(super) static LIST_TAGS_FOR_RESOURCE_OUTPUT: Shape =
    Shape::Structure(&[optional("tags", &any_list(&TAG)), optional("nextToken", &NEXT_TOKEN)]);

/// Asked of `TagResource`.
pub(super) static TAG_RESOURCE_INPUT: Shape =
    Shape::Structure(&[required("resourceArn", &RESOURCE_ARN), required("tags", &any_list(&TAG))]);

/// Answered by `TagResource`.
pub(super) static TAG_RESOURCE_OUTPUT: Shape = Shape::Structure(&[]);

/// Asked of `UntagResource`.
pub(super) static UNTAG_RESOURCE_INPUT: Shape = Shape::Structure(&[
    required("resourceArn", &RESOURCE_ARN),
    required("tagKeys", &any_list(&TAG_KEY)),
]);

/// Answered by `UntagResource`.
pub(super) static UNTAG_RESOURCE_OUTPUT: Shape = Shape::Structure(&[]);

pub(super) static TAG: Shape =
    Shape::Structure(&[required("key", &TAG_KEY), required("value", &TAG_VALUE)]);
