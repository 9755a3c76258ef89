//! A pipeline as lines: its stages with who is inside and who waits, its actions, what is paused.

use model::time::Timestamp;

use crate::client::situation::{Action, Execution, Lane, Situation, Stage};
use crate::client::words::short;
use crate::view::board::lane::Mark;
use crate::view::lines::{Line, Paint, Weight, pad, sign};
use crate::view::text::{duration, fit, width};

/// The narrowest window that is drawn for.
const COLUMNS_MIN: usize = 24;

/// The widest column of names.
const NAME_COLUMNS_MAX: usize = 32;

/// The narrowest column of names.
const NAME_COLUMNS_MIN: usize = 8;

/// How many of those who wait before a stage are named.
const WAITING_NAMED_MAX: usize = 3;

/// How wide the column of executions is.
const EXECUTION_COLUMNS: usize = 8;

/// Renders a situation at a moment.
pub(crate) fn lines(situation: &Situation, now: Timestamp, columns: usize) -> Vec<Line> {
    let title = (Paint::Title, situation.pipeline.clone());
    let rest = format!("  v{}  {}", situation.version, situation.mode);
    let mut lines = vec![Line::new(Weight::Now, vec![title, (Paint::Faint, rest)])];
    let table = Table { name: name_columns(situation, columns.max(COLUMNS_MIN)), now };
    if situation.is_parallel() {
        if situation.lanes.is_empty() {
            lines.push(Line::new(Weight::Now, vec![(Paint::Faint, "no execution yet".to_owned())]));
        }
        for lane in &situation.lanes {
            render_lane(situation, lane, &table, &mut lines);
        }
    } else {
        for stage in situation.lanes.iter().flat_map(|lane| &lane.stages) {
            render_stage(stage, &table, &mut lines);
        }
    }
    lines.into_iter().map(|line| line.cut(columns.max(2) - 1)).collect()
}

/// Where the columns stand, and when.
struct Table {
    name: usize,
    now: Timestamp,
}

fn name_columns(situation: &Situation, columns: usize) -> usize {
    let stages = situation.lanes.iter().flat_map(|lane| &lane.stages);
    let names = stages.flat_map(|stage| {
        let actions = stage.actions.iter().map(|action| 2 + width(&action.name));
        actions.chain([width(&stage.name)])
    });
    let widest = names.max().unwrap_or(0).min(NAME_COLUMNS_MAX).min(columns * 2 / 5);
    widest.max(NAME_COLUMNS_MIN)
}

impl Table {
    fn row(&self, indent: usize, mark: Mark, name: &str, execution: &str, time: &str) -> Line {
        let columns = self.name.saturating_sub(indent);
        let name = pad(&fit(name, columns), columns);
        let paint = if mark == Mark::Untouched { Paint::Faint } else { Paint::Plain };
        let parts = vec![
            (Paint::Doing(mark), format!("{}{} ", " ".repeat(indent), sign(mark))),
            (paint, name),
            (Paint::Faint, format!(" {execution:<EXECUTION_COLUMNS$}")),
            (paint, format!(" {time:>11}")),
        ];
        let weight = match mark {
            Mark::Untouched => Weight::Ahead,
            Mark::Running | Mark::Failed => Weight::Now,
            Mark::Succeeded | Mark::Stopped => Weight::Passed,
        };
        Line::new(weight, parts)
    }

    fn took(&self, since: Option<Timestamp>, until: Option<Timestamp>) -> String {
        let took = since.map(|since| duration(until.unwrap_or(self.now).millis_since(since)));
        took.unwrap_or_default()
    }
}

fn render_stage(stage: &Stage, table: &Table, lines: &mut Vec<Line>) {
    let row = match &stage.inside {
        None => table.row(0, Mark::Untouched, &stage.name, "", ""),
        Some(inside) => {
            let time = table.took(inside.since, inside.until);
            table.row(0, inside.mark, &stage.name, short(&inside.execution), &time)
        }
    };
    lines.push(row);
    lines.extend(stage.actions.iter().map(|action| render_action(stage, action, table)));
    lines.extend(render_door(stage, table.now));
}

