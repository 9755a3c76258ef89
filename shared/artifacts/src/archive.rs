//! ZIP archives: trees of files made into one file, and back.
//!
//! The format is read and written here rather than by a library, because safety lies in what is
//! *refused*: a reader that keeps the last of two entries of one name, or believes one of two sizes,
//! has already decided in the attacker's favour. `listing` reads the directory of an archive and
//! proves that every entry has bytes of its own, `tree` proves that the names are a tree and that
//! no link leaves it, `content` counts and checks bytes as they stream. Only compression and
//! checksums come from outside.

mod content;
mod layout;
mod listing;
mod name;
mod pack;
mod read;
mod tree;
mod unpack;
mod writer;

use std::path::{Path, PathBuf};

use crate::Error;

/// One file, link or empty directory to be packed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The path in the archive, with `/` between its parts.
    pub name: String,
    /// What to pack: a regular file, a symbolic link (kept as a link) or a directory (kept without
    /// what is in it).
    pub source: PathBuf,
}

/// How much an archive may hold before it is taken for a bomb.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How many files, links and directories, counting directories that names merely imply.
    pub entries_max: u64,
    /// How many bytes one entry may have when unpacked.
    pub entry_bytes_max: u64,
    /// How many bytes all entries together may have when unpacked.
    pub total_bytes_max: u64,
    /// How many bytes may come out of each byte of the archive, for an entry and for all together,
    /// once more than [`RATIO_FLOOR_BYTES`] come out.
    pub ratio_max: u64,
}

/// Up to this many unpacked bytes no ratio is too high: small files of one repeated byte are common.
pub const RATIO_FLOOR_BYTES: u64 = 1024 * 1024;

impl Default for Limits {
    /// Returns the limits of a source object: 100,000 files and 7 GB (contract §1.6).
    fn default() -> Limits {
        Limits {
            entries_max: 100_000,
            entry_bytes_max: 7_000_000_000,
            total_bytes_max: 7_000_000_000,
            ratio_max: 200,
        }
    }
}

/// What was unpacked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Unpacked {
    /// How many regular files.
    pub files: u64,
    /// How many symbolic links.
    pub links: u64,
    /// How many directories, counting those that names merely imply.
    pub directories: u64,
    /// How many bytes the files have together.
    pub bytes: u64,
}

/// Packs `entries` into an archive at `to`, replacing what is there.
///
/// The same entries make the same bytes, whatever their order and their times. Permissions are kept,
/// but never set-user-id, set-group-id or sticky. Nothing is packed that [`unpack`] would refuse: a
/// link that leaves the archive is an error, and a file that shrinks like a bomb is stored as it is.
/// The archive appears under its name only when it is whole; to make it last is the work of
/// [`Directory::store`](crate::Directory::store).
pub fn pack(entries: &[Entry], to: &Path) -> Result<(), Error> {
    pack::pack(entries, to)
}

/// Packs everything below `directory`, hidden files and empty directories included, as [`pack`] does.
///
/// `to` may lie below `directory`; a file that is already there is not packed into itself.
pub fn pack_tree(directory: &Path, to: &Path) -> Result<(), Error> {
    pack::pack_tree(directory, to)
}

/// Unpacks an archive that may come from anybody into a directory, which is made if need be.
///
/// All names, links and declared sizes are checked before the first byte is written, and bytes are
/// counted and checked as they stream; nothing is ever written outside `into`, and nothing that is
/// there is replaced. Names that differ only in case are two names. When this fails on the way, what was unpacked so far is left in `into`, for the
/// caller to throw away.
pub fn unpack(archive: &Path, into: &Path, limits: &Limits) -> Result<Unpacked, Error> {
    unpack::unpack(archive, into, limits)
}

/// Reads one file out of an archive, in memory; `None` when the archive has no entry of that name.
///
/// `name` is compared with the entries' names in their plain form, without leading `./`. The whole
/// archive's directory is checked as [`unpack`] checks it, but no other entry's bytes are read.
pub fn read_entry(archive: &Path, name: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, Error> {
    read::read_entry(archive, name, bytes_max)
}
