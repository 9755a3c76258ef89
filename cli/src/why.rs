//! `towpath why`: what each waiting thing waits for, since when, held by whom, and what moves it on.

use model::time::Timestamp;
use serde_json::{Value, json};

use crate::arguments::client::Why;
use crate::client::situation::{Action, Inside, Situation, Stage};
use crate::client::words::short;
use crate::client::{Answer, Client, board, printing, situation};
use crate::ending::Ending;
use crate::view::board::lane::Mark;
use crate::view::text::duration;

/// Says why.
pub(crate) fn why(options: &Why) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &Why) -> Answer {
    let (situation, _) = situation::look(client, &options.name).await?;
    let reasons = reasons(&situation);
    let now = local::world::now();
    for reason in &reasons {
        if options.json {
            printing::json_line(&reason.json(&situation.pipeline));
        } else {
            reason.lines(now).iter().for_each(|line| printing::say(line));
        }
    }
    if reasons.is_empty() && !options.json {
        printing::say(&nothing(&situation, now));
    }
    Ok(Ending::Succeeded)
}

/// One thing that waits, or keeps others waiting.
#[derive(Clone, Debug)]
struct Reason {
    execution: Option<String>,
    stage: String,
    action: Option<String>,
    /// What it waits for: `approval`, `action`, `stage`, `transition`, `turn`, `retry`.
    kind: &'static str,
    /// The same as a sentence, and what is to be said after how long it has been so.
    text: String,
    more: String,
    since: Option<Timestamp>,
    held_by: Option<String>,
    /// What moves it on.
    commands: Vec<String>,
}

impl Reason {
    fn lines(&self, now: Timestamp) -> Vec<String> {
        let who = self.execution.as_deref().map(|id| format!("{} ", short(id)));
        let since = self.since.map(|since| {
            let since = duration(now.millis_since(since));
            if self.kind == "retry" { format!(", {since} ago") } else { format!(", for {since}") }
        });
        let (who, since) = (who.unwrap_or_default(), since.unwrap_or_default());
        let mut lines = vec![format!("{who}{}{since}{}", self.text, self.more)];
        lines.extend(self.commands.iter().map(|command| format!("    {command}")));
        lines
    }

    fn json(&self, pipeline: &str) -> Value {
        json!({
            "pipelineName": pipeline, "pipelineExecutionId": self.execution,
            "stageName": self.stage, "actionName": self.action, "waitsFor": self.kind,
            "since": self.since.map(|since| since.to_string()), "heldBy": self.held_by,
            "text": format!("{}{}", self.text, self.more), "commands": self.commands,
        })
    }
}

/// Returns everything that waits, in the order of the stages.
fn reasons(situation: &Situation) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut paused = Vec::new();
    for stage in situation.lanes.iter().flat_map(|lane| &lane.stages) {
        if let Some(holder) = stage.holder() {
            let running = stage.actions.iter().filter(|action| action.mark == Mark::Running);
            reasons.extend(running.map(|action| of_action(situation, stage, holder, action)));
        }
        let waiting = stage.waiting.iter().enumerate();
        reasons.extend(waiting.map(|(index, _)| of_waiting(situation, stage, index)));
        let is_first = !paused.contains(&&stage.name);
        if stage.closed.is_some() && stage.waiting.is_empty() && is_first {
            paused.push(&stage.name);
            reasons.extend(of_door(situation, stage));
        }
        reasons.extend(of_failure(situation, stage));
    }
    reasons
}