fn render_action(stage: &Stage, action: &Action, table: &Table) -> Line {
    let is_begun = action.mark != Mark::Untouched;
    let time = if is_begun { table.took(action.since, action.until) } else { String::new() };
    let mut row = table.row(2, action.mark, &action.name, "", &time);
    let (paint, remark) = match action.mark {
        Mark::Untouched if stage.holder().is_some() => {
            let waited_for = stage.waited_for(action);
            let after = format!("after {}", waited_for.join(", "));
            (Paint::Faint, if waited_for.is_empty() { String::new() } else { after })
        }
        Mark::Running if action.is_approval => {
            let asks = action.question.first().map_or_else(String::new, |asks| format!(": {asks}"));
            (Paint::Waiting, format!("waits for an answer{asks}"))
        }
        Mark::Failed => (Paint::Doing(Mark::Failed), action.remark.clone()),
        Mark::Untouched | Mark::Running | Mark::Succeeded | Mark::Stopped => {
            (Paint::Faint, action.remark.clone())
        }
    };
    if matches!(action.mark, Mark::Succeeded | Mark::Stopped) {
        row.weight = Weight::Over;
    }
    if !remark.is_empty() {
        row.parts.push((paint, format!("  {remark}")));
    }
    row
}

/// Renders who waits before a stage, for what and since when, and that nobody may enter.
fn render_door(stage: &Stage, now: Timestamp) -> Vec<Line> {
    let ago = |since: Option<Timestamp>| {
        since.map_or_else(String::new, |since| format!(" {}", duration(now.millis_since(since))))
    };
    let closed = stage.closed.as_ref().map(|closed| {
        let reason =
            if closed.reason.is_empty() { String::new() } else { format!(": {}", closed.reason) };
        format!("paused for{} by {}{reason}", ago(closed.since), closed.by)
    });
    let say = |text: String| Line::new(Weight::Now, vec![(Paint::Waiting, format!("  ↳ {text}"))]);
    let mut lines = Vec::new();
    let mut before: Option<&str> = None;
    for waiting in stage.waiting.iter().take(WAITING_NAMED_MAX) {
        let reason = match (&closed, before, stage.holder()) {
            (Some(closed), None, _) => format!(": the stage is {closed}"),
            (_, Some(before), _) => format!(" behind {}", short(before)),
            (None, None, Some(holder)) => {
                let inside = holder.since.map_or_else(String::new, |since| {
                    format!(", which is inside for {}", duration(now.millis_since(since)))
                });
                format!(" for {}{inside}", short(&holder.execution))
            }
            (None, None, None) => ", enters next".to_owned(),
        };
        let id = short(&waiting.execution);
        lines.push(say(format!("{id} waits{}{reason}", ago(waiting.since))));
        before = Some(&waiting.execution);
    }
    match (stage.waiting.len().saturating_sub(WAITING_NAMED_MAX), closed) {
        (0, Some(closed)) if stage.waiting.is_empty() => {
            lines.push(say(format!("nobody enters: {closed}")));
        }
        (0, _) => {}
        (more, _) => lines.push(say(format!("and {more} more"))),
    }
    lines
}

fn render_lane(situation: &Situation, lane: &Lane, table: &Table, lines: &mut Vec<Line>) {
    let id = lane.execution.as_deref().unwrap_or_default();
    let execution = situation.execution(id);
    let mark = execution.map_or(Mark::Untouched, |execution| execution.mark);
    let time = execution.map(|execution| table.took(execution.since, execution.until));
    let mut row = table.row(0, mark, short(id), "", &time.unwrap_or_default());
    for stage in &lane.stages {
        let mark = stage.inside.as_ref().map_or(Mark::Untouched, |inside| inside.mark);
        row.parts.push((Paint::Doing(mark), format!("  {}", sign(mark))));
        row.parts.push((Paint::Faint, format!(" {}", stage.name)));
    }
    row.parts.push((Paint::Plain, format!("  {}", execution.map(carries).unwrap_or_default())));
    lines.push(row);
    for stage in &lane.stages {
        let doing = stage.inside.as_ref().map(|inside| inside.mark);
        let is_open = matches!(doing, Some(Mark::Running | Mark::Failed));
        if mark == Mark::Running && is_open {
            lines.extend(stage.actions.iter().map(|action| render_action(stage, action, table)));
        }
        if mark == Mark::Running && !stage.waiting.is_empty() {
            lines.extend(render_door(stage, table.now));
        }
    }
}

