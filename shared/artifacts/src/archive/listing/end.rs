//! The end of an archive, which says where its directory is.

use std::os::unix::fs::FileExt as _;

use super::Archive;
use crate::archive::layout::{self, End, Fields};
use crate::error::Error;

/// Finds the one record that ends the archive, and checks that everything up to it is in place.
///
/// A directory that does not end where the end begins means that bytes were put before or between:
/// readers that search would then see different archives in one file.
pub(super) fn find(archive: &Archive) -> Result<End, Error> {
    let tail_bytes = archive.bytes.min((layout::END_BYTES + usize::from(u16::MAX)) as u64);
    let tail_offset = archive.bytes - tail_bytes;
    let mut tail = vec![0; usize::try_from(tail_bytes).unwrap_or_default()];
    archive.file.read_exact_at(&mut tail, tail_offset).map_err(archive.failed())?;

    let (position, end) = (0..tail.len())
        .rev()
        .find_map(|position| parse_end(&tail[position..]).map(|end| (position, end)))
        .ok_or_else(|| archive.refuse("it is not a ZIP archive, or it is cut off"))?;
    let offset = tail_offset + position as u64;
    let (end, directory_end) = match find_wide(archive, offset)? {
        Some((wide, wide_offset)) => (narrow_agrees(archive, &end, wide)?, wide_offset),
        None => (end.0, offset),
    };
    if end.directory_offset.checked_add(end.directory_bytes) != Some(directory_end) {
        return Err(archive.refuse("its directory is not where its end says"));
    }
    Ok(end)
}

/// The end as its narrow record says it; where a number stands for "see the wide record", it is as
/// large as its field allows.
struct Narrow(End);

/// Reads the record that ends an archive, if it is here and its comment reaches to the very end.
fn parse_end(bytes: &[u8]) -> Option<Narrow> {
    let mut fields = Fields(bytes);
    if fields.u32()? != layout::END {
        return None;
    }
    let disks = (fields.u16()?, fields.u16()?);
    let entries_here = fields.u16()?;
    let entries = fields.u16()?;
    let directory_bytes = fields.u32()?;
    let directory_offset = fields.u32()?;
    let comment_bytes = fields.u16()?;
    let is_whole = fields.0.len() == usize::from(comment_bytes)
        && matches!(disks, (0, 0) | (layout::WIDE_COUNT, layout::WIDE_COUNT))
        && entries_here == entries;
    is_whole.then_some(Narrow(End {
        entries: u64::from(entries),
        directory_bytes: u64::from(directory_bytes),
        directory_offset: u64::from(directory_offset),
    }))
}

/// Reads the wide record, if its locator stands in front of the end at `end_offset`.
fn find_wide(archive: &Archive, end_offset: u64) -> Result<Option<(End, u64)>, Error> {
    let Some(locator_offset) = end_offset.checked_sub(layout::END_WIDE_LOCATOR_BYTES as u64) else {
        return Ok(None);
    };
    let mut locator = [0; layout::END_WIDE_LOCATOR_BYTES];
    archive.file.read_exact_at(&mut locator, locator_offset).map_err(archive.failed())?;
    if Fields(&locator).u32() != Some(layout::END_WIDE_LOCATOR) {
        return Ok(None);
    }
    let malformed = || archive.refuse("its wide end is malformed");
    let wide_offset = parse_locator(&locator).ok_or_else(malformed)?;
    if wide_offset.checked_add(layout::END_WIDE_BYTES as u64).is_none_or(|end| end > locator_offset)
    {
        return Err(malformed());
    }
    let mut record = [0; layout::END_WIDE_BYTES];
    archive.file.read_exact_at(&mut record, wide_offset).map_err(archive.failed())?;
    let (end, record_bytes) = parse_wide(&record).ok_or_else(malformed)?;
    if wide_offset.checked_add(record_bytes) != Some(locator_offset) {
        return Err(malformed());
    }
    Ok(Some((end, wide_offset)))
}

fn parse_locator(locator: &[u8]) -> Option<u64> {
    let mut fields = Fields(locator);
    let _signature = fields.u32()?;
    let disk = fields.u32()?;
    let wide_offset = fields.u64()?;
    let disks = fields.u32()?;
    // Some writers count no disks where there is one.
    (disk == 0 && disks <= 1).then_some(wide_offset)
}

/// Returns what the wide record says, and how long it is.
fn parse_wide(record: &[u8]) -> Option<(End, u64)> {
    let mut fields = Fields(record);
    if fields.u32()? != layout::END_WIDE {
        return None;
    }
    // The record's length is that of what follows the length itself.
    let record_bytes = fields.u64()?.checked_add(12)?;
    let _versions = fields.u32()?;
    let disks = (fields.u32()?, fields.u32()?);
    let entries_here = fields.u64()?;
    let entries = fields.u64()?;
    let end = End { entries, directory_bytes: fields.u64()?, directory_offset: fields.u64()? };
    (disks == (0, 0) && entries_here == entries).then_some((end, record_bytes))
}

/// Returns the wide numbers, unless the narrow record says others.
fn narrow_agrees(archive: &Archive, narrow: &Narrow, wide: End) -> Result<End, Error> {
    let Narrow(End { entries, directory_bytes, directory_offset }) = *narrow;
    let agrees =
        |narrow: u64, wide: u64, stands_for_wide: u64| narrow == wide || narrow == stands_for_wide;
    if agrees(entries, wide.entries, u64::from(layout::WIDE_COUNT))
        && agrees(directory_bytes, wide.directory_bytes, u64::from(layout::WIDE))
        && agrees(directory_offset, wide.directory_offset, u64::from(layout::WIDE))
    {
        return Ok(wide);
    }
    Err(archive.refuse("its two ends disagree"))
}
