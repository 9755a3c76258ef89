//! What runs before what.

use crate::declaration::{ActionDeclaration, Declaration};
use crate::violation::Place;

/// When something runs: stages in order, and within a stage by `runOrder`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    stage: usize,
    run_order: i64,
}

impl Moment {
    /// Returns the moment before a stage's first action.
    pub(super) fn before(stage: usize) -> Self {
        Self { stage, run_order: i64::MIN }
    }

    /// Returns the moment after a stage's last action.
    pub(super) fn after(stage: usize) -> Self {
        Self { stage, run_order: i64::MAX }
    }
}

/// An action with its place in the document and in time.
pub(super) struct Step<'a> {
    pub(super) action: &'a ActionDeclaration,
    pub(super) stage_name: &'a str,
    pub(super) place: Place,
    pub(super) moment: Moment,
}

impl Step<'_> {
    /// Returns the action's name with its stage's, for people.
    pub(super) fn title(&self) -> String {
        format!("{}/{}", self.stage_name, self.action.name)
    }
}

/// All actions of a pipeline, in document order.
pub(super) struct Timeline<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) steps: Vec<Step<'a>>,
}

impl<'a> Timeline<'a> {
    pub(super) fn new(declaration: &'a Declaration) -> Self {
        let stages = Place::pipeline().member("stages");
        let mut steps = Vec::new();
        for (stage_index, stage) in declaration.stages.iter().enumerate() {
            let actions = stages.item(stage_index).member("actions");
            for (index, action) in stage.actions.iter().enumerate() {
                steps.push(Step {
                    action,
                    stage_name: &stage.name,
                    place: actions.item(index),
                    moment: Moment { stage: stage_index, run_order: action.run_order() },
                });
            }
        }
        Self { declaration, steps }
    }

    /// Returns the action that makes an artifact; when several do, the first.
    pub(super) fn producer(&self, artifact: &str) -> Option<&Step<'a>> {
        let makes = |step: &&Step| step.action.outputs().iter().any(|made| made.name == artifact);
        self.steps.iter().filter(makes).min_by_key(|step| step.moment)
    }

    /// Returns the names of all artifacts that are made.
    pub(super) fn artifacts(&self) -> impl Iterator<Item = &'a str> {
        self.steps
            .iter()
            .flat_map(|step| step.action.outputs().iter())
            .map(|made| made.name.as_str())
    }

    /// Returns the action that owns a namespace; when several do, the first.
    pub(super) fn owner(&self, namespace: &str) -> Option<&Step<'a>> {
        let owns = |step: &&Step| step.action.namespace.as_deref() == Some(namespace);
        self.steps.iter().filter(owns).min_by_key(|step| step.moment)
    }
}