/// Says which revisions an execution carries.
pub(crate) fn carries(execution: &Execution) -> String {
    let texts: Vec<_> = execution.revisions.iter().map(|revision| revision.text.as_str()).collect();
    texts.join("; ")
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

    fn check(situation: &Situation, columns: usize, expected: &Expect) {
        let now = Timestamp::from_millis(75_000);
        let lines = lines(situation, now, columns);
        for line in &lines {
            assert!(width(&line.text()) < columns, "{:?}", line.text());
        }
        let text: Vec<_> = lines.iter().map(|line| line.text() + "\n").collect();
        expected.assert_eq(&text.concat());
    }

    #[test]
    fn a_stage_says_who_is_inside_and_who_waits_for_whom_since_when() {
        check(
            &meeting(),
            100,
            &expect![[r#"
            web-app  v3  SUPERSEDED
            ✓ Source    00000003       1.5 s
              ✓ Commit                 1.5 s  0000003 Change number 3
            ● Build     00000003      41.0 s
              ● Compile               41.0 s
              ○ Test                          after Compile
            ● Approve   00000001  1 min 03 s
              ● Release           1 min 03 s  waits for an answer: Release 1?
              ↳ 00000002 waits 50.0 s for 00000001, which is inside for 1 min 03 s
            ○ Deploy
              ○ Host
        "#]],
        );
        check(
            &meeting(),
            40,
            &expect![[r#"
            web-app  v3  SUPERSEDED
            ✓ Source    00000003       1.5 s
              ✓ Commit                 1.5 s  0000…
            ● Build     00000003      41.0 s
              ● Compile               41.0 s
              ○ Test                          afte…
            ● Approve   00000001  1 min 03 s
              ● Release           1 min 03 s  wait…
              ↳ 00000002 waits 50.0 s for 00000001…
            ○ Deploy
              ○ Host
        "#]],
        );
    }

    #[test]
    fn a_paused_stage_says_by_whom_and_why_and_a_failure_says_itself() {
        check(
            &closed(),
            100,
            &expect![[r#"
            web-app  v3  QUEUED
            ✓ Source    00000002       1.0 s
              ✓ Commit                 1.0 s  0000002 Change number 2
            ✗ Build     00000002      11.0 s
              ✗ Compile               11.0 s  JobFailed: exit status 1 of: sh build.sh
              ○ Test
            ○ Approve
              ○ Release
              ↳ 00000001 waits 1 min 03 s: the stage is paused for 35.0 s by ana: the release is frozen
            ○ Deploy
              ○ Host
              ↳ nobody enters: paused for 35.0 s by ana: the release is frozen
        "#]],
        );
    }

    #[test]
    fn executions_side_by_side_have_a_line_each() {
        check(
            &parallel(),
            120,
            &expect![[r#"
            web-app  v3  PARALLEL
            ✓ 00000001                12.0 s  ✓ Source  ✓ Build  ✓ Approve  ✓ Deploy  0000001 Change number 1
            ● 00000002                55.0 s  ✓ Source  ✓ Build  ● Approve  ○ Deploy  0000002 Change number 2
              ● Release               50.0 s  waits for an answer: Release 2?
            ● 00000003                45.0 s  ✓ Source  ● Build  ○ Approve  ○ Deploy  0000003 Change number 3
              ● Compile               41.0 s
              ○ Test                          after Compile
        "#]],
        );
    }
}
