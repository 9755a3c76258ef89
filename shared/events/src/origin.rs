//! The place in AWS's terms that a controller stands for.

use model::ids::PipelineName;

/// The `source` of our events. AWS reserves everything that begins with `aws.`, so ours must differ
/// from CodePipeline's; [`crate::rewrite_source`] converts rules (E1).
pub const SOURCE: &str = "towpath";

/// Where events come from: the parts of the envelope that are the same for every event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// For example `aws` or `aws-cn`; the second part of every ARN.
    pub partition: String,
    /// The Region that the pipelines belong to (E4).
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// What rules match on.
    pub source: String,
}

impl Origin {
    /// Makes the origin of a controller in AWS's main partition, with our own source.
    pub fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            partition: "aws".to_owned(),
            region: region.into(),
            account: account.into(),
            source: SOURCE.to_owned(),
        }
    }

    /// Returns the ARN of a pipeline, as rules find it in `resources`.
    pub fn pipeline_arn(&self, pipeline: &PipelineName) -> String {
        let Self { partition, region, account, source: _ } = self;
        format!("arn:{partition}:codepipeline:{region}:{account}:{pipeline}")
    }
}
