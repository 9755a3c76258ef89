//! The key file on the disk: its permissions, its lock, and how it is replaced.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::record::{Contents, Record, check_name};
use super::{KEYS_MAX, KeyFileError};

/// A larger file is not ours.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// How a file looked: another file, or another content, looks different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    mode: u32,
    changed_at: (i64, i64),
}

impl Stamp {
    /// Looks at the file, if it is there.
    pub(super) fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|metadata| Self::from(&metadata))
    }
}

impl From<&fs::Metadata> for Stamp {
    fn from(metadata: &fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.size(),
            mode: metadata.mode(),
            // Even a change of permissions moves this one.
            changed_at: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Makes the directory of the file, for this user only. One that is there must be so already.
pub(super) fn make_directory(path: &Path) -> Result<(), KeyFileError> {
    let directory = directory_of(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|source| disk("made room for", path, source))?;
    check_directory(path)
}

fn check_directory(path: &Path) -> Result<(), KeyFileError> {
    let directory = directory_of(path);
    let metadata = fs::metadata(directory).map_err(|source| disk("found", path, source))?;
    refuse_others(directory, metadata.mode(), 0o700)
}

/// Reads the keys, unless others can read them or change what we read.
pub(super) fn read(path: &Path) -> Result<(Stamp, Vec<Record>), KeyFileError> {
    check_directory(path)?;
    let file = File::open(path).map_err(|source| disk("opened", path, source))?;
    // What is checked is what was opened, whatever happens to the name meanwhile.
    let metadata = file.metadata().map_err(|source| disk("looked at", path, source))?;
    refuse_others(path, metadata.mode(), 0o600)?;
    let mut text = String::new();
    file.take(FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|source| disk("read", path, source))?;
    let malformed = |reason: String| KeyFileError::Malformed { path: path.to_owned(), reason };
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(malformed(format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    // The parser's own words could quote a secret.
    let contents: Contents = serde_json::from_str(&text)
        .map_err(|error| malformed(format!("line {}, column {}", error.line(), error.column())))?;
    check(&contents).map_err(malformed)?;
    Ok((Stamp::from(&metadata), contents.keys))
}

fn check(contents: &Contents) -> Result<(), String> {
    if contents.v != 1 {
        return Err(format!("`v` is {}, and this version of Towpath knows 1", contents.v));
    }
    if contents.keys.len() > KEYS_MAX {
        return Err(format!("it has more than {KEYS_MAX} keys"));
    }
    let mut access_keys = BTreeSet::new();
    for (number, record) in (1..).zip(&contents.keys) {
        let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !is_plain(&record.access_key) || record.access_key.contains(['/', ',']) {
            return Err(format!("`AccessKeyId` of key {number} is not one"));
        }
        if !is_plain(&record.secret) {
            return Err(format!("`SecretAccessKey` of key {number} is not one"));
        }
        if !access_keys.insert(&record.access_key) {
            return Err(format!("`AccessKeyId` of key {number} is there twice"));
        }
        check_name("name", &record.name).map_err(|error| error.to_string())?;
        for role in &record.roles {
            check_name("roles", role).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// Puts a new file in place of the old one, so that a reader sees the one or the other.
pub(super) fn replace(path: &Path, records: &[Record]) -> Result<(), KeyFileError> {
    let written = |source| disk("written", path, source);
    let keys = records.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(|error| written(error.into()))?;
    let text = format!("{:#}\n", serde_json::json!({ "v": 1, "keys": keys }));
    let draft = beside(path, ".new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(written(error)),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .map_err(written)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(written)?;
    fs::rename(&draft, path).map_err(written)?;
    File::open(directory_of(path)).and_then(|directory| directory.sync_all()).map_err(written)
}

/// Waits until nobody else changes the file. The lock goes with the returned value.
pub(super) fn lock(path: &Path) -> Result<File, KeyFileError> {
    let locked = |source| disk("locked", path, source);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(beside(path, ".lock"))
        .map_err(locked)?;
    file.lock().map_err(locked)?;
    Ok(file)
}

fn refuse_others(path: &Path, mode: u32, wanted: u32) -> Result<(), KeyFileError> {
    let mode = mode & 0o777;
    let for_others = mode & 0o077;
    if for_others != 0 {
        return Err(KeyFileError::OpenToOthers { path: path.to_owned(), mode, wanted });
    }
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        Some(_) | None => Path::new("."),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn disk(doing: &'static str, path: &Path, source: std::io::Error) -> KeyFileError {
    KeyFileError::Disk { doing, path: path.to_owned(), source }
}
