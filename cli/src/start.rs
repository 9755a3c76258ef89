//! `towpath start`: a new execution.

use std::collections::BTreeMap;

use aws_sdk_codepipeline::types::{
    PipelineDeclaration, PipelineVariable, SourceRevisionOverride, SourceRevisionType,
    StageDeclaration,
};

use crate::arguments::client::Start;
use crate::client::words::{list, short};
use crate::client::{Answer, Client, printing, spelling};
use crate::ending::Ending;
use crate::watch::{self, Wish};

/// Starts an execution, and follows it if that is wished for.
pub(crate) fn start(options: &Start) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &Start) -> Answer {
    let name = &options.name;
    let mut request = client.api.start_pipeline_execution().name(name);
    request = request.set_client_request_token(options.token.clone());
    for (key, value) in &options.variables {
        let variable = PipelineVariable::builder().name(key).value(value).build();
        request = request.variables(variable.map_err(|error| Ending::BadInput(error.to_string()))?);
    }
    if !options.revisions.is_empty() {
        let declaration = client.declaration(name).await?;
        for revision in revisions(&declaration, &options.revisions)? {
            request = request.source_revisions(revision);
        }
    }
    let answer = client.heard(request.send().await)?;
    let id = answer.pipeline_execution_id().unwrap_or_default().to_owned();
    if options.watch {
        let wish = Wish { json: options.json, exit_status: true, ..Wish::default() };
        return Box::pin(watch::follow(client, name, &id, wish)).await;
    }
    if options.json {
        printing::json(&spelling::json(&answer));
    } else {
        let short = short(&id);
        printing::say(&format!("{name} {short}  started as {id}"));
        printing::say(&format!("`towpath watch {name} --execution {short}` follows it"));
    }
    Ok(Ending::Succeeded)
}

/// Says of each revision what kind it is, by the provider of its action.
fn revisions(
    declaration: &PipelineDeclaration,
    given: &[(String, String)],
) -> Result<Vec<SourceRevisionOverride>, Ending> {
    let actions = declaration.stages().iter().flat_map(StageDeclaration::actions);
    let sources: BTreeMap<_, _> = actions
        .filter_map(|action| {
            let of = action.action_type_id().filter(|of| of.category().as_str() == "Source")?;
            Some((action.name().to_owned(), of.provider().to_owned()))
        })
        .collect();
    let mut found = Vec::new();
    for (action, revision) in given {
        let Some(provider) = sources.get(action) else {
            let names: Vec<_> = sources.keys().collect();
            return Err(Ending::BadInput(format!(
                "--revision {action}: {} has no source action of this name; it has: {}",
                declaration.name(),
                list(&names)
            )));
        };
        let kind = match provider.as_str() {
            "ECR" => SourceRevisionType::ImageDigest,
            "S3" => SourceRevisionType::S3ObjectVersionId,
            _ => SourceRevisionType::CommitId,
        };
        let source = SourceRevisionOverride::builder().action_name(action);
        let source = source.revision_type(kind).revision_value(revision).build();
        found.push(source.map_err(|error| Ending::BadInput(error.to_string()))?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::examples::meeting_answers;

    #[test]
    fn a_revision_is_of_the_kind_that_its_source_brings() {
        let declaration = meeting_answers().declaration;
        let given = |action: &str| vec![(action.to_owned(), "abc".to_owned())];
        let found = revisions(&declaration, &given("Commit")).unwrap();
        assert_eq!(*found[0].revision_type(), SourceRevisionType::CommitId);
        let Err(Ending::BadInput(text)) = revisions(&declaration, &given("Compile")) else {
            panic!("a build has no revision")
        };
        assert!(text.contains("it has: Commit"), "{text}");
    }
}
