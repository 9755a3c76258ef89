//! The only road from a declaration to a pipeline (contract §1.7).
//!
//! Classes are asked in the contract's order: shape, structure, stages, blockers, actions. The first
//! that fails refuses, with all of its violations; [`lint`] asks them all. Whether roles can be
//! assumed and quotas are kept is asked elsewhere, for it takes a look at the world.

mod actions;
mod artifacts;
mod conditions;
mod declared;
mod references;
mod regions;
mod settings;
mod stages;
mod structure;
mod timeline;
mod triggers;

use crate::catalog::DeclaredTypes;
use crate::declaration::{self, Declaration, Format, Note, Reading};
use crate::pipeline::{self, Pipeline};
use crate::violation::{Refusal, Violation};
use timeline::Timeline;

pub use declared::is_queryable_value;

/// Makes a pipeline of a declaration, or says everything that the first failing class objects to.
///
/// The pipeline's own Region is taken to be that of its sources.
pub fn validate(declaration: &Declaration) -> Result<Pipeline, Refusal> {
    validate_in(declaration, None)
}

/// Like [`validate`], for a pipeline whose own Region is known.
pub fn validate_in(declaration: &Declaration, region: Option<&str>) -> Result<Pipeline, Refusal> {
    match Refusal::first_class(lint_in(declaration, region)) {
        Some(refusal) => Err(refusal),
        None => pipeline::convert(declaration),
    }
}

/// Like [`validate_in`], where the action types that users declared are known: a type that nobody
/// declared is refused, and so are settings and artifacts that do not fit the declared one.
pub fn validate_with(
    declaration: &Declaration,
    region: Option<&str>,
    types: &DeclaredTypes,
) -> Result<Pipeline, Refusal> {
    match Refusal::first_class(lint_all(declaration, region, Some(types))) {
        Some(refusal) => Err(refusal),
        None => pipeline::convert(declaration),
    }
}

/// Returns all violations of all classes, warnings included, in the order of the classes.
pub fn lint(declaration: &Declaration) -> Vec<Violation> {
    lint_in(declaration, None)
}

/// Like [`lint`], for a pipeline whose own Region is known.
pub fn lint_in(declaration: &Declaration, region: Option<&str>) -> Vec<Violation> {
    lint_all(declaration, region, None)
}

fn lint_all(
    declaration: &Declaration,
    region: Option<&str>,
    types: Option<&DeclaredTypes>,
) -> Vec<Violation> {
    let timeline = Timeline::new(declaration);
    let home = regions::home(declaration, region);
    let mut violations = declaration::limits(declaration);
    violations.extend(structure::check(declaration));
    violations.extend(triggers::check(declaration));
    violations.extend(regions::check(&timeline, home));
    violations.extend(stages::check(declaration));
    violations.extend(conditions::check(declaration, &timeline));
    violations.extend(actions::check(declaration, types));
    violations.extend(regions::check_actions(&timeline, home));
    violations.extend(artifacts::check(&timeline));
    violations.extend(references::check(&timeline));
    // Stable: within a class, the order stays that of the checks, and so of the document.
    violations.sort_by_key(|violation| violation.class);
    violations
}

/// Returns all that is wrong with a text, as far as it can be understood, in the order of the
/// classes, together with what was left out on purpose.
pub fn lint_text(text: &str, format: Format) -> (Vec<Violation>, Vec<Note>) {
    let Reading { declaration, notes, mut violations } = declaration::examine(text, format);
    violations.extend(declaration.iter().flat_map(lint));
    violations.sort_by_key(|violation| violation.class);
    (violations, notes)
}
