//! Executions that run beside each other: a lane each, with the stage it is inside of.

use crate::view::board::Board;
use crate::view::board::lane::{Lane, Mark};
use crate::view::lines::stages::{elapsed, render_action};
use crate::view::lines::{Line, Paint, Scene, Table, Weight, sign};

/// Renders a lane for each execution.
pub(super) fn render(board: &Board, scene: &Scene<'_>, table: &Table, lines: &mut Vec<Line>) {
    if board.lanes.is_empty() {
        lines.push(Line::new(Weight::Now, vec![(Paint::Faint, "no execution yet".to_owned())]));
    }
    for lane in &board.lanes {
        render_lane(board, lane, scene, table, lines);
    }
}

fn render_lane(
    board: &Board,
    lane: &Lane,
    scene: &Scene<'_>,
    table: &Table,
    lines: &mut Vec<Line>,
) {
    let number = lane.number.map_or_else(String::new, |number| format!("#{number}"));
    let time = elapsed(lane.mark, lane.since, lane.until, scene.now);
    let mut row = table.row(0, lane.mark, &number, "", &time);
    row.parts.push((Paint::Plain, " ".to_owned()));
    for stage in &lane.stages {
        row.parts.push((Paint::Doing(stage.mark), format!(" {}", sign(stage.mark))));
        row.parts.push((Paint::Faint, format!(" {}", stage.name)));
    }
    if let Some(revision) = lane.number.and_then(|number| board.facts.revisions(number).first()) {
        row.parts.push((Paint::Plain, format!("  {revision}")));
    }
    lines.push(row);
    for stage in &lane.stages {
        if lane.until.is_none() && matches!(stage.mark, Mark::Running | Mark::Failed) {
            for action in &stage.actions {
                lines.extend(render_action(board, stage, action, scene, table));
            }
        }
    }
}
