//! The directory of an archive, checked against the bytes that it describes.

mod end;
mod member;

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::layout::{self, Central, End, Local};
use super::tree::Fault;
use crate::digest::{BUFFER_BYTES, open_regular};
use crate::error::Error;
pub(super) use member::{Member, Method, Shape};

/// How many bytes names, extra fields, comments and links' targets may have together: they are what
/// is held in memory of an archive.
pub(super) const TEXT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// An archive that is open for reading.
pub(super) struct Archive {
    pub(super) file: File,
    path: PathBuf,
    bytes: u64,
}

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Archive, Error> {
        let file = open_regular(path)?;
        let bytes = file.metadata().map_err(Error::file("find", path))?.len();
        Ok(Archive { file, path: path.to_owned(), bytes })
    }

    /// Lists the members in the directory's order, having checked that each has bytes of its own.
    pub(super) fn members(&self, entries_max: u64) -> Result<Vec<Member>, Error> {
        let end = end::find(self)?;
        if end.entries > entries_max {
            return Err(self.limit("count of entries", end.entries, entries_max));
        }
        let headers = end.entries.saturating_mul(layout::CENTRAL_BYTES as u64);
        let text_bytes = end
            .directory_bytes
            .checked_sub(headers)
            .ok_or_else(|| self.refuse("its directory is too short for its entries"))?;
        if text_bytes > TEXT_BYTES_MAX {
            return Err(self.limit("names and comments, in bytes,", text_bytes, TEXT_BYTES_MAX));
        }
        let mut members = self.read_directory(&end)?;
        for member in &mut members {
            self.check_local(member)?;
        }
        self.check_places(&members, end.directory_offset)?;
        Ok(members)
    }

    fn read_directory(&self, end: &End) -> Result<Vec<Member>, Error> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(end.directory_offset)).map_err(self.failed())?;
        let mut directory = BufReader::with_capacity(BUFFER_BYTES, file.take(end.directory_bytes));
        let mut members = Vec::new();
        for _ in 0..end.entries {
            let mut record = [0; layout::CENTRAL_BYTES];
            self.fill(&mut directory, &mut record)?;
            let central = Central::parse(&record)
                .ok_or_else(|| self.refuse("a record of its directory is malformed"))?;
            let mut name = vec![0; usize::from(central.name_bytes)];
            self.fill(&mut directory, &mut name)?;
            let mut extra = vec![0; usize::from(central.extra_bytes)];
            self.fill(&mut directory, &mut extra)?;
            let mut comment = vec![0; usize::from(central.comment_bytes)];
            self.fill(&mut directory, &mut comment)?;
            let spelled = String::from_utf8_lossy(&name).into_owned();
            let member = Member::parse(&central, name, &extra)
                .map_err(|reason| self.refuse_entry(&spelled, reason))?;
            members.push(member);
        }
        let left = directory.read(&mut [0]).map_err(self.failed())?;
        if left > 0 {
            return Err(self.refuse("its directory is longer than its entries"));
        }
        Ok(members)
    }

    /// Checks the header in front of a member's bytes, and notes where the bytes begin.
    ///
    /// Two headers that disagree are how one archive shows different trees to different readers.
    fn check_local(&self, member: &mut Member) -> Result<(), Error> {
        let refuse = |reason| self.refuse_entry(&member.name_as_spelled(), reason);
        let too_short = || refuse("its header lies outside of the archive");
        let header_end = member
            .header_offset
            .checked_add(layout::LOCAL_BYTES as u64)
            .filter(|end| *end <= self.bytes)
            .ok_or_else(too_short)?;
        let mut record = [0; layout::LOCAL_BYTES];
        self.file.read_exact_at(&mut record, member.header_offset).map_err(self.failed())?;
        let local = Local::parse(&record).ok_or_else(|| refuse("its header is malformed"))?;

        let text_bytes = u64::from(local.name_bytes) + u64::from(local.extra_bytes);
        let data_offset = header_end
            .checked_add(text_bytes)
            .filter(|end| *end <= self.bytes)
            .ok_or_else(too_short)?;
        let mut text = vec![0; usize::from(local.name_bytes) + usize::from(local.extra_bytes)];
        self.file.read_exact_at(&mut text, header_end).map_err(self.failed())?;
        let (name, extra) = text.split_at(usize::from(local.name_bytes));
        member.agree(&local, name, extra).map_err(refuse)?;
        member.place(data_offset);
        Ok(())
    }

    /// Checks that no two members share a byte, and none reaches into the directory.
    ///
    /// Overlapping members are what makes a bomb of 42 kB hold gigabytes without nesting.
    fn check_places(&self, members: &[Member], directory_offset: u64) -> Result<(), Error> {
        let mut by_place: Vec<&Member> = members.iter().collect();
        by_place.sort_unstable_by_key(|member| member.header_offset);
        let starts = by_place.iter().skip(1).map(|next| next.header_offset);
        for (member, next_start) in by_place.iter().zip(starts.chain([directory_offset])) {
            if member.end().is_none_or(|end| end > next_start) {
                return Err(self.refuse_entry(
                    &member.name_as_spelled(),
                    "its bytes overlap with another entry's or with the directory",
                ));
            }
        }
        Ok(())
    }

    fn fill(&self, from: &mut impl io::Read, buffer: &mut [u8]) -> Result<(), Error> {
        from.read_exact(buffer).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                return self.refuse("its directory ends too early");
            }
            self.failed()(error)
        })
    }

    pub(super) fn failed(&self) -> impl FnOnce(io::Error) -> Error {
        Error::file("read", &self.path)
    }

    pub(super) fn refuse(&self, reason: &str) -> Error {
        Error::Archive { archive: self.path.clone(), reason: reason.to_owned() }
    }

    pub(super) fn refuse_entry(&self, entry: &str, reason: impl Into<String>) -> Error {
        Error::Entry { archive: self.path.clone(), entry: entry.to_owned(), reason: reason.into() }
    }

    /// Says why a member does not fit into the tree of the others.
    pub(super) fn refuse_member(&self, member: &Member, fault: &Fault, nodes_max: u64) -> Error {
        match fault {
            Fault::Refused(reason) => self.refuse_entry(&member.name_as_spelled(), *reason),
            Fault::TooMany => {
                let measure = "count of entries and their directories";
                self.limit(measure, nodes_max.saturating_add(1), nodes_max)
            }
        }
    }

    pub(super) fn limit(&self, measure: impl Into<String>, found: u64, allowed: u64) -> Error {
        Error::Limit { archive: self.path.clone(), measure: measure.into(), found, allowed }
    }
}
