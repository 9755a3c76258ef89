//! `towpath approve`: yes to an approval that waits.

use aws_sdk_codepipeline::types::{ApprovalResult, ApprovalStatus};

use crate::arguments::client::Answer as Options;
use crate::client::choose::{Open, approval, parse_place};
use crate::client::words::short;
use crate::client::{Answer, Client, printing, situation, spelling};
use crate::ending::Ending;
use crate::view::text::duration;

/// Says yes.
pub(crate) fn approve(options: &Options) -> Ending {
    answer(options, &ApprovalStatus::Approved)
}

/// Gives an answer to the approval that is meant, and shows what was answered.
pub(crate) fn answer(options: &Options, status: &ApprovalStatus) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options, status).await)
}

async fn go(client: &Client, options: &Options, status: &ApprovalStatus) -> Answer {
    let name = &options.name;
    let open = meant(client, options).await?;
    let (stage, action) = (&open.stage, &open.action);
    let token = options.token.clone().or_else(|| open.token.clone()).ok_or_else(|| {
        Ending::Failed(Some(format!(
            "{stage}/{action} of {name} came without the token that an answer needs\n  give it with \
             --token, from the message that asked"
        )))
    })?;
    if !options.json {
        show(name, &open);
    }
    let result = ApprovalResult::builder().summary(&options.summary).status(status.clone()).build();
    let result = result.map_err(|error| Ending::BadInput(error.to_string()))?;
    let request = client.api.put_approval_result().pipeline_name(name);
    let request = request.stage_name(stage).action_name(action).token(token).result(result);
    let answer = client.heard(request.send().await)?;
    if options.json {
        printing::json(&spelling::json(&answer));
        return Ok(Ending::Succeeded);
    }
    let verb = if *status == ApprovalStatus::Approved { "✓ approved" } else { "✗ rejected" };
    let id = if open.execution.is_empty() { "" } else { short(&open.execution) };
    printing::say(&format!("{} {verb}  {stage}/{action}", format!("{name} {id}").trim_end()));
    Ok(Ending::Succeeded)
}

/// Finds what is to be answered. With a place and a token nothing has to be looked up: the token is
/// what counts, and the server says whether it still does.
async fn meant(client: &Client, options: &Options) -> Result<Open, Ending> {
    if let (Some(_), Some(place)) = (&options.token, &options.action) {
        let (stage, action) = parse_place(place)?;
        return Ok(Open {
            execution: String::new(),
            stage: stage.to_owned(),
            action: action.to_owned(),
            since: None,
            about: Vec::new(),
            token: None,
        });
    }
    if let Some(place) = &options.action {
        parse_place(place)?;
    }
    let (situation, _) = situation::look(client, &options.name).await?;
    approval(&situation, options.action.as_deref(), options.execution.as_deref())
}

fn show(name: &str, open: &Open) {
    let waits = open.since.map(|since| {
        let waits = duration(local::world::now().millis_since(since));
        format!(", open for {waits}")
    });
    if !open.execution.is_empty() {
        let id = short(&open.execution);
        let waits = waits.unwrap_or_default();
        printing::say(&format!("{name} {id} {}/{}{waits}:", open.stage, open.action));
    }
    for about in &open.about {
        printing::say(&format!("  {about}"));
    }
}