/// Why an action that runs is not done.
fn of_action(situation: &Situation, stage: &Stage, holder: &Inside, action: &Action) -> Reason {
    let (name, id) = (&situation.pipeline, short(&holder.execution));
    let place = format!("{}/{}", stage.name, action.name);
    let asks = action.question.first().map_or_else(String::new, |asks| format!(": {asks}"));
    let (kind, text, commands) = if action.is_approval {
        let which = format!("{name} {place} --execution {id}");
        let commands = vec![format!("towpath approve {which}"), format!("towpath reject {which}")];
        ("approval", format!("waits for an answer at {place}"), commands)
    } else {
        let logs = format!("towpath logs {name} {place} --execution {id} -f");
        ("action", format!("runs {place}"), vec![logs])
    };
    Reason {
        execution: Some(holder.execution.clone()),
        stage: stage.name.clone(),
        action: Some(action.name.clone()),
        kind,
        text,
        more: asks,
        since: action.since,
        held_by: None,
        commands,
    }
}

/// Why an execution does not enter.
fn of_waiting(situation: &Situation, stage: &Stage, index: usize) -> Reason {
    let name = &situation.pipeline;
    let waiting = &stage.waiting[index];
    let before = index.checked_sub(1).and_then(|index| stage.waiting.get(index));
    let reason = Reason {
        execution: Some(waiting.execution.clone()),
        stage: stage.name.clone(),
        action: None,
        kind: "turn",
        text: format!("waits before {}", stage.name),
        more: ": enters next".to_owned(),
        since: waiting.since,
        held_by: None,
        commands: Vec::new(),
    };
    if let Some(before) = before {
        let behind = short(&before.execution);
        return Reason {
            more: format!(": {behind} is before it"),
            held_by: Some(before.execution.clone()),
            ..reason
        };
    }
    if let Some(closed) = &stage.closed {
        let why =
            if closed.reason.is_empty() { String::new() } else { format!(": {}", closed.reason) };
        return Reason {
            kind: "transition",
            more: format!(": {} has paused it{why}", closed.by),
            held_by: Some(closed.by.clone()),
            commands: vec![format!("towpath resume {name} {}", stage.name)],
            ..reason
        };
    }
    let Some(holder) = stage.holder() else { return reason };
    let running = stage.actions.iter().find(|action| action.mark == Mark::Running);
    let at = running.map_or_else(String::new, |action| {
        let what = if action.is_approval { "waits for an answer" } else { "runs" };
        format!(" and {what} at {}", action.name)
    });
    let id = short(&holder.execution);
    Reason {
        kind: "stage",
        more: format!(": {id} is inside{at}"),
        held_by: Some(holder.execution.clone()),
        commands: running
            .map_or_else(Vec::new, |action| of_action(situation, stage, holder, action).commands),
        ..reason
    }
}

/// A stage that nobody may enter, and nobody waits for yet.
fn of_door(situation: &Situation, stage: &Stage) -> Option<Reason> {
    let closed = stage.closed.as_ref()?;
    let why = if closed.reason.is_empty() { String::new() } else { format!(": {}", closed.reason) };
    Some(Reason {
        execution: None,
        stage: stage.name.clone(),
        action: None,
        kind: "transition",
        text: format!("nobody enters {}", stage.name),
        more: format!(": {} has paused it{why}", closed.by),
        since: closed.since,
        held_by: Some(closed.by.clone()),
        commands: vec![format!("towpath resume {} {}", situation.pipeline, stage.name)],
    })
}

/// A stage whose last execution failed: nothing waits, and nothing moves on by itself.
fn of_failure(situation: &Situation, stage: &Stage) -> Option<Reason> {
    let inside = stage.inside.as_ref().filter(|inside| inside.mark == Mark::Failed)?;
    let failed = stage.actions.iter().find(|action| action.mark == Mark::Failed)?;
    let (name, id) = (&situation.pipeline, short(&inside.execution));
    let place = format!("{}/{}", stage.name, failed.name);
    let remark =
        if failed.remark.is_empty() { String::new() } else { format!(": {}", failed.remark) };
    Some(Reason {
        execution: Some(inside.execution.clone()),
        stage: stage.name.clone(),
        action: Some(failed.name.clone()),
        kind: "retry",
        text: format!("failed at {place}"),
        more: remark,
        since: inside.until,
        held_by: None,
        commands: vec![
            format!("towpath logs {name} {place} --execution {id}"),
            format!("towpath retry {name} {} --execution {id}", stage.name),
        ],
    })
}

