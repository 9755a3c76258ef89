//! `towpath apply`: a pipeline from a file, created or brought up to date.

use aws_sdk_codepipeline::types::{PipelineDeclaration, Tag};

use crate::arguments::client::Apply;
use crate::client::declared::{Read, read};
use crate::client::difference::Difference;
use crate::client::{Answer, Client, asking, printing, spelling};
use crate::ending::Ending;
use crate::run::unbuilt::unbuilt;

/// Shows what changes, asks, and does it.
pub(crate) fn apply(options: &Apply) -> Ending {
    let read = match read(&options.declared) {
        Ok(read) => read,
        Err(ending) => return ending,
    };
    crate::client::ask(&options.connection, async |client| go(&client, options, &read).await)
}

async fn go(client: &Client, options: &Apply, read: &Read) -> Answer {
    let name = &read.name;
    let server = existing(client, name).await?;
    let shown = server.as_ref().map(spelling::json);
    let difference = Difference::new(shown.as_ref(), &read.value);
    let version = server.as_ref().and_then(PipelineDeclaration::version).unwrap_or(1);
    if server.is_some() && difference.is_empty() && !options.force {
        tag(client, options, name).await?;
        return Ok(unchanged(options, name, version, &difference, shown.as_ref()));
    }
    if !options.json {
        for note in &read.notes {
            printing::say(&format!("· {note}"));
        }
        for sentence in unbuilt(&read.text) {
            printing::say(&sentence);
        }
        printing::lines(&difference.lines);
        secrets(&difference);
    }
    let question = match &server {
        Some(_) => format!("update {name} from version {version}?"),
        None => format!("create {name}?"),
    };
    if !options.yes && !asking::confirm(&question)? {
        printing::say("nothing was changed");
        return Ok(Ending::Stopped);
    }
    let declaration = spelling::declaration(&read.text).map_err(Ending::BadInput)?;
    match server {
        Some(_) => update(client, options, declaration).await,
        None => create(client, options, declaration).await,
    }
}

/// Returns what the server has of this name.
pub(crate) async fn existing(
    client: &Client,
    name: &str,
) -> Result<Option<PipelineDeclaration>, Ending> {
    let answer = client.api.get_pipeline().name(name).send().await;
    if let Err(error) = &answer
        && let Some(error) = error.as_service_error()
        && error.is_pipeline_not_found_exception()
    {
        return Ok(None);
    }
    Ok(client.heard(answer)?.pipeline)
}

/// Says which secrets could not be compared.
pub(crate) fn secrets(difference: &Difference) {
    for place in &difference.secrets {
        printing::say(&format!(
            "· {place} is a secret and cannot be compared; what the file holds is sent"
        ));
    }
}

fn unchanged(
    options: &Apply,
    name: &str,
    version: i32,
    difference: &Difference,
    shown: Option<&serde_json::Value>,
) -> Ending {
    if options.json {
        printing::json(&serde_json::json!({ "pipeline": shown }));
        return Ending::Succeeded;
    }
    printing::say(&format!("{name} is unchanged: version {version} says the same"));
    for place in &difference.secrets {
        let hint = "--force sends what the file holds";
        printing::say(&format!("· {place} is a secret and cannot be compared; {hint}"));
    }
    Ending::Succeeded
}

async fn create(client: &Client, options: &Apply, declaration: PipelineDeclaration) -> Answer {
    let tags = tags(options)?;
    let request = client.api.create_pipeline().pipeline(declaration);
    let request = request.set_tags((!tags.is_empty()).then_some(tags));
    let answer = client.heard(request.send().await)?;
    if options.json {
        printing::json(&spelling::json(&answer));
    } else if let Some(pipeline) = answer.pipeline() {
        let name = pipeline.name();
        printing::say(&format!("{name} is created and starts; `towpath watch {name}` follows it"));
    }
    Ok(Ending::Succeeded)
}

async fn update(client: &Client, options: &Apply, declaration: PipelineDeclaration) -> Answer {
    let name = declaration.name().to_owned();
    let answer = client.heard(client.api.update_pipeline().pipeline(declaration).send().await)?;
    tag(client, options, &name).await?;
    if options.json {
        printing::json(&spelling::json(&answer));
    } else if let Some(pipeline) = answer.pipeline() {
        let version = pipeline.version().unwrap_or(1);
        printing::say(&format!("{name} is version {version} now; `towpath start {name}` runs it"));
    }
    Ok(Ending::Succeeded)
}

/// Puts the tags on a pipeline that exists.
async fn tag(client: &Client, options: &Apply, name: &str) -> Result<(), Ending> {
    let tags = tags(options)?;
    if tags.is_empty() {
        return Ok(());
    }
    let answer = client.heard(client.api.get_pipeline().name(name).send().await)?;
    let arn = answer.metadata().and_then(|metadata| metadata.pipeline_arn());
    let arn =
        arn.ok_or_else(|| Ending::Failed(Some(format!("{name} came without an ARN to tag"))))?;
    let request = client.api.tag_resource().resource_arn(arn).set_tags(Some(tags));
    client.heard(request.send().await)?;
    Ok(())
}

fn tags(options: &Apply) -> Result<Vec<Tag>, Ending> {
    let tags = options.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| Ending::BadInput(error.to_string()))
}
