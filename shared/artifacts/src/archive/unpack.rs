//! Archives made into trees of files.

use std::fs;
use std::io;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirBuilder, OpenOptions, OpenOptionsExt as _, Permissions};
use cap_std::fs::{DirBuilderExt as _, PermissionsExt as _};

use super::content::{self, Budget};
use super::listing::{Archive, Member, Shape, TEXT_BYTES_MAX};
use super::tree::{Kind, Tree};
use super::{Limits, Unpacked};
use crate::error::Error;

/// How long the target of a link may be, as on Linux.
const LINK_BYTES_MAX: u64 = 4095;

/// The permissions of a file that comes with none.
const FILE_PERMISSIONS: u32 = 0o644;
/// The permissions of a directory that comes with none.
const DIRECTORY_PERMISSIONS: u32 = 0o755;
/// The permissions that every directory has, so that whoever unpacked it can also remove it.
const OWNER_PERMISSIONS: u32 = 0o700;

pub(super) fn unpack(path: &Path, into: &Path, limits: &Limits) -> Result<Unpacked, Error> {
    let archive = Archive::open(path)?;
    let members = archive.members(limits.entries_max)?;
    let plan = Plan::new(&archive, &members, limits)?;

    fs::create_dir_all(into).map_err(Error::file("make", into))?;
    let root =
        Dir::open_ambient_dir(into, ambient_authority()).map_err(Error::file("open", into))?;
    let destination = Destination { root, path: into };
    destination.write(&archive, &members, &plan)
}

/// What is known before anything is written.
struct Plan {
    tree: Tree,
    /// The links, by their place among the members, and their targets.
    links: Vec<(usize, String)>,
}

impl Plan {
    /// Checks everything that can be checked without unpacking files.
    fn new(archive: &Archive, members: &[Member], limits: &Limits) -> Result<Plan, Error> {
        let mut budget = Budget::new(limits);
        for member in members {
            budget.count(archive, member)?;
        }

        let mut tree = Tree::new(limits.entries_max);
        let mut links = Vec::new();
        let mut link_bytes = 0;
        for (index, member) in members.iter().enumerate() {
            let kind = match member.shape {
                Shape::Directory => Kind::Directory,
                Shape::File => Kind::File,
                Shape::Link => {
                    link_bytes += member.bytes;
                    if link_bytes > TEXT_BYTES_MAX {
                        let measure = "links' targets, in bytes,";
                        return Err(archive.limit(measure, link_bytes, TEXT_BYTES_MAX));
                    }
                    let target = read_target(archive, member)?;
                    links.push((index, target.clone()));
                    Kind::Link(target)
                }
            };
            tree.add(&member.name, kind)
                .map_err(|fault| archive.refuse_member(member, &fault, limits.entries_max))?;
        }
        for (index, target) in &links {
            let member = &members[*index];
            tree.check_link(&member.name, target)
                .map_err(|fault| archive.refuse_member(member, &fault, limits.entries_max))?;
        }
        Ok(Plan { tree, links })
    }
}

fn read_target(archive: &Archive, member: &Member) -> Result<String, Error> {
    let refuse = |reason| archive.refuse_entry(&member.name_as_spelled(), reason);
    if member.bytes > LINK_BYTES_MAX {
        return Err(refuse("it is a link to a path longer than 4095 bytes"));
    }
    let mut target = Vec::new();
    content::copy(archive, member, &mut target, archive.failed())?;
    String::from_utf8(target).map_err(|_| refuse("it is a link to a path that is not UTF-8"))
}

/// The directory that is unpacked into, held by a handle that cannot leave it.
struct Destination<'a> {
    root: Dir,
    path: &'a Path,
}

impl Destination<'_> {
    fn write(&self, archive: &Archive, members: &[Member], plan: &Plan) -> Result<Unpacked, Error> {
        let mut unpacked = Unpacked::default();
        for name in plan.tree.directories() {
            self.make_directory(&name)?;
            unpacked.directories += 1;
        }
        for member in members.iter().filter(|member| member.shape == Shape::File) {
            self.write_file(archive, member)?;
            unpacked.files += 1;
            unpacked.bytes += member.bytes;
        }
        // Links come when all files are written, so no file is ever written through a link.
        for (index, target) in &plan.links {
            let name = members[*index].name.as_str();
            self.root.symlink(target, name).map_err(self.failed("link", name))?;
            unpacked.links += 1;
        }
        // Permissions of directories come last, since one may forbid to write into it.
        for member in members.iter().filter(|member| member.shape == Shape::Directory) {
            self.permit_directory(member)?;
        }
        Ok(unpacked)
    }

    fn make_directory(&self, name: &str) -> Result<(), Error> {
        let mut builder = DirBuilder::new();
        builder.mode(DIRECTORY_PERMISSIONS);
        match self.root.create_dir_with(name, &builder) {
            Ok(()) => Ok(()),
            // Another archive may have been unpacked here; a link to a directory will not do.
            Err(error) => match self.root.symlink_metadata(name) {
                Ok(metadata) if metadata.is_dir() => Ok(()),
                Ok(_) | Err(_) => Err(self.failed("make", name)(error)),
            },
        }
    }

    fn write_file(&self, archive: &Archive, member: &Member) -> Result<(), Error> {
        let name = member.name.as_str();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = self.root.open_with(name, &options).map_err(self.failed("make", name))?;
        content::copy(archive, member, &mut file, self.failed("write", name))?;
        let permissions = member.permissions.unwrap_or(FILE_PERMISSIONS);
        file.set_permissions(Permissions::from_mode(permissions))
            .map_err(self.failed("set permissions of", name))
    }

    fn permit_directory(&self, member: &Member) -> Result<(), Error> {
        let Some(permissions) = member.permissions.filter(|_| !member.name.is_root()) else {
            return Ok(());
        };
        let name = member.name.as_str();
        self.root
            .set_permissions(name, Permissions::from_mode(permissions | OWNER_PERMISSIONS))
            .map_err(self.failed("set permissions of", name))
    }

    fn failed(&self, doing: &'static str, name: &str) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::file(doing, &self.path.join(name))(source)
    }
}
