//! `towpath demo`: a change travels a whole pipeline, and two more meet it on the way.

mod example;
mod story;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::declaration::Format;
use model::status::TriggerType;

use crate::arguments::{Demo, Site};
use crate::demo::example::Repository;
use crate::demo::story::Story;
use crate::ending::Ending;
use crate::pipeline_file::Declared;
use crate::run::prepare::{Prepared, settings};
use crate::run::session::Session;
use crate::view::Wishes;

/// The Region that stands in names and events.
const REGION: &str = "us-east-1";

/// Makes a real repository of the example, runs its pipeline, and pushes two more commits while the
/// first execution waits for approval.
pub(crate) fn demo(options: &Demo) -> Ending {
    let place = match Place::new(options.data.as_deref()) {
        Ok(place) => place,
        Err(message) => return Ending::BadInput(message),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Ending::Failed(Some(format!("no threads could be started: {error}"))),
    };
    let ending = runtime.block_on(go(options, &place));
    // A thread that waits for an answer on the terminal would keep us here.
    runtime.shutdown_background();
    ending
}

/// Where the demo happens.
struct Place {
    directory: PathBuf,
}

impl Place {
    fn new(asked_for: Option<&Path>) -> Result<Self, String> {
        let directory = match asked_for {
            Some(directory) => std::path::absolute(directory),
            None => Ok(std::env::temp_dir().join(format!("towpath-demo-{}", std::process::id()))),
        };
        let directory = directory.map_err(|error| format!("the demo has no place: {error}"))?;
        std::fs::create_dir_all(&directory)
            .map_err(|error| format!("{}: {error}", directory.display()))?;
        Ok(Self { directory })
    }

    fn repository(&self) -> PathBuf {
        self.directory.join("repository")
    }

    fn host(&self) -> PathBuf {
        self.directory.join("host")
    }
}

async fn go(options: &Demo, place: &Place) -> Ending {
    let repository = match Repository::open(&place.repository()) {
        Ok(repository) => repository,
        Err(message) => return Ending::BadInput(message),
    };
    let prepared = match prepare(options, place) {
        Ok(prepared) => prepared,
        Err(message) => return Ending::Failed(Some(message)),
    };
    let wishes = Wishes { json: options.json, logs: options.logs };
    let mut session = match Session::open(prepared, options.yes, wishes).await {
        Ok(session) => session,
        Err(ending) => return ending,
    };
    session.view.say(&format!("repository {}", place.repository().display()));
    session.watch();
    if let Err(message) = session.start_if_changed(TriggerType::StartPipelineExecution).await {
        return Ending::BadInput(message);
    }
    let ending = Story::new(repository).tell(&mut session).await;
    session.view.finish();
    if ending == Ending::Succeeded {
        for line in closing(place) {
            session.view.say(&line);
        }
    }
    ending
}

fn prepare(options: &Demo, place: &Place) -> Result<Prepared, String> {
    let declared = Declared {
        resource: None,
        text: example::PIPELINE.to_owned(),
        format: Format::Yaml,
        notes: Vec::new(),
    };
    let (pipeline, declaration) = declared.pipeline().map_err(|violations| {
        let lines: Vec<_> = violations.iter().map(ToString::to_string).collect();
        format!("the example cannot be run: {}", lines.join("; "))
    })?;
    let path = |path: PathBuf| path.to_string_lossy().into_owned();
    let site = Site {
        repositories: vec![("web-app".to_owned(), path(place.repository()))],
        hosts: vec![("production".to_owned(), path(place.host()))],
        buildspecs: vec![("web-app-test".to_owned(), "buildspec-test.yml".to_owned())],
        ..Site::default()
    };
    let data = place.directory.join("data");
    let settings = settings(&site, data, REGION.to_owned(), options.events.clone())?;
    let pipeline = Arc::new(pipeline);
    Ok(Prepared { pipeline, declaration, settings, notes: Vec::new(), variables: BTreeMap::new() })
}

/// Says what was deployed where, and what to try next.
fn closing(place: &Place) -> Vec<String> {
    let host = place.host();
    let site = host.join("var/www/web-app");
    let version = std::fs::read_to_string(site.join("version.txt")).unwrap_or_default();
    let mut pages: Vec<_> = std::fs::read_dir(&site)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    pages.sort();
    let directory = place.directory.display();
    vec![
        String::new(),
        format!("deployed  {} to {}", version.trim(), site.display()),
        format!("          {}", pages.join("  ")),
        String::new(),
        "try next:".to_owned(),
        "  towpath lint examples/web-app/pipeline.yaml".to_owned(),
        format!(
            "  towpath run examples/web-app/pipeline.yaml --repository web-app={directory}/repository \\"
        ),
        format!(
            "      --host production={directory}/host --buildspec web-app-test=buildspec-test.yml"
        ),
        format!("  then commit something in {directory}/repository"),
    ]
}
