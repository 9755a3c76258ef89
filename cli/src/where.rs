//! `towpath where`: which stages of which pipelines a commit is in.

use serde_json::{Value, json};

use crate::arguments::client::Where;
use crate::client::situation::{Execution, Situation, Stage};
use crate::client::words::short;
use crate::client::{Answer, Client, printing, situation};
use crate::ending::Ending;
use crate::view::board::lane::Mark;
use crate::view::lines::sign;

/// The fewest characters that mean a commit.
const COMMIT_CHARACTERS_MIN: usize = 4;

/// Finds the commit.
pub(crate) fn r#where(options: &Where) -> Ending {
    if options.commit.len() < COMMIT_CHARACTERS_MIN {
        return Ending::BadInput(format!(
            "{} is too short for a commit; write {COMMIT_CHARACTERS_MIN} characters or more",
            options.commit
        ));
    }
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &Where) -> Answer {
    let names = if let Some(name) = &options.name {
        vec![name.clone()]
    } else {
        let pipelines = client.pipelines().await?;
        pipelines.iter().filter_map(|of| of.name().map(str::to_owned)).collect()
    };
    let mut has_found = false;
    for name in &names {
        let (situation, _) = situation::look(client, name).await?;
        for found in find(&situation, &options.commit) {
            has_found = true;
            if options.json {
                printing::json_line(&found.json(&situation));
            } else {
                found.lines(&situation).iter().for_each(|line| printing::say(line));
            }
        }
    }
    if has_found {
        return Ok(Ending::Succeeded);
    }
    let of = options.name.as_ref().map_or_else(|| "any pipeline".to_owned(), Clone::clone);
    Err(Ending::Failed(Some(format!("no recent execution of {of} carries {}", options.commit))))
}

/// An execution that carries the commit, and how far it came.
struct Found<'a> {
    execution: &'a Execution,
    text: String,
    stages: Vec<(&'a str, Place)>,
}

/// Where an execution is as seen from one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It was the last to go through: what the stage made is this commit's.
    Holds,
    /// It is inside now.
    Inside,
    /// It waits to enter.
    Before,
    /// It failed or was stopped here.
    Ended,
    /// It went through, and another came after it, or it never came here.
    Elsewhere,
}

/// Returns the executions that carry a commit, newest first.
fn find<'a>(situation: &'a Situation, commit: &str) -> Vec<Found<'a>> {
    let commit = commit.to_lowercase();
    let mut found = Vec::new();
    for execution in &situation.executions {
        let mut carried = execution.revisions.iter();
        let Some(revision) = carried.find(|revision| revision.id.starts_with(&commit)) else {
            continue;
        };
        let lanes = situation
            .lanes
            .iter()
            .filter(|lane| lane.execution.as_ref().is_none_or(|id| *id == execution.id));
        let stages = lanes.flat_map(|lane| &lane.stages);
        let stages = stages.map(|stage| (stage.name.as_str(), place(stage, &execution.id)));
        let text = revision.text.clone();
        found.push(Found { execution, text, stages: stages.collect() });
    }
    found
}

fn place(stage: &Stage, id: &str) -> Place {
    if stage.waiting.iter().any(|waiting| waiting.execution == id) {
        return Place::Before;
    }
    let Some(inside) = stage.inside.as_ref().filter(|inside| inside.execution == id) else {
        return Place::Elsewhere;
    };
    match inside.mark {
        Mark::Succeeded => Place::Holds,
        Mark::Running => Place::Inside,
        Mark::Failed | Mark::Stopped => Place::Ended,
        Mark::Untouched => Place::Elsewhere,
    }
}

impl Found<'_> {
    fn of(&self, wanted: Place) -> Vec<&str> {
        let stages = self.stages.iter().filter(|(_, place)| *place == wanted);
        stages.map(|(name, _)| *name).collect()
    }

    fn lines(&self, situation: &Situation) -> Vec<String> {
        let Execution { mark, id, status, .. } = self.execution;
        let (name, id) = (&situation.pipeline, short(id));
        let mut lines = vec![format!("{} {name} {id}  {status}  {}", sign(*mark), self.text)];
        for (place, text) in [
            (Place::Holds, "last in"),
            (Place::Inside, "inside"),
            (Place::Before, "before"),
            (Place::Ended, "ended in"),
        ] {
            let stages = self.of(place);
            if !stages.is_empty() {
                lines.push(format!("  {text:<8}  {}", stages.join(", ")));
            }
        }
        if lines.len() == 1 {
            lines.push("  no stage holds it any more".to_owned());
        }
        lines
    }

    fn json(&self, situation: &Situation) -> Value {
        let revisions = self.execution.revisions.iter();
        let revisions = revisions
            .map(|revision| json!({ "actionName": revision.action, "revisionId": revision.id }));
        json!({
            "pipelineName": situation.pipeline,
            "pipelineExecutionId": self.execution.id,
            "status": self.execution.status,
            "sourceRevisions": revisions.collect::<Vec<_>>(),
            "holds": self.of(Place::Holds), "inside": self.of(Place::Inside),
            "before": self.of(Place::Before), "ended": self.of(Place::Ended),
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::needless_raw_string_hashes,
        reason = "that is how expectations are written anew"
    )]

    use expect_test::{Expect, expect};

    use super::*;
    use crate::client::examples::{closed, meeting, parallel};

    fn check(situation: &Situation, commit: &str, expected: &Expect) {
        let lines = find(situation, commit).into_iter().flat_map(|found| found.lines(situation));
        expected.assert_eq(&lines.map(|line| line + "\n").collect::<String>());
    }

    #[test]
    fn a_commit_is_in_the_stages_whose_last_execution_carries_it() {
        check(
            &meeting(),
            "0000003A",
            &expect![[r#"
                ● web-app 00000003  in progress  0000003 Change number 3
                  last in   Source
                  inside    Build
            "#]],
        );
        check(
            &meeting(),
            "0000002a",
            &expect![[r#"
                ● web-app 00000002  in progress  0000002 Change number 2
                  before    Approve
            "#]],
        );
        check(
            &closed(),
            "0000002a",
            &expect![[r#"
                ✗ web-app 00000002  failed  0000002 Change number 2
                  last in   Source
                  ended in  Build
            "#]],
        );
        check(
            &parallel(),
            "0000001a",
            &expect![[r#"
                ✓ web-app 00000001  succeeded  0000001 Change number 1
                  last in   Source, Build, Approve, Deploy
            "#]],
        );
    }

    #[test]
    fn a_commit_that_no_execution_carries_is_nowhere() {
        assert!(find(&meeting(), "ffff").is_empty());
    }
}
