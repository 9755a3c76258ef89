//! What can be typed to have a deployment examined.

use clap::Args;

/// A deployment, and how closely it is looked at.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The stack that `sam deploy` made.
    #[arg(long, value_name = "NAME", default_value = "towpath")]
    pub(crate) stack: String,
    /// Where it is; else `AWS_REGION`.
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Do not have CloudFormation compare settings with the template, which takes a minute.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}
