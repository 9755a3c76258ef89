//! CodeBuild, for building and testing: runs the buildspec of the primary source (contract §5.2).

pub(crate) mod environment;
pub(crate) mod sources;

use std::collections::BTreeMap;
use std::path::PathBuf;

use buildspec::{
    About, Build, Buildspec, Ended, FailureKind, FailureReport, OutputRequest, Resolver,
};
use model::outcome::{Failure, Success};
use providers::Job;

use crate::task::{Task, file_name};
use crate::{Site, fault};
use providers::Settings;
use sources::Sources;

/// Finds what would stop the job before it begins.
pub(crate) fn check(job: &Job, _site: &Site) -> Result<(), Failure> {
    let settings = Settings::new(&job.provider, &job.configuration);
    settings.required("ProjectName")?;
    if settings.is_set("BatchEnabled", false)? {
        return Err(fault::configuration(
            "BatchEnabled is true, and one machine runs no batch builds; set BatchEnabled to false, \
             write each build as an action of its own, or run this pipeline with Towpath deployed in \
             AWS",
        ));
    }
    sources::primary(job)?;
    environment::read(job).map(drop)
}

/// Builds.
pub(crate) fn perform(task: &Task) -> Result<Success, Failure> {
    let project = task.settings().required("ProjectName")?;
    let variables = environment::assemble(task.job, task.site.projects.get(project))?;
    let sources = Sources::prepare(task)?;
    let buildspec = sources.buildspec(task, project)?;
    run(task, project, &buildspec, sources, variables)
}

/// Runs a buildspec over sources, and stores what it makes.
pub(crate) fn run(
    task: &Task,
    project: &str,
    buildspec: &Buildspec,
    sources: Sources,
    environment: Vec<buildspec::Variable>,
) -> Result<Success, Failure> {
    let job = task.job;
    let build_id = format!("{project}:{}", job.run_id);
    let region = &job.region;
    let origin = sources.origin;
    let build = Build {
        about: About {
            build_arn: format!("arn:aws:codebuild:{region}:000000000000:build/{build_id}"),
            build_id: build_id.clone(),
            build_number: job.execution_number,
            initiator: format!("codepipeline/{}", job.pipeline),
            project_name: project.to_owned(),
            source_repository_url: origin.as_ref().map(|it| it.repository.clone()),
            source_version: origin.as_ref().map(|it| it.commit.clone()),
            resolved_source_version: origin.as_ref().map(|it| it.commit.clone()),
            region: region.clone(),
            start_time_milliseconds: jiff::Timestamp::now().as_millisecond(),
        },
        source_directory: sources.primary,
        secondary_directories: sources.secondary,
        environment,
        outputs: requests(task)?,
        log: task.workplace.log.clone(),
        scratch: task.workplace.directory.join("shell"),
        group: task.group,
        // The engine's timeout stops the whole process (contract §9).
        deadline: None,
    };
    let resolver =
        Resolver { parameters: task.site.parameters.clone(), secrets: task.site.secrets.clone() };
    let ended = build.run(buildspec, &resolver);
    settle(task, &build, build_id, ended)
}

/// Returns the archives to make, in the order of the declaration.
fn requests(task: &Task) -> Result<Vec<OutputRequest>, Failure> {
    let directory = task.directory("outputs")?;
    let outputs = task.job.outputs.iter().map(|output| {
        let archive: PathBuf = directory.join(format!("{}.zip", file_name(&output.name)?));
        Ok(OutputRequest { name: output.name.clone(), archive })
    });
    outputs.collect()
}

fn settle(task: &Task, build: &Build, build_id: String, ended: Ended) -> Result<Success, Failure> {
    if let Err(report) = &ended.outcome {
        return Err(Failure { external_id: Some(build_id), ..failure(report) });
    }
    let stored = task.job.outputs.iter().zip(&build.outputs);
    let artifacts = stored.map(|(output, request)| task.store(output, &request.archive));
    Ok(Success {
        external_id: Some(build_id),
        variables: ended.exported_variables,
        artifacts: artifacts.collect::<Result<_, _>>()?,
        ..Success::default()
    })
}

/// Says what failed: the phase, the command and how it ended. What it printed is in the log.
fn failure(report: &FailureReport) -> Failure {
    // The message names the command and its exit status.
    let FailureReport { phase, command: _, exit_status: _, message, kind } = report;
    let text = format!("phase {phase}: {message}");
    match kind {
        FailureKind::Command | FailureKind::TimedOut | FailureKind::Artifacts => fault::job(text),
        FailureKind::Configuration => fault::configuration(text),
        FailureKind::Machine => {
            let code = model::status::FailureType::SystemUnavailable;
            Failure::new(code, fault::cut(&text))
        }
    }
}

/// Directories by the name of the artifact that is in them.
type Directories = BTreeMap<String, PathBuf>;
