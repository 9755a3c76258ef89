//! From arguments to everything a session needs, before anything is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use executors::watch::newest_revision;
use local::capability::{Incapable, incapable};
use local::controller::Settings;
use model::pipeline::Pipeline;
use model::status::ActionCategory;
use model::violation::Violation;

use crate::arguments::{Run, Site};
use crate::pipeline_file::{Declared, Parameters, find};
use crate::run::unbuilt::unbuilt;

/// A pipeline that is in order, and the machine it is to run on.
pub(crate) struct Prepared {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) declaration: String,
    pub(crate) settings: Settings,
    pub(crate) notes: Vec<String>,
    pub(crate) variables: BTreeMap<String, String>,
}

/// Reads the file and looks at the sources, so that what is missing is said before anything starts.
pub(crate) fn prepare(options: &Run) -> Result<Prepared, String> {
    let declared = choose(options)?;
    let (pipeline, declaration) =
        declared.pipeline().map_err(|violations| refusal(&options.file, &violations))?;
    let data = absolute(&options.data)?;
    let settings = settings(&options.site, data, options.region.clone(), options.events.clone())?;
    let variables: BTreeMap<_, _> = options.variables.iter().cloned().collect();
    check_variables(&pipeline, &variables)?;
    check_sources(&pipeline, &settings)?;
    let mut notes = declared.notes;
    notes.extend(unbuilt(&declaration));
    let incapable = incapable(&pipeline, &settings);
    notes.extend(
        incapable
            .into_iter()
            .map(|Incapable { place, reason }| format!("! {place} will fail here: {reason}")),
    );
    let pipeline = Arc::new(pipeline);
    Ok(Prepared { pipeline, declaration, settings, notes, variables })
}

fn choose(options: &Run) -> Result<Declared, String> {
    let parameters: BTreeMap<_, _> = options.site.parameters.iter().cloned().collect();
    let mut found = find(&options.file, &parameters, Parameters::AlsoForBuildspecs)?;
    let names: Vec<_> = found.iter().filter_map(|declared| declared.resource.clone()).collect();
    if let Some(wanted) = &options.resource {
        found.retain(|declared| declared.resource.as_ref() == Some(wanted));
        let shown = options.file.display();
        return found.pop().ok_or_else(|| {
            format!("{shown} has no pipeline {wanted}; it has: {}", names.join(", "))
        });
    }
    if found.len() > 1 {
        let shown = options.file.display();
        return Err(format!(
            "{shown} holds {} pipelines; choose one with --resource: {}",
            found.len(),
            names.join(", ")
        ));
    }
    found.pop().ok_or_else(|| format!("{} holds no pipeline", options.file.display()))
}

/// Renders what is wrong, a line each.
fn refusal(file: &Path, violations: &[Violation]) -> String {
    let mut lines = vec![format!("{} cannot be run:", file.display())];
    lines.extend(violations.iter().map(|violation| format!("  ✗ {violation}")));
    lines.join("\n")
}

fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns how the controller is set up.
pub(crate) fn settings(
    site: &Site,
    data: PathBuf,
    region: String,
    events: Option<PathBuf>,
) -> Result<Settings, String> {
    let program = std::env::current_exe()
        .map_err(|error| format!("the program's own file cannot be found: {error}"))?;
    let mut hosts = BTreeMap::new();
    for (group, directory) in &site.hosts {
        hosts.insert(group.clone(), absolute(Path::new(directory))?);
    }
    let projects = site.buildspecs.iter().map(|(name, buildspec)| {
        let project = executors::site::Project {
            buildspec: Some(buildspec.clone()),
            ..executors::site::Project::default()
        };
        (name.clone(), project)
    });
    let site = executors::Site {
        artifacts: data.join("artifacts"),
        repositories: absolute_places(&site.repositories)?,
        hosts,
        buckets: absolute_places(&site.buckets)?,
        functions: site.functions.iter().cloned().collect(),
        parameters: site.parameters.iter().cloned().collect(),
        secrets: site.secrets.iter().cloned().collect(),
        projects: projects.collect(),
    };
    Ok(Settings { data, site, program, region, events })
}

/// Paths are made absolute, because actions run elsewhere; URLs stay as they are.
fn absolute_places(places: &[(String, String)]) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    for (name, place) in places {
        let is_path = Path::new(place).exists() || !place.contains(':');
        let place = if is_path {
            absolute(Path::new(place))?.to_string_lossy().into_owned()
        } else {
            place.clone()
        };
        found.insert(name.clone(), place);
    }
    Ok(found)
}

/// A start is refused for variables that are not declared, or required and not given (R6); that is
/// better known before anything is written.
fn check_variables(pipeline: &Pipeline, given: &BTreeMap<String, String>) -> Result<(), String> {
    let declared: Vec<_> =
        pipeline.variables.iter().map(|variable| variable.name.as_str()).collect();
    if let Some(unknown) = given.keys().find(|name| !declared.contains(&name.as_str())) {
        return Err(match declared.as_slice() {
            [] => format!("--variable {unknown}: the pipeline declares no variables"),
            declared => {
                format!("--variable {unknown}: the pipeline declares {}", declared.join(", "))
            }
        });
    }
    let missing = pipeline
        .variables
        .iter()
        .find(|variable| variable.default.is_none() && !given.contains_key(&variable.name));
    match missing {
        None => Ok(()),
        Some(missing) => Err(format!(
            "variable {0} has no default value; give it with --variable {0}=VALUE",
            missing.name
        )),
    }
}

/// Every source must be there before the first execution is.
fn check_sources(pipeline: &Pipeline, settings: &Settings) -> Result<(), String> {
    let actions = pipeline
        .stages
        .iter()
        .flat_map(|stage| stage.actions.iter().map(move |action| (stage, action)));
    for (stage, action) in actions {
        if action.type_id.category == ActionCategory::Source {
            let provider = &action.type_id.provider;
            newest_revision(provider, &action.configuration, &settings.site)
                .map_err(|error| format!("source {}/{}: {error}", stage.name, action.name))?;
        }
    }
    Ok(())
}
