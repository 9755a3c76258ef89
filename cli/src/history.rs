//! `towpath history`: the executions of a pipeline, newest first.

use aws_sdk_codepipeline::operation::list_pipeline_executions::ListPipelineExecutionsOutput;
use model::time::Timestamp;

use crate::arguments::client::History;
use crate::client::situation::{Execution, execution};
use crate::client::words::short;
use crate::client::{Answer, Client, board, printing, spelling};
use crate::ending::Ending;
use crate::view::lines::sign;
use crate::view::text::duration;

/// Lists the executions.
pub(crate) fn history(options: &History) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &History) -> Answer {
    let name = &options.name;
    let limit = usize::try_from(options.limit).unwrap_or(usize::MAX);
    let executions = client.executions(name, limit).await?;
    if options.json {
        let answer = ListPipelineExecutionsOutput::builder();
        let answer = answer.set_pipeline_execution_summaries(Some(executions)).build();
        printing::json(&spelling::json(&answer));
        return Ok(Ending::Succeeded);
    }
    if executions.is_empty() {
        printing::say(&format!("{name} has no execution yet; `towpath start {name}` starts one"));
        return Ok(Ending::Succeeded);
    }
    let now = local::world::now();
    let rows: Vec<_> = executions.iter().map(|summary| row(&execution(summary), now)).collect();
    for line in printing::table(&rows) {
        printing::say(&line);
    }
    Ok(Ending::Succeeded)
}

/// Renders an execution: how it is doing, how long ago it began, how long it took, why it was
/// started and by whom, and what it carries.
fn row(execution: &Execution, now: Timestamp) -> Vec<String> {
    let age = execution.since.map(|since| format!("{} ago", duration(now.millis_since(since))));
    let took = execution.since.map(|since| {
        let until = execution.until.unwrap_or(now);
        format!("took {}", duration(until.millis_since(since)))
    });
    vec![
        sign(execution.mark).to_owned(),
        short(&execution.id).to_owned(),
        execution.status.clone(),
        age.unwrap_or_default(),
        took.unwrap_or_default(),
        execution.trigger.clone(),
        board::carries(execution),
    ]
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::needless_raw_string_hashes,
        reason = "that is how expectations are written anew"
    )]

    use expect_test::expect;

    use super::*;
    use crate::client::examples::closed;

    #[test]
    fn an_execution_is_a_line_with_how_long_it_took_and_who_started_it() {
        let now = Timestamp::from_millis(75_000);
        let rows: Vec<_> = closed().executions.iter().map(|of| row(of, now)).collect();
        expect![[r#"
            ✗  00000002  failed       55.0 s ago      took 13.0 s      StartPipelineExecution local  0000002 Change number 2
            ●  00000001  in progress  1 min 15 s ago  took 1 min 15 s  StartPipelineExecution local  0000001 Change number 1
        "#]].assert_eq(&(printing::table(&rows).join("\n") + "\n"));
    }
}
