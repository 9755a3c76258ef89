//! Whether every Region that is used has a store, and who may leave the pipeline's own Region.

use std::collections::BTreeMap;

use crate::declaration::Declaration;
use crate::violation::{ErrorClass, Place, Violation};

use super::timeline::Timeline;

const ONE_FORM: &str = "AWS: exactly one of artifactStore and artifactStores (contract §1.2)";
const EVERY_REGION: &str = "AWS: a store for every Region that is used (contract §1.2)";
const AT_HOME: &str = "AWS: sources, ThirdParty and Custom run in the pipeline's Region (§1.4)";

/// Returns the pipeline's own Region, as far as it can be known.
///
/// Sources cannot run anywhere else, so theirs is the pipeline's; a single store says it too.
pub(super) fn home<'a>(declaration: &'a Declaration, known: Option<&'a str>) -> Option<&'a str> {
    let actions = || declaration.stages.iter().flat_map(|stage| &stage.actions);
    let of_sources = || {
        actions().filter(|action| action.is_source()).find_map(|action| action.region.as_deref())
    };
    let of_stores = || match (&declaration.artifact_store, &declaration.artifact_stores) {
        (None, Some(stores)) if stores.len() == 1 => stores.keys().next().map(String::as_str),
        (Some(_), _) => actions().find_map(|action| action.region.as_deref()),
        (None, _) => None,
    };
    known.or_else(of_sources).or_else(of_stores)
}

/// Checks the stores of the pipeline and of its actions' Regions.
pub(super) fn check(timeline: &Timeline<'_>, home: Option<&str>) -> Vec<Violation> {
    let declaration = timeline.declaration;
    let pipeline = Place::pipeline();
    let refuse = |place: &Place, rule, message: String, fix: String| {
        Violation::error(ErrorClass::Structure, place, rule, message, fix)
    };
    let stores_place = pipeline.member("artifactStores");
    let stores = match (&declaration.artifact_store, &declaration.artifact_stores) {
        (None, None) => {
            let message = "there is no place for artifacts".to_owned();
            let fix = "add artifactStore with type S3 and a bucket as location".to_owned();
            return vec![refuse(&pipeline.member("artifactStore"), ONE_FORM, message, fix)];
        }
        (Some(_), Some(_)) => {
            let message = "both artifactStore and artifactStores are given".to_owned();
            let fix = "keep artifactStores, with an entry for each Region".to_owned();
            return vec![refuse(&stores_place, ONE_FORM, message, fix)];
        }
        (Some(_), None) => None,
        (None, Some(stores)) => Some(stores),
    };
    let mut violations = Vec::new();
    if let (Some(stores), Some(home)) = (stores, home)
        && !stores.contains_key(home)
    {
        let message = format!("there is no store for the pipeline's Region, {home}");
        violations.push(refuse(&stores_place, EVERY_REGION, message, format!("add {home} to it")));
    }
    if stores.is_some_and(BTreeMap::is_empty) && home.is_none() {
        let message = "there is no store in it".to_owned();
        let fix = "add an entry for the pipeline's Region".to_owned();
        violations.push(refuse(&stores_place, EVERY_REGION, message, fix));
    }
    for step in &timeline.steps {
        let Some(region) = step.action.region.as_deref() else { continue };
        let place = step.place.member("region");
        match stores {
            Some(stores) if !stores.contains_key(region) && Some(region) != home => {
                let message = format!("there is no store for {region}");
                let fix = format!("add {region} to artifactStores");
                violations.push(refuse(&place, EVERY_REGION, message, fix));
            }
            None if home.is_some_and(|home| home != region) => {
                let message = format!("{region} is not the pipeline's Region");
                let fix = "use artifactStores, with an entry for each Region".to_owned();
                violations.push(refuse(&place, EVERY_REGION, message, fix));
            }
            Some(_) | None => {}
        }
    }
    violations
}

/// Checks that only those actions run in another Region that may.
pub(super) fn check_actions(timeline: &Timeline<'_>, home: Option<&str>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for step in &timeline.steps {
        let (Some(region), Some(home)) = (step.action.region.as_deref(), home) else { continue };
        let is_bound = step.action.is_source() || step.action.action_type_id.owner != "AWS";
        if is_bound && region != home {
            violations.push(Violation::error(
                ErrorClass::Action,
                &step.place.member("region"),
                AT_HOME,
                format!("{} cannot run in {region}: the pipeline is in {home}", step.title()),
                format!("remove the Region or make it {home}"),
            ));
        }
    }
    violations
}
