//! Trees of files made into archives.

use std::fs::{self, File, Metadata};
use std::io::Cursor;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::name::Name;
use super::tree::{Fault, Kind, Tree};
use super::writer::Writer;
use super::{Entry, Limits, layout};
use crate::error::Error;

pub(super) fn pack_tree(directory: &Path, to: &Path) -> Result<(), Error> {
    let itself = match (directory.canonicalize(), to.canonicalize()) {
        (Ok(directory), Ok(to)) => to.strip_prefix(directory).ok().map(Path::to_owned),
        // Nothing is at `to` as yet; that `directory` is missing is found below.
        (Ok(_) | Err(_), _) => None,
    };
    let mut entries = Vec::new();
    for found in WalkDir::new(directory).min_depth(1).follow_root_links(true) {
        let found = found.map_err(|error| {
            let path = error.path().unwrap_or(directory).to_owned();
            let source = error
                .into_io_error()
                .unwrap_or_else(|| std::io::Error::other("the directory goes in circles"));
            Error::File { doing: "list", path, source }
        })?;
        let source = found.into_path();
        let below = source.strip_prefix(directory).unwrap_or(&source);
        if itself.as_deref() == Some(below) {
            continue;
        }
        let Some(name) = below.to_str() else {
            return Err(refuse(&source, "its name is not UTF-8; rename it"));
        };
        entries.push(Entry { name: name.to_owned(), source });
    }
    pack(&entries, to)
}

pub(super) fn pack(entries: &[Entry], to: &Path) -> Result<(), Error> {
    let items = plan(entries)?;
    let parent = match to.parent() {
        Some(parent) if parent != Path::new("") => parent,
        Some(_) | None => Path::new("."),
    };
    let archive = tempfile::Builder::new()
        .prefix(".packing-")
        .tempfile_in(parent)
        .map_err(Error::file("write into", parent))?;
    let file = archive.as_file().try_clone().map_err(Error::file("write", to))?;
    let mut writer = Writer::new(file);
    for item in &items {
        item.write(&mut writer)?;
    }
    writer.finish().map_err(Error::file("write", to))?;
    archive.persist(to).map_err(|refused| Error::file("write", to)(refused.error))?;
    Ok(())
}

/// One entry, as it was found before the first was written.
struct Item {
    name: Name,
    source: PathBuf,
    metadata: Metadata,
    kind: Kind,
}

/// Looks at every entry, and returns them in the order in which they are packed.
fn plan(entries: &[Entry]) -> Result<Vec<Item>, Error> {
    let mut items = entries.iter().map(Item::find).collect::<Result<Vec<_>, _>>()?;
    items.sort_by(|one, other| one.name.cmp(&other.name));

    let limits = Limits::default();
    let mut tree = Tree::new(limits.entries_max);
    let refuse = |item: &Item, fault: Fault| match fault {
        Fault::Refused(reason) => refuse(&item.source, reason),
        Fault::TooMany => refuse(
            &item.source,
            format!("an archive holds at most {} files and directories", limits.entries_max),
        ),
    };
    for item in &items {
        tree.add(&item.name, item.kind.clone()).map_err(|fault| refuse(item, fault))?;
    }
    for item in &items {
        match &item.kind {
            Kind::Link(target) => {
                tree.check_link(&item.name, target).map_err(|fault| refuse(item, fault))?;
            }
            Kind::Directory | Kind::File => {}
        }
    }
    Ok(items)
}

impl Item {
    fn find(entry: &Entry) -> Result<Item, Error> {
        let source = entry.source.clone();
        let name = Name::parse(&entry.name)
            .map_err(|reason| refuse(&source, format!("as {:?}: {reason}", entry.name)))?;
        let metadata = fs::symlink_metadata(&source).map_err(Error::file("find", &source))?;
        let kind = if metadata.is_dir() {
            Kind::Directory
        } else if metadata.is_file() {
            Kind::File
        } else if metadata.is_symlink() {
            let target = fs::read_link(&source).map_err(Error::file("read", &source))?;
            let target = target.into_os_string().into_string();
            Kind::Link(
                target.map_err(|_| refuse(&source, "it points at a path that is not UTF-8"))?,
            )
        } else {
            return Err(refuse(&source, "it is a device, pipe or socket; remove it"));
        };
        if name.is_directory && kind != Kind::Directory {
            return Err(refuse(&source, "its name ends with `/`, and it is no directory"));
        }
        Ok(Item { name, source, metadata, kind })
    }

    fn write(&self, writer: &mut Writer) -> Result<(), Error> {
        let name = self.name.as_str();
        let permissions = self.metadata.permissions().mode() & layout::MODE_PERMISSIONS;
        let failed = Error::file("pack", &self.source);
        match &self.kind {
            Kind::Directory if self.name.is_root() => Ok(()),
            Kind::Directory => {
                let mode = layout::MODE_DIRECTORY | permissions;
                writer.write(&format!("{name}/"), mode, &mut Cursor::new([]), 0).map_err(failed)
            }
            Kind::Link(target) => {
                let mode = layout::MODE_LINK | layout::MODE_PERMISSIONS;
                let bytes = target.len() as u64;
                writer.write(name, mode, &mut Cursor::new(target), bytes).map_err(failed)
            }
            Kind::File => {
                let mode = layout::MODE_FILE | permissions;
                let mut file = self.open()?;
                writer.write(name, mode, &mut file, self.metadata.len()).map_err(failed)
            }
        }
    }

    /// Opens the file that was found, and not another that has taken its place, such as a link to a
    /// secret.
    fn open(&self) -> Result<File, Error> {
        let file = File::open(&self.source).map_err(Error::file("open", &self.source))?;
        let metadata = file.metadata().map_err(Error::file("find", &self.source))?;
        let identity = |metadata: &Metadata| (metadata.dev(), metadata.ino());
        if identity(&metadata) == identity(&self.metadata) {
            return Ok(file);
        }
        Err(refuse(&self.source, "it was replaced while it was packed"))
    }
}

fn refuse(path: &Path, reason: impl Into<String>) -> Error {
    Error::Pack { path: path.to_owned(), reason: reason.into() }
}
