//! Stages that lock: who is inside, who waits before them, for what and since when.

use model::time::Timestamp;

use crate::view::board::Board;
use crate::view::board::lane::{ActionRow, Mark, StageRow};
use crate::view::lines::{Line, Paint, Scene, Table, Weight};
use crate::view::text::duration;

/// How many of those who wait before a stage are named.
const WAITING_NAMED_MAX: usize = 3;

/// Renders the stages of the lane that all executions share.
pub(super) fn render(board: &Board, scene: &Scene<'_>, table: &Table, lines: &mut Vec<Line>) {
    for stage in board.lanes.iter().flat_map(|lane| &lane.stages) {
        let number = stage.number.map_or_else(String::new, |number| format!("#{number}"));
        let time = elapsed(stage.mark, stage.since, stage.until, scene.now);
        lines.push(table.row(0, stage.mark, stage.name.as_str(), &number, &time));
        for action in &stage.actions {
            lines.extend(render_action(board, stage, action, scene, table));
        }
        lines.extend(render_door(board, stage, scene.now));
    }
}

/// Renders an action, if there is anything to say about it yet.
pub(super) fn render_action(
    board: &Board,
    stage: &StageRow,
    action: &ActionRow,
    scene: &Scene<'_>,
    table: &Table,
) -> Vec<Line> {
    let time = elapsed(action.mark, action.since, action.until, scene.now);
    let mut row = table.row(2, action.mark, action.name.as_str(), "", &time);
    let first_line = || action.detail.lines().next().unwrap_or_default().to_owned();
    match (action.mark, &action.run) {
        (Mark::Untouched, _) => {
            let waited_for = stage.waited_for(action);
            if stage.mark != Mark::Running || waited_for.is_empty() {
                return Vec::new();
            }
            let remark = format!("after {}", waited_for.join(", "));
            table.remark(row, &remark, Paint::Faint, true)
        }
        (Mark::Running, Some(run)) if action.is_approval => {
            let asks = stage
                .number
                .and_then(|number| board.facts.setting(&board.pipeline, number, run, "CustomData"));
            let asks = asks.unwrap_or_default().lines().next().unwrap_or_default().to_owned();
            let asks = if asks.is_empty() { String::new() } else { format!(": {asks}") };
            table.remark(row, &format!("waits for an answer{asks}"), Paint::Waiting, true)
        }
        (Mark::Running, Some(run)) => {
            table.remark(row, &(scene.last_line)(run), Paint::Faint, false)
        }
        (Mark::Failed, _) => {
            row.weight = Weight::Now;
            table.remark(row, &first_line(), Paint::Doing(Mark::Failed), true)
        }
        (Mark::Running | Mark::Succeeded | Mark::Stopped, _) => {
            if stage.mark != Mark::Running {
                row.weight = Weight::Over;
            }
            table.remark(row, &first_line(), Paint::Faint, false)
        }
    }
}

/// Renders who waits before a stage, for what and since when.
fn render_door(board: &Board, stage: &StageRow, now: Timestamp) -> Vec<Line> {
    let since = |since| duration(now.millis_since(since));
    let closed = board.closed.get(&stage.name).map(|closed| {
        format!("closed for {} by {}: {}", since(closed.since), closed.by, closed.reason)
    });
    let say = |text: String| Line::new(Weight::Now, vec![(Paint::Waiting, format!("  ↳ {text}"))]);
    let mut lines = Vec::new();
    let mut before = None;
    for (number, waits_since) in stage.waiting.iter().take(WAITING_NAMED_MAX) {
        let reason = match (&closed, before, stage.number, stage.mark) {
            (Some(closed), None, ..) => format!(": the stage is {closed}"),
            (_, Some(before), ..) => format!(" behind #{before}"),
            (None, None, Some(holder), Mark::Running) => {
                format!(" for #{holder}, which is inside for {}", since(stage.since))
            }
            (None, None, ..) => ", enters next".to_owned(),
        };
        lines.push(say(format!("#{number} waits {}{reason}", since(*waits_since))));
        before = Some(*number);
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

/// Says how long something took or takes.
pub(super) fn elapsed(
    mark: Mark,
    since: Timestamp,
    until: Option<Timestamp>,
    now: Timestamp,
) -> String {
    match mark {
        Mark::Untouched => String::new(),
        Mark::Running | Mark::Succeeded | Mark::Failed | Mark::Stopped => {
            duration(until.unwrap_or(now).millis_since(since))
        }
    }
}
