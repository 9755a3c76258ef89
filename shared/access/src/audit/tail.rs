//! The end of a file, as the next start finds it.

use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::days;
use super::head::Newest;
use super::record::LINE_BYTES_MAX;
use super::verify::Line;

/// Returns the last record of the newest file that has one. In the newest file a line that was never
/// finished is cut off; in an older one it is evidence.
pub(super) fn newest(directory: &Path, days: &[String]) -> io::Result<Option<Newest>> {
    for (place, day) in days.iter().rev().enumerate() {
        let newest = last_of(&days::path(directory, day), place == 0)?;
        if newest.is_some() {
            return Ok(newest);
        }
    }
    Ok(None)
}

/// Returns the last record of a file; nothing if the file is empty, or if its last line is no record,
/// which [`super::verify()`] will say.
fn last_of(path: &Path, is_repaired: bool) -> io::Result<Option<Newest>> {
    let mut file = OpenOptions::new().read(true).write(is_repaired).open(path)?;
    let length = file.metadata()?.len();
    // Two lines are enough: a torn one, and the one before it.
    let from = length.saturating_sub(2 * LINE_BYTES_MAX as u64);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    if is_repaired && whole < bytes.len() {
        file.set_len(from + whole as u64)?;
    }
    let Some(end) = whole.checked_sub(1) else { return Ok(None) };
    let start = bytes[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    let line = Line::parse(&bytes[start..end]);
    Ok(line.map(|line| Newest { sequence: line.sequence, hash: line.stated_hash }))
}
