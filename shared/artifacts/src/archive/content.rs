//! The bytes of one member, counted and checked as they stream.

use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write};

use flate2::bufread::DeflateDecoder;

use super::listing::{Archive, Member, Method};
use super::{Limits, RATIO_FLOOR_BYTES};
use crate::digest::BUFFER_BYTES;
use crate::error::Error;

/// Counts what comes out of an archive against what may.
///
/// All members' claims are counted before the first is unpacked; since [`copy`] stops where a member
/// exceeds its claim, the claims are what bounds an archive.
#[derive(Debug)]
pub(super) struct Budget<'a> {
    limits: &'a Limits,
    bytes: u64,
    packed_bytes: u64,
}

impl Budget<'_> {
    pub(super) fn new(limits: &Limits) -> Budget<'_> {
        Budget { limits, bytes: 0, packed_bytes: 0 }
    }

    /// Counts a member, and refuses it when it, or all so far, claim too much.
    pub(super) fn count(&mut self, archive: &Archive, member: &Member) -> Result<(), Error> {
        let entry = member.name_as_spelled();
        let Limits { entries_max: _, entry_bytes_max, total_bytes_max, ratio_max } = *self.limits;
        if member.bytes > entry_bytes_max {
            let measure = format!("size of entry {entry:?} in bytes");
            return Err(archive.limit(measure, member.bytes, entry_bytes_max));
        }
        self.bytes = self.bytes.saturating_add(member.bytes);
        self.packed_bytes = self.packed_bytes.saturating_add(member.packed_bytes);
        if self.bytes > total_bytes_max {
            return Err(archive.limit("size in bytes", self.bytes, total_bytes_max));
        }
        if let Some(ratio) = ratio_beyond(member.bytes, member.packed_bytes, ratio_max) {
            let measure = format!("compression ratio of entry {entry:?}");
            return Err(archive.limit(measure, ratio, ratio_max));
        }
        match ratio_beyond(self.bytes, self.packed_bytes, ratio_max) {
            Some(ratio) => Err(archive.limit("compression ratio", ratio, ratio_max)),
            None => Ok(()),
        }
    }
}

fn ratio_beyond(bytes: u64, packed_bytes: u64, ratio_max: u64) -> Option<u64> {
    let is_beyond = bytes > RATIO_FLOOR_BYTES && bytes > packed_bytes.saturating_mul(ratio_max);
    is_beyond.then(|| bytes.div_ceil(packed_bytes.max(1)))
}

/// Copies a member's bytes to `to`, and fails unless they are what the archive claims: as many, with
/// the same checksum, from exactly the bytes that are the member's.
///
/// `doing` says, as [`Error::file`] does, what failed when `to` cannot be written.
pub(super) fn copy(
    archive: &Archive,
    member: &Member,
    to: &mut impl Write,
    failed: impl FnOnce(io::Error) -> Error,
) -> Result<(), Error> {
    let mut file = &archive.file;
    file.seek(SeekFrom::Start(member.data_offset)).map_err(archive.failed())?;
    let mut packed = BufReader::with_capacity(BUFFER_BYTES, file.take(member.packed_bytes));
    match member.method {
        Method::Stored => copy_checked(archive, member, &mut packed, to, failed)?,
        Method::Deflated => {
            let mut inflated = DeflateDecoder::new(&mut packed);
            copy_checked(archive, member, &mut inflated, to, failed)?;
        }
    }
    let left = packed.read(&mut [0]).map_err(archive.failed())?;
    if left > 0 {
        return Err(archive.refuse_entry(
            &member.name_as_spelled(),
            "its compressed bytes end before its place in the archive does",
        ));
    }
    Ok(())
}

fn copy_checked(
    archive: &Archive,
    member: &Member,
    from: &mut impl Read,
    to: &mut impl Write,
    failed: impl FnOnce(io::Error) -> Error,
) -> Result<(), Error> {
    let refuse = |reason: &str| archive.refuse_entry(&member.name_as_spelled(), reason);
    let mut hasher = crc32fast::Hasher::new();
    let mut bytes = 0_u64;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if error.raw_os_error().is_some() => return Err(archive.failed()(error)),
            Err(_) => return Err(refuse("its compressed bytes are corrupt or cut off")),
        };
        bytes += count as u64;
        if bytes > member.bytes {
            return Err(refuse("it unpacks to more bytes than the archive says"));
        }
        hasher.update(&buffer[..count]);
        if let Err(error) = to.write_all(&buffer[..count]) {
            return Err(failed(error));
        }
    }
    if bytes != member.bytes {
        return Err(refuse("it unpacks to fewer bytes than the archive says"));
    }
    if hasher.finalize() != member.checksum {
        return Err(refuse("its bytes do not have the checksum that the archive says"));
    }
    Ok(())
}
