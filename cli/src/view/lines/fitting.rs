//! What is left out when the window is too low.

use crate::view::lines::{Line, Paint, Weight};

/// Takes the lightest lines out until the rest fits, and says how many are missing.
pub(crate) fn fit_height(lines: Vec<Line>, rows: usize) -> Vec<Line> {
    let rows = rows.max(1);
    if lines.len() <= rows {
        return lines;
    }
    // One row says what is missing.
    let mut surplus = lines.len() - (rows - 1);
    let missing = surplus;
    let mut kept: Vec<_> = lines.into_iter().map(Some).collect();
    for weight in [Weight::Over, Weight::Ahead, Weight::Passed] {
        for slot in &mut kept {
            if surplus > 0 && slot.as_ref().is_some_and(|line| line.weight == weight) {
                *slot = None;
                surplus -= 1;
            }
        }
    }
    let mut kept: Vec<_> = kept.into_iter().flatten().collect();
    kept.truncate(rows - 1);
    let text = format!("… {missing} more; a taller window shows them");
    kept.push(Line::new(Weight::Now, vec![(Paint::Faint, text)]));
    kept
}
