//! Whether triggers name a source and combine their filters legally (G1–G4).

use std::collections::BTreeSet;

use crate::declaration::{Declaration, GitConfiguration, GitPullRequestFilter, GitPushFilter};
use crate::nearest::nearest;
use crate::violation::{ErrorClass, Place, Violation};

/// How large all triggers may be together, as JSON (contract §1.2).
const TRIGGERS_BYTES_MAX: usize = 200 * 1024;

const ONE_EACH: &str = "G1: one trigger for each CodeStarSourceConnection source";
const COMBINATIONS: &str = "G2: tags alone, or branches, or branches with filePaths";
const NO_REPETITION: &str = "G4: filters of one list differ";

pub(super) fn check(declaration: &Declaration) -> Vec<Violation> {
    let mut violations = Vec::new();
    let place = Place::pipeline().member("triggers");
    check_size(declaration, &place, &mut violations);
    let mut seen = BTreeSet::new();
    for (index, trigger) in declaration.triggers.iter().flatten().enumerate() {
        let place = place.item(index).member("gitConfiguration");
        let GitConfiguration { source_action_name, push, pull_request } =
            &trigger.git_configuration;
        let name_place = place.member("sourceActionName");
        check_source(declaration, source_action_name, &name_place, &mut violations);
        if !seen.insert(source_action_name) {
            let message = format!("the source {source_action_name} has another trigger already");
            let fix = "put the filters of both into one trigger";
            violations.push(refuse(&name_place, ONE_EACH, message, fix));
        }
        check_pushes(push.as_deref().unwrap_or_default(), &place, &mut violations);
        check_pull_requests(pull_request.as_deref().unwrap_or_default(), &place, &mut violations);
    }
    violations
}

fn check_size(declaration: &Declaration, place: &Place, violations: &mut Vec<Violation>) {
    let Some(triggers) = &declaration.triggers else { return };
    let bytes = serde_json::to_vec(triggers).map_or(0, |json| json.len());
    if bytes > TRIGGERS_BYTES_MAX {
        let constraint = format!(
            "Value at '{}' failed to satisfy constraint: Member must have length less than or \
             equal to {TRIGGERS_BYTES_MAX}",
            place.member_path()
        );
        let rule = "AWS: triggers have at most 200 KB (contract §1.2)";
        let message = format!("the triggers have {bytes} bytes");
        let fix = "use patterns that cover more";
        violations.push(
            Violation::error(ErrorClass::Shape, place, rule, message, fix)
                .with_constraint(constraint),
        );
    }
}

fn check_source(
    declaration: &Declaration,
    name: &str,
    place: &Place,
    violations: &mut Vec<Violation>,
) {
    let actions = || declaration.stages.iter().flat_map(|stage| &stage.actions);
    let connections =
        || actions().filter(|action| action.action_type_id.provider == "CodeStarSourceConnection");
    if connections().any(|action| action.name == name) {
        return;
    }
    let message = match actions().find(|action| action.name == name) {
        Some(action) => format!(
            "the action {name} is of the provider {}, and triggers are for connections only",
            action.action_type_id.provider
        ),
        None => format!("there is no action {name}"),
    };
    let fix = match nearest(name, connections().map(|action| action.name.as_str())) {
        Some(near) => format!("did you mean {near}?"),
        None => "name a source action of the provider CodeStarSourceConnection".to_owned(),
    };
    violations.push(refuse(place, ONE_EACH, message, &fix));
}

fn check_pushes(filters: &[GitPushFilter], place: &Place, violations: &mut Vec<Violation>) {
    for (index, filter) in filters.iter().enumerate() {
        let place = place.member("push").item(index);
        let GitPushFilter { tags, branches, file_paths } = filter;
        if tags.is_some() && (branches.is_some() || file_paths.is_some()) {
            let message = "a push of a tag has no branch, so this filter never matches".to_owned();
            let fix = "give the tags a push filter of their own";
            violations.push(refuse(&place.member("tags"), COMBINATIONS, message, fix));
        } else if file_paths.is_some() && branches.is_none() {
            violations.push(paths_without_branches(&place));
        }
        if filters[..index].contains(filter) {
            violations.push(repeated(&place));
        }
    }
}

fn check_pull_requests(
    filters: &[GitPullRequestFilter],
    place: &Place,
    violations: &mut Vec<Violation>,
) {
    for (index, filter) in filters.iter().enumerate() {
        let place = place.member("pullRequest").item(index);
        if filter.file_paths.is_some() && filter.branches.is_none() {
            violations.push(paths_without_branches(&place));
        }
        if filters[..index].contains(filter) {
            violations.push(repeated(&place));
        }
    }
}

fn paths_without_branches(place: &Place) -> Violation {
    let message = "filePaths stand without branches".to_owned();
    let fix = "add branches, for example includes: [\"**\"]";
    refuse(&place.member("filePaths"), COMBINATIONS, message, fix)
}

fn repeated(place: &Place) -> Violation {
    refuse(place, NO_REPETITION, "the same filter stands here twice".to_owned(), "remove one")
}

fn refuse(place: &Place, rule: &'static str, message: String, fix: &str) -> Violation {
    Violation::error(ErrorClass::Structure, place, rule, message, fix)
}