/// Says that nothing waits, and how the newest execution ended.
fn nothing(situation: &Situation, now: Timestamp) -> String {
    let name = &situation.pipeline;
    let Some(newest) = situation.executions.first() else {
        return format!("nothing of {name} waits: it was never started\n    towpath start {name}");
    };
    if newest.mark == Mark::Running {
        return format!("{} is on its way to the next stage", short(&newest.id));
    }
    let ended = newest.until.map(|until| format!(" {} ago", duration(now.millis_since(until))));
    let (ended, carries) = (ended.unwrap_or_default(), board::carries(newest));
    let with = if carries.is_empty() { String::new() } else { format!(" with {carries}") };
    let (id, status) = (short(&newest.id), &newest.status);
    format!("nothing of {name} waits: {id} {status}{ended}{with}\n    towpath start {name}")
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

    fn check(situation: &Situation, expected: &Expect) {
        let now = Timestamp::from_millis(75_000);
        let lines = reasons(situation).into_iter().flat_map(|reason| reason.lines(now));
        expected.assert_eq(&lines.map(|line| line + "\n").collect::<String>());
    }

    #[test]
    fn each_waiting_thing_says_for_what_since_when_and_what_moves_it_on() {
        check(
            &meeting(),
            &expect![[r#"
                00000003 runs Build/Compile, for 41.0 s
                    towpath logs web-app Build/Compile --execution 00000003 -f
                00000001 waits for an answer at Approve/Release, for 1 min 03 s: Release 1?
                    towpath approve web-app Approve/Release --execution 00000001
                    towpath reject web-app Approve/Release --execution 00000001
                00000002 waits before Approve, for 50.0 s: 00000001 is inside and waits for an answer at Release
                    towpath approve web-app Approve/Release --execution 00000001
                    towpath reject web-app Approve/Release --execution 00000001
            "#]],
        );
    }

    #[test]
    fn a_paused_stage_names_who_paused_it_and_a_failure_its_retry() {
        check(
            &closed(),
            &expect![[r#"
                00000002 failed at Build/Compile, 42.0 s ago: JobFailed: exit status 1 of: sh build.sh
                    towpath logs web-app Build/Compile --execution 00000002
                    towpath retry web-app Build --execution 00000002
                00000001 waits before Approve, for 1 min 03 s: ana has paused it: the release is frozen
                    towpath resume web-app Approve
                nobody enters Deploy, for 35.0 s: ana has paused it: the release is frozen
                    towpath resume web-app Deploy
            "#]],
        );
    }

    #[test]
    fn executions_side_by_side_are_told_one_by_one() {
        check(
            &parallel(),
            &expect![[r#"
                00000002 waits for an answer at Approve/Release, for 50.0 s: Release 2?
                    towpath approve web-app Approve/Release --execution 00000002
                    towpath reject web-app Approve/Release --execution 00000002
                00000003 runs Build/Compile, for 41.0 s
                    towpath logs web-app Build/Compile --execution 00000003 -f
            "#]],
        );
    }

    #[test]
    fn where_nothing_waits_the_newest_execution_is_told() {
        let mut quiet = meeting();
        quiet.lanes.clear();
        quiet.executions[0].mark = Mark::Succeeded;
        quiet.executions[0].status = "succeeded".to_owned();
        quiet.executions[0].until = Some(Timestamp::from_millis(70_000));
        let said = nothing(&quiet, Timestamp::from_millis(75_000));
        let wanted = "nothing of web-app waits: 00000003 succeeded 5.0 s ago with 0000003 Change number 3\n    \
            towpath start web-app";
        assert_eq!(said, wanted);
        quiet.executions.clear();
        assert!(nothing(&quiet, Timestamp::default()).contains("never started"));
    }
}
