//! The way into a stage, as both operations about it name it.

use engine::Input;
use model::ids::{PipelineName, StageName};
use protocol::Fault;
use runtime::{Outcome, turn};
use store::LogKey;

use crate::call::Call;
use crate::faults::{contended, failed, no_stage};
use crate::operations::Empty;

/// Which way of a stage is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Into it.
    Inbound,
    /// Out of it: the way into the next one (R41).
    Outbound,
}

impl Way {
    /// Reads the API's word; the shape allows no other.
    pub(crate) fn parse(word: &str) -> Self {
        if word == "Outbound" { Self::Outbound } else { Self::Inbound }
    }
}

/// Returns the stage whose inbound transition is meant.
pub(crate) async fn stage<O>(
    call: &Call<'_, O>,
    pipeline: &str,
    stage: &str,
    way: Way,
) -> Result<StageName, Fault> {
    let plan = call.api.plan(&PipelineName::from(pipeline)).await?;
    let Some(index) = plan.stage_index(&StageName::from(stage)) else {
        return Err(no_stage(pipeline, stage));
    };
    match way {
        Way::Inbound => Ok(plan.stages[index].name.clone()),
        Way::Outbound => {
            plan.stages.get(index + 1).map(|next| next.name.clone()).ok_or_else(|| {
                Fault::validation(format!(
                    "stage '{stage}' is the last of pipeline '{pipeline}' and has no outbound \
                 transition; name an earlier stage, or use transitionType Inbound"
                ))
            })
        }
    }
}

/// Asks the pipeline, whose answer has no content.
pub(crate) async fn take<O>(
    call: &Call<'_, O>,
    pipeline: &str,
    input: &Input,
) -> Result<Empty, Fault> {
    let log = LogKey::Pipeline(PipelineName::from(pipeline));
    match turn(&call.api.app, &log, input, None).await {
        Ok(Outcome::Changed(_) | Outcome::Unchanged) => Ok(Empty {}),
        Ok(Outcome::Refused(rejection)) => Err(call.api.refused(pipeline, &rejection)),
        // Neither operation has a fault for a lost race, so the client is told to ask again (P8).
        Err(error @ runtime::turn::Error::Store { .. }) => Err(failed(&error)),
        Err(error @ runtime::turn::Error::Contended { .. }) => Err(contended(&error)),
    }
}
