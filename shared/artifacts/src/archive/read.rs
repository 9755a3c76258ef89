//! One file out of an archive, in memory.

use std::path::Path;

use super::content::{self, Budget};
use super::listing::{Archive, Member, Shape};
use super::name::Name;
use super::{Limits, tree};
use crate::error::Error;

pub(super) fn read_entry(
    path: &Path,
    name: &str,
    bytes_max: u64,
) -> Result<Option<Vec<u8>>, Error> {
    let limits = Limits { entry_bytes_max: bytes_max, ..Limits::default() };
    let archive = Archive::open(path)?;
    let wanted = Name::parse(name).map_err(|reason| archive.refuse_entry(name, reason))?;
    let members = archive.members(limits.entries_max)?;
    check_names(&archive, &members, &limits)?;
    let found = members.iter().find(|member| member.name.as_str() == wanted.as_str());
    let Some(member) = found else { return Ok(None) };
    match member.shape {
        Shape::File => {}
        Shape::Directory => return Err(archive.refuse_entry(name, "it is a directory")),
        Shape::Link => {
            return Err(archive.refuse_entry(name, "it is a link; name the file it points at"));
        }
    }
    Budget::new(&limits).count(&archive, member)?;
    let mut bytes = Vec::new();
    content::copy(&archive, member, &mut bytes, Error::file("read", path))?;
    Ok(Some(bytes))
}

/// Checks that the names are one tree, so that no other reader can find another file by this name.
fn check_names(archive: &Archive, members: &[Member], limits: &Limits) -> Result<(), Error> {
    let mut tree = tree::Tree::new(limits.entries_max);
    for member in members {
        let kind = match member.shape {
            Shape::Directory => tree::Kind::Directory,
            Shape::File => tree::Kind::File,
            // Where links lead does not matter to a file that is read in memory.
            Shape::Link => tree::Kind::Link(String::new()),
        };
        tree.add(&member.name, kind)
            .map_err(|fault| archive.refuse_member(member, &fault, limits.entries_max))?;
    }
    Ok(())
}
