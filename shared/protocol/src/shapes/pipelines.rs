//! The shapes of pipelines.

use model::shape::pipeline::{
    EXECUTION_MODE, NAME_TEXT, PIPELINE, PIPELINE_TYPE, PIPELINE_VERSION,
};
use model::shape::{Shape, any_list, optional, required};

use super::tags::TAG;
use super::texts::{MAX_PIPELINES, NEXT_TOKEN, PIPELINE_ARN};

/// Asked of `CreatePipeline`.
pub(super) static CREATE_PIPELINE_INPUT: Shape =
    Shape::Structure(&[required("pipeline", &PIPELINE), optional("tags", &any_list(&TAG))]);

/// Answered by `CreatePipeline`.
pub(super) static CREATE_PIPELINE_OUTPUT: Shape =
    Shape::Structure(&[optional("pipeline", &PIPELINE), optional("tags", &any_list(&TAG))]);

/// Asked of `DeletePipeline`.
pub(super) static DELETE_PIPELINE_INPUT: Shape = Shape::Structure(&[required("name", &NAME_TEXT)]);

/// Asked of `GetPipeline`.
pub(super) static GET_PIPELINE_INPUT: Shape =
    Shape::Structure(&[required("name", &NAME_TEXT), optional("version", &PIPELINE_VERSION)]);

/// Answered by `GetPipeline`.
pub(super) static GET_PIPELINE_OUTPUT: Shape =
    Shape::Structure(&[optional("pipeline", &PIPELINE), optional("metadata", &PIPELINE_METADATA)]);

/// Asked of `ListPipelines`.
pub(super) static LIST_PIPELINES_INPUT: Shape =
    Shape::Structure(&[optional("nextToken", &NEXT_TOKEN), optional("maxResults", &MAX_PIPELINES)]);

/// Answered by `ListPipelines`.
pub(super) static LIST_PIPELINES_OUTPUT: Shape = Shape::Structure(&[
    optional("pipelines", &any_list(&PIPELINE_SUMMARY)),
    optional("nextToken", &NEXT_TOKEN),
]);

/// Asked of `UpdatePipeline`.
pub(super) static UPDATE_PIPELINE_INPUT: Shape =
    Shape::Structure(&[required("pipeline", &PIPELINE)]);

/// Answered by `UpdatePipeline`.
pub(super) static UPDATE_PIPELINE_OUTPUT: Shape =
    Shape::Structure(&[optional("pipeline", &PIPELINE)]);

static PIPELINE_METADATA: Shape = Shape::Structure(&[
    optional("pipelineArn", &PIPELINE_ARN),
    optional("created", &Shape::Moment),
    optional("updated", &Shape::Moment),
    optional("pollingDisabledAt", &Shape::Moment),
]);

static PIPELINE_SUMMARY: Shape = Shape::Structure(&[
    optional("name", &NAME_TEXT),
    optional("version", &PIPELINE_VERSION),
    optional("pipelineType", &PIPELINE_TYPE),
    optional("executionMode", &EXECUTION_MODE),
    optional("created", &Shape::Moment),
    optional("updated", &Shape::Moment),
]);
