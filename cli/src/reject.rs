//! `towpath reject`: no to an approval that waits.

use aws_sdk_codepipeline::types::ApprovalStatus;

use crate::approve::answer;
use crate::arguments::client::Answer;
use crate::ending::Ending;

/// Says no.
pub(crate) fn reject(options: &Answer) -> Ending {
    answer(options, &ApprovalStatus::Rejected)
}
