//! Trees that are packed and unpacked, and archives that others make and read.

use std::fs::{self, Permissions};
use std::io::{Cursor, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use artifacts::Error;
use artifacts::archive::{Entry, Limits, pack, pack_tree, read_entry};
use zip::write::SimpleFileOptions;

use crate::scratch::Scratch;

#[expect(clippy::unwrap_used, reason = "a test that cannot make its tree has failed")]
fn make_tree(root: &Path) {
    fs::create_dir_all(root.join("src/deep/er")).unwrap();
    fs::create_dir_all(root.join("empty/within")).unwrap();
    fs::create_dir_all(root.join("名前")).unwrap();
    for (name, bytes, mode) in [
        ("run.sh", b"#!/bin/sh\n".to_vec(), 0o755),
        ("secret", b"s".to_vec(), 0o600),
        ("read-only", Vec::new(), 0o444),
        (".hidden", b"h".to_vec(), 0o644),
        ("src/deep/er/large", (0..200_000_u32).flat_map(u32::to_le_bytes).collect(), 0o640),
        ("名前/ü ñ.txt", "ü".into(), 0o644),
        ("zeros", vec![0; 3_000_000], 0o644),
    ] {
        fs::write(root.join(name), bytes).unwrap();
        fs::set_permissions(root.join(name), Permissions::from_mode(mode)).unwrap();
    }
    symlink("src/deep/er/large", root.join("link")).unwrap();
    symlink("../run.sh", root.join("src/up")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    symlink("deep", root.join("src/to-directory")).unwrap();
    fs::set_permissions(root.join("empty/within"), Permissions::from_mode(0o555)).unwrap();
}

/// Lists what is in a tree: names, modes, and bytes or targets.
#[expect(clippy::unwrap_used, reason = "a test that cannot read its tree has failed")]
fn list(root: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let found = walkdir::WalkDir::new(root).min_depth(1).sort_by_file_name().into_iter();
    found
        .map(|found| {
            let found = found.unwrap();
            let name = found.path().strip_prefix(root).unwrap().display().to_string();
            let metadata = fs::symlink_metadata(found.path()).unwrap();
            let bytes = if metadata.is_symlink() {
                fs::read_link(found.path()).unwrap().into_os_string().into_encoded_bytes()
            } else if metadata.is_file() {
                fs::read(found.path()).unwrap()
            } else {
                Vec::new()
            };
            (name, metadata.permissions().mode(), bytes)
        })
        .collect()
}

#[test]
fn a_tree_comes_back_with_modes_links_and_empty_directories() {
    let tree = tempfile::tempdir().unwrap();
    make_tree(tree.path());
    let scratch = Scratch::with(b"");
    pack_tree(tree.path(), &scratch.archive()).unwrap();
    let unpacked = scratch.unpack(&Limits::default()).unwrap();
    assert_eq!((unpacked.files, unpacked.links, unpacked.directories), (7, 4, 6));

    let mut expected = list(tree.path());
    for (name, mode, _) in &mut expected {
        // A directory that its owner could not empty would outlive the run that made it.
        if name == "empty/within" {
            *mode = 0o040_755;
        }
    }
    assert_eq!(list(&scratch.unpacked()), expected);
}

#[test]
fn the_same_tree_makes_the_same_bytes_whatever_order_and_time() {
    let [one, other] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    make_tree(one.path());
    make_tree(other.path());
    let archives = Scratch::with(b"");
    let [from_one, from_other, from_entries] =
        ["1.zip", "2.zip", "3.zip"].map(|name| archives.path().join(name));
    pack_tree(one.path(), &from_one).unwrap();
    let old = fs::File::options().append(true).open(other.path().join("run.sh")).unwrap();
    old.set_modified(std::time::UNIX_EPOCH).unwrap();
    pack_tree(other.path(), &from_other).unwrap();
    let mut entries: Vec<_> = list(one.path())
        .into_iter()
        .map(|(name, _, _)| Entry { source: one.path().join(&name), name })
        .collect();
    entries.reverse();
    pack(&entries, &from_entries).unwrap();
    let expected = fs::read(&from_one).unwrap();
    assert!(expected == fs::read(&from_other).unwrap());
    assert!(expected == fs::read(&from_entries).unwrap());
}

#[test]
fn an_empty_tree_and_an_archive_inside_its_tree_are_packed() {
    let tree = tempfile::tempdir().unwrap();
    let scratch = Scratch::with(b"");
    pack_tree(tree.path(), &scratch.archive()).unwrap();
    assert_eq!(
        scratch.unpack(&Limits::default()).unwrap(),
        artifacts::archive::Unpacked::default()
    );

    fs::write(tree.path().join("a"), "a").unwrap();
    let inside = tree.path().join("out.zip");
    pack_tree(tree.path(), &inside).unwrap();
    let first = fs::read(&inside).unwrap();
    pack_tree(tree.path(), &inside).unwrap();
    assert_eq!(fs::read(&inside).unwrap(), first);
    let count = fs::read_dir(tree.path()).unwrap().count();
    assert_eq!(count, 2, "nothing is left over");
}

#[test]
fn what_could_not_be_unpacked_is_not_packed() {
    let tree = tempfile::tempdir().unwrap();
    let root = tree.path();
    let archive = root.join("out.zip");
    let refusal = |name: &str| {
        let error = pack_tree(root, &archive).expect_err(name);
        assert!(matches!(error, Error::Pack { .. }), "{error}");
        assert!(!archive.exists());
        fs::remove_file(root.join(name)).expect(name);
        error.to_string()
    };
    for target in ["/etc/passwd", "../outside", "a/../../outside"] {
        symlink(target, root.join("escaping")).unwrap();
        let refusal = refusal("escaping");
        assert!(refusal.contains("escaping: the link"), "{refusal}");
    }
    fs::write(root.join("back\\slash"), "").unwrap();
    assert!(refusal("back\\slash").contains("backslash"));
    let socket = UnixListener::bind(root.join("socket")).unwrap();
    assert!(refusal("socket").contains("socket"));
    drop(socket);
    let foreign = root.join(std::ffi::OsStr::from_bytes(b"\xff"));
    fs::write(&foreign, "").unwrap();
    assert!(pack_tree(root, &archive).unwrap_err().to_string().contains("not UTF-8"));
}

#[test]
fn entries_that_conflict_or_are_absent_are_not_packed() {
    let tree = tempfile::tempdir().unwrap();
    let source = tree.path().join("a");
    fs::write(&source, "a").unwrap();
    let entry = |name: &str| Entry { name: name.to_owned(), source: source.clone() };
    let archive = tree.path().join("out.zip");
    for names in [["x", "x"], ["x", "x/y"], ["x", "../y"], ["x", "/y"], ["x", "y/"]] {
        let error = pack(&names.map(entry), &archive).unwrap_err();
        assert!(matches!(error, Error::Pack { .. }), "{names:?}: {error}");
    }
    let absent = Entry { name: "x".to_owned(), source: tree.path().join("absent") };
    let error = pack(&[absent], &archive).unwrap_err();
    assert!(error.to_string().contains("absent"), "{error}");
    assert!(pack_tree(&tree.path().join("absent"), &archive).is_err());
    assert!(!archive.exists());
}

#[test]
fn one_file_is_read_by_its_plain_name() {
    let tree = tempfile::tempdir().unwrap();
    make_tree(tree.path());
    let scratch = Scratch::with(b"");
    pack_tree(tree.path(), &scratch.archive()).unwrap();
    let read = |name: &str| read_entry(&scratch.archive(), name, 1000);
    assert_eq!(read("run.sh").unwrap(), Some(b"#!/bin/sh\n".to_vec()));
    assert_eq!(read("./名前/ü ñ.txt").unwrap(), Some("ü".into()));
    assert_eq!(read("absent").unwrap(), None);
    assert!(read("link").unwrap_err().to_string().contains("name the file it points at"));
    assert!(read("src").unwrap_err().to_string().contains("directory"));
    assert!(read("../run.sh").unwrap_err().to_string().contains("climbs"));
    assert!(read("zeros").unwrap_err().to_string().contains("at most 1000"));
    assert!(!scratch.unpacked().exists());
}

#[test]
fn others_read_what_we_pack() {
    let tree = tempfile::tempdir().unwrap();
    make_tree(tree.path());
    let scratch = Scratch::with(b"");
    pack_tree(tree.path(), &scratch.archive()).unwrap();
    let mut others = zip::ZipArchive::new(fs::File::open(scratch.archive()).unwrap()).unwrap();
    for (name, mode, bytes) in list(tree.path()) {
        let name = if mode & 0o170_000 == 0o040_000 { format!("{name}/") } else { name };
        let mut entry = others.by_name(&name).unwrap();
        assert_eq!(entry.unix_mode(), Some(mode), "{name}");
        let mut found = Vec::new();
        entry.read_to_end(&mut found).unwrap();
        assert!(found == bytes, "{name}");
    }
    assert_eq!(others.len(), list(tree.path()).len());
}

#[test]
fn what_others_pack_is_unpacked_also_when_sizes_follow_the_bytes() {
    let options = SimpleFileOptions::default().unix_permissions(0o755);
    let mut seekable = zip::ZipWriter::new(Cursor::new(Vec::new()));
    seekable.start_file("a/run", options).unwrap();
    seekable.write_all(b"run run run run run").unwrap();
    seekable.add_directory("b/", options).unwrap();
    seekable.add_symlink("a/link", "run", options).unwrap();
    seekable.start_file("wide", options.large_file(true)).unwrap();
    seekable.write_all(b"wide").unwrap();
    seekable.set_comment("a comment").unwrap();
    let seekable = seekable.finish().unwrap().into_inner();

    let mut streamed = zip::ZipWriter::new_stream(Vec::new());
    streamed.start_file("a/run", options).unwrap();
    streamed.write_all(b"run run run run run").unwrap();
    streamed.start_file("b", options).unwrap();
    let streamed = streamed.finish().unwrap().into_inner();

    for archive in [seekable, streamed] {
        let scratch = Scratch::with(&archive);
        scratch.unpack(&Limits::default()).unwrap();
        let run = scratch.unpacked().join("a/run");
        assert_eq!(fs::read(&run).unwrap(), b"run run run run run");
        assert_eq!(fs::metadata(&run).unwrap().permissions().mode() & 0o7777, 0o755);
    }
}
