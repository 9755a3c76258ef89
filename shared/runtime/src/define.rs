//! Puts a declaration in force, and keeps the catalogue up with it.

use std::sync::Arc;

use engine::Input;
use engine::input::Expects;
use model::ids::PipelineName;
use model::pipeline::Pipeline;
use model::time::Timestamp;
use store::{Catalogued, Declared, LogKey};

use crate::conclude::newest;
use crate::turn::{self, turn};
use crate::{App, Outcome, followers};

/// A declaration that is to be put in force.
#[derive(Clone, Debug)]
pub struct Definition<'a> {
    /// What it means.
    pub pipeline: &'a Arc<Pipeline>,
    /// What it says, as JSON.
    pub declaration: &'a str,
    /// Who asks.
    pub by: &'a str,
    /// Whether the pipeline must be new, or must be there.
    pub expects: Expects,
}

/// Puts a declaration in force. The pipeline is listed before it exists, so that a crash in between
/// leaves a name without a pipeline and never a pipeline that nobody lists; [`refresh`] mends either. So
/// it is with who follows which source.
pub async fn define(app: &App, definition: &Definition<'_>) -> Result<Outcome, turn::Error> {
    let Definition { pipeline, declaration, by, expects } = definition;
    let log = LogKey::Pipeline(pipeline.name.clone());
    let failed = |source| turn::Error::Store { log: log.clone(), source };
    if *expects != Expects::Present {
        app.store.put_catalog(&pipeline.name, app.world.now()).await.map_err(failed)?;
    }
    let noted = followers::note(app, &log, pipeline).await.map_err(failed)?;
    let input = Input::Define {
        pipeline: (*pipeline).clone(),
        secret: app.draw_secret(),
        by: (*by).to_owned(),
        expects: *expects,
    };
    let outcome = turn(app, &log, &input, Some(declaration)).await?;
    if let Outcome::Changed(decision) = &outcome {
        let record = decision.state.sequence;
        followers::settle(app, &log, Some(pipeline), noted, record).await.map_err(failed)?;
        refresh(app, &pipeline.name).await.map_err(failed)?;
    }
    Ok(outcome)
}

/// Deletes a pipeline and lists it no longer (R90).
pub async fn delete(app: &App, pipeline: &PipelineName, by: &str) -> Result<Outcome, turn::Error> {
    let log = LogKey::Pipeline(pipeline.clone());
    let outcome = turn(app, &log, &Input::Delete { by: by.to_owned() }, None).await?;
    let failed = |source| turn::Error::Store { log: log.clone(), source };
    app.store.remove_catalog(pipeline).await.map_err(failed)?;
    if let Outcome::Changed(decision) = &outcome {
        let record = decision.state.sequence;
        followers::settle(app, &log, None, None, record).await.map_err(failed)?;
    }
    Ok(outcome)
}

/// Makes the catalogue say what the log says of a pipeline. Doing it again changes nothing.
pub async fn refresh(app: &App, pipeline: &PipelineName) -> Result<(), store::Error> {
    let log = LogKey::Pipeline(pipeline.clone());
    let head = newest(app, &log).await?;
    let Some(definition) = head.state.definition else {
        return app.store.remove_catalog(pipeline).await;
    };
    let record = app.store.record(&log, definition.record).await?;
    let updated_at = record.map_or(head.state.at, |record| record.at);
    let plan = app.store.plan(pipeline, definition.record).await?;
    app.store.put_definition_record(pipeline, definition.version, definition.record).await?;
    let listed = app.store.catalogued(pipeline).await?;
    let declared = Declared {
        version: definition.version,
        pipeline_type: plan.pipeline_type,
        mode: definition.mode,
        updated_at,
    };
    app.store
        .put_catalogued(&Catalogued {
            name: pipeline.clone(),
            created_at: listed
                .map_or(updated_at, |listed| created(&listed, updated_at, definition.version)),
            declared: Some(declared),
        })
        .await
}

/// Returns when the pipeline was created. Its first declaration cannot be younger than itself.
fn created(listed: &Catalogued, updated_at: Timestamp, version: u32) -> Timestamp {
    if version == 1 { updated_at } else { listed.created_at.min(updated_at) }
}
