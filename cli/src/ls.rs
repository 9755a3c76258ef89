//! `towpath ls`: the pipelines, how their newest execution is doing and where it stands.

use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::operation::list_pipelines::ListPipelinesOutput;
use model::time::Timestamp;

use crate::arguments::client::Ls;
use crate::client::situation::{Execution, execution};
use crate::client::words::short;
use crate::client::{Answer, Client, board, printing, spelling};
use crate::ending::Ending;
use crate::view::board::lane::Mark;
use crate::view::lines::sign;
use crate::view::text::duration;

/// Lists the pipelines.
pub(crate) fn ls(options: &Ls) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &Ls) -> Answer {
    let pipelines = client.pipelines().await?;
    if options.json {
        let answer = ListPipelinesOutput::builder().set_pipelines(Some(pipelines)).build();
        printing::json(&spelling::json(&answer));
        return Ok(Ending::Succeeded);
    }
    if pipelines.is_empty() {
        printing::say("no pipeline yet; `towpath apply FILE` makes one");
        return Ok(Ending::Succeeded);
    }
    let now = local::world::now();
    let mut rows = Vec::new();
    for pipeline in &pipelines {
        let name = pipeline.name().unwrap_or_default();
        let (newest, state) = tokio::try_join!(client.executions(name, 1), client.state(name))?;
        let newest = newest.first().map(execution);
        let version = pipeline.version().unwrap_or(1);
        rows.push(row(name, version, newest.as_ref(), &state, now));
    }
    for line in printing::table(&rows) {
        printing::say(&line);
    }
    Ok(Ending::Succeeded)
}

/// Renders a pipeline: its newest execution, where that stands, how long ago it began, what it carries.
fn row(
    name: &str,
    version: i32,
    newest: Option<&Execution>,
    state: &GetPipelineStateOutput,
    now: Timestamp,
) -> Vec<String> {
    let version = format!("v{version}");
    let Some(newest) = newest else {
        let none = vec![sign(Mark::Untouched), name, &version, "", "never started"];
        return none.into_iter().map(str::to_owned).collect();
    };
    let age = newest
        .since
        .map_or_else(String::new, |since| format!("{} ago", duration(now.millis_since(since))));
    let place = stands(state, &newest.id);
    let status =
        if place.is_empty() { newest.status.clone() } else { format!("{} {place}", newest.status) };
    vec![
        sign(newest.mark).to_owned(),
        name.to_owned(),
        version,
        short(&newest.id).to_owned(),
        status,
        age,
        board::carries(newest),
    ]
}

/// Says in or before which stage an execution stands.
fn stands(state: &GetPipelineStateOutput, id: &str) -> String {
    let stages = state.stage_states();
    let waits = stages
        .iter()
        .find(|stage| stage.inbound_executions().iter().any(|of| of.pipeline_execution_id() == id));
    if let Some(stage) = waits {
        return format!("before {}", stage.stage_name().unwrap_or_default());
    }
    let inside = stages.iter().rev().find(|stage| {
        stage.latest_execution().is_some_and(|of| {
            of.pipeline_execution_id() == id && of.status().as_str() != "Succeeded"
        })
    });
    inside
        .map_or_else(String::new, |stage| format!("in {}", stage.stage_name().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::needless_raw_string_hashes,
        reason = "that is how expectations are written anew"
    )]

    use expect_test::expect;

    use super::*;
    use crate::client::examples::meeting_answers;

    #[test]
    fn a_pipeline_is_a_line_with_its_newest_execution_and_where_it_stands() {
        let answers = meeting_answers();
        let now = Timestamp::from_millis(75_000);
        let mut rows: Vec<_> = answers
            .executions
            .iter()
            .map(|newest| row("web-app", 3, Some(&execution(newest)), &answers.state, now))
            .collect();
        rows.push(row("never", 1, None, &answers.state, now));
        expect![[r#"
            ●  web-app  v3  00000003  in progress in Build        45.0 s ago      0000003 Change number 3
            ●  web-app  v3  00000002  in progress before Approve  55.0 s ago      0000002 Change number 2
            ●  web-app  v3  00000001  in progress in Approve      1 min 15 s ago  0000001 Change number 1
            ○  never    v1            never started
        "#]].assert_eq(&(printing::table(&rows).join("\n") + "\n"));
    }
}
