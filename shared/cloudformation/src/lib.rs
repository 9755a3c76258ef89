//! CloudFormation templates, read for the pipelines in them.
//!
//! Many pipelines exist only as an `AWS::CodePipeline::Pipeline` resource inside a template. This
//! crate finds those resources and writes each as the declaration that CodePipeline's API would be
//! given (contract §1), so that the rest of Towpath never learns that templates exist.
//!
//! A template is a program whose inputs are known only when a stack is deployed. What can be
//! computed is computed: parameters, mappings, conditions and every documented function. What
//! cannot (the ARN of a role that does not exist yet) becomes a *placeholder*: text that is legal
//! in its place, visible as such, and reported with its path, its reason and the `--parameter
//! NAME=VALUE` that replaces it. Any reference can be given that way, not only parameters:
//! `--parameter Bucket=my-bucket`, `--parameter Role.Arn=arn:…`.
//!
//! Deliberately absent:
//! - Judgement. Members are renamed and never checked here; what a template spells wrongly, the
//!   model's validation names, because unknown properties are kept.
//! - Macros and transforms, `Fn::ForEach`, modules and nested stacks. They run on AWS's side. A
//!   note says that they were met and left alone.
//! - I/O and clocks. Text comes in, values go out, and the work is bounded whatever the text says.
//!
//! Where to start: [`read()`], then [`Template::pipelines`]. `resolve.rs` walks a value and
//! computes functions, `pipeline.rs` gives the result the shape of the API, `resources.rs` is the
//! table of what `Ref` and `Fn::GetAtt` answer for each type of resource.

mod node;
mod pipeline;
mod place;
mod read;
mod resolve;
mod resources;
mod template;

pub use pipeline::FoundPipeline;
pub use place::Placeholder;
pub use read::{Refusal, is_template, read};
pub use template::Template;
