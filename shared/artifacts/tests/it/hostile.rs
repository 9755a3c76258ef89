//! Archives that try to leave their directory, or to be two archives at once.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use artifacts::Error;
use artifacts::archive::{Limits, read_entry};

use crate::forge::{self, DIRECTORY, FILE, Forged, Header, LINK};
use crate::scratch::Scratch;

/// What an honest entry is made into, and what its refusal says.
type Lie = (&'static str, fn(Forged) -> Forged);

#[test]
fn an_honest_forgery_is_unpacked() {
    let scratch = Scratch::with(&forge::archive(&[
        Forged::stored("d/", DIRECTORY, b""),
        Forged::deflated("d/a", b"aaaaaaaaaaaaaaaaaaaa"),
        Forged::stored("l", LINK, b"d/a"),
        Forged::stored("no-mode", 0, b"x").but(|entry| entry.host = 0),
    ]));
    let unpacked = scratch.unpack(&Limits::default()).unwrap();
    assert_eq!((unpacked.files, unpacked.links, unpacked.directories), (2, 1, 1));
    assert_eq!(fs::read(scratch.unpacked().join("l")).unwrap(), b"aaaaaaaaaaaaaaaaaaaa");
    let mode = fs::metadata(scratch.unpacked().join("no-mode")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o644);
}

#[test]
fn names_that_lead_outside_are_refused_before_anything_is_written() {
    let long = "n".repeat(256);
    for name in [
        "../evil",
        "a/../../evil",
        "a/..",
        "..",
        "/tmp/evil",
        "//evil",
        "/",
        "C:/evil",
        "c:evil",
        "..\\evil",
        "a\\evil",
        "\\\\host\\evil",
        "evil\0.txt",
        "",
        "a//b",
        &long,
    ] {
        let good = Forged::stored("good", FILE, b"good");
        let scratch = Scratch::with(&forge::archive(&[good, Forged::stored(name, FILE, b"evil")]));
        let refusal = scratch.refusal();
        assert!(refusal.contains("the name"), "{name:?}: {refusal}");
        let read = read_entry(&scratch.archive(), "good", 100);
        assert!(matches!(read, Err(Error::Entry { .. })), "{name:?}");
    }
}

#[test]
fn refusals_cannot_forge_lines_of_a_log() {
    let name = "../x\nunpacked everything\u{1b}[2J";
    let scratch = Scratch::with(&forge::archive(&[Forged::stored(name, FILE, b"")]));
    let refusal = scratch.refusal();
    assert!(!refusal.contains(['\n', '\u{1b}']), "{refusal}");
}

#[test]
fn names_that_are_not_utf_8_are_refused() {
    let entry = Forged::stored("x", FILE, b"").both(|header| header.name = vec![b'a', 0xff]);
    let refusal = Scratch::with(&forge::archive(&[entry])).refusal();
    assert!(refusal.contains("not UTF-8"), "{refusal}");
}

#[test]
fn links_that_lead_outside_are_refused_also_through_other_links() {
    let link = |name, target: &str| Forged::stored(name, LINK, target.as_bytes());
    let directory = |name| Forged::stored(name, DIRECTORY, b"");
    for entries in [
        vec![link("l", "..")],
        vec![link("l", "/etc/passwd")],
        vec![link("l", "../../etc/passwd")],
        vec![link("a/l", "../../x")],
        vec![link("l", "a/../../x")],
        vec![link("l", "")],
        vec![link("l", "a\0b")],
        vec![link("a/up", ".."), link("l", "a/up/../x")],
        vec![link("l", "a/up/../x"), link("a/up", "..")],
        vec![directory("a/b/"), link("s", "a/b"), link("l", "s/../../../x")],
        vec![link("one", "two"), link("two", "one")],
        vec![Forged::deflated("l", b"../x").but(|entry| entry.mode = LINK)],
    ] {
        let refusal = Scratch::with(&forge::archive(&entries)).refusal();
        assert!(refusal.contains("link"), "{refusal}");
    }
    let far = "a/".repeat(3000);
    let refusal = Scratch::with(&forge::archive(&[link("l", &far)])).refusal();
    assert!(refusal.contains("longer than 4095"), "{refusal}");
    let foreign = Forged::stored("l", LINK, b"\xff");
    let refusal = Scratch::with(&forge::archive(&[foreign])).refusal();
    assert!(refusal.contains("not UTF-8"), "{refusal}");
}

#[test]
fn a_file_below_a_link_is_refused_in_either_order() {
    let link = Forged::stored("a", LINK, b"b");
    let file = Forged::stored("a/evil", FILE, b"evil");
    let directory = Forged::stored("b/", DIRECTORY, b"");
    for entries in [[directory.clone(), link.clone(), file.clone()], [directory, file, link]] {
        let refusal = Scratch::with(&forge::archive(&entries)).refusal();
        assert!(refusal.contains("below"), "{refusal}");
    }
}

#[test]
fn names_that_conflict_are_refused() {
    for names in [
        ["a", "a"],
        ["a", "./a"],
        ["a", "a/b"],
        ["a/b", "a"],
        ["a", "a/"],
        ["a/", "a"],
        ["a/", "a/"],
    ] {
        let entries = names.map(|name| {
            let mode = if name.ends_with('/') { DIRECTORY } else { FILE };
            Forged::stored(name, mode, b"")
        });
        let scratch = Scratch::with(&forge::archive(&entries));
        let refusal = scratch.refusal();
        assert!(refusal.contains("same name") || refusal.contains("below"), "{refusal}");
        assert!(read_entry(&scratch.archive(), "a", 100).is_err(), "{names:?}");
    }
    let entries = ["a", "A"].map(|name| Forged::stored(name, FILE, b""));
    let scratch = Scratch::with(&forge::archive(&entries));
    assert_eq!(scratch.unpack(&Limits::default()).unwrap().files, 2);
}

#[test]
fn devices_pipes_and_sockets_are_refused() {
    for kind in [0o010_000, 0o020_000, 0o060_000, 0o140_000, 0o170_000] {
        let refusal =
            Scratch::with(&forge::archive(&[Forged::stored("x", kind | 0o644, b"")])).refusal();
        assert!(refusal.contains("device"), "{refusal}");
    }
    for (name, mode) in [("x/", FILE), ("x/", LINK), ("x", DIRECTORY)] {
        let refusal = Scratch::with(&forge::archive(&[Forged::stored(name, mode, b"")])).refusal();
        assert!(refusal.contains("its name ends"), "{refusal}");
    }
    let refusal =
        Scratch::with(&forge::archive(&[Forged::stored("x/", DIRECTORY, b"bytes")])).refusal();
    assert!(refusal.contains("has bytes"), "{refusal}");
}

#[test]
fn special_permissions_are_never_set() {
    let scratch = Scratch::with(&forge::archive(&[
        Forged::stored("d/", DIRECTORY | 0o7000, b""),
        Forged::stored("d/x", 0o106_755 | 0o1000, b"x"),
    ]));
    scratch.unpack(&Limits::default()).unwrap();
    for name in ["d", "d/x"] {
        let mode = fs::metadata(scratch.unpacked().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o755, "{name}");
    }
}

#[test]
fn headers_that_disagree_are_refused() {
    let lies: [Lie; 8] = [
        ("another name", |entry| entry.but(|entry| entry.local.name = b"other".to_vec())),
        ("another name", |entry| entry.but(|entry| entry.local.name = b"nam/".to_vec())),
        ("another method", |entry| entry.but(|entry| entry.local.method = 0)),
        ("other flags", |entry| entry.but(|entry| entry.local.flags |= 1)),
        ("other flags", |entry| entry.but(|entry| entry.local.flags |= 1 << 3)),
        ("other sizes", |entry| entry.but(|entry| entry.local.bytes += 1)),
        ("other sizes", |entry| entry.but(|entry| entry.local.packed_bytes -= 1)),
        ("another checksum", |entry| entry.but(|entry| entry.local.checksum ^= 1)),
    ];
    expect_refusals(&lies);
}

#[test]
fn entries_that_cannot_be_read_are_refused() {
    let lies: [Lie; 12] = [
        ("encrypted", |entry| entry.both(|header| header.flags |= 1)),
        ("encrypted", |entry| entry.both(|header| header.flags |= 1 << 6)),
        ("encrypted", |entry| entry.both(|header| header.flags |= 1 << 13)),
        ("patch", |entry| entry.both(|header| header.flags |= 1 << 5)),
        ("neither stored nor deflated", |entry| entry.both(|header| header.method = 12)),
        ("neither stored nor deflated", |entry| entry.both(|header| header.method = 99)),
        ("split archive", |entry| entry.but(|entry| entry.disk = 1)),
        ("two sizes", |entry| entry.both(|header| header.method = 0)),
        ("extra fields", |entry| entry.but(|entry| entry.central.extra = vec![1, 0, 9, 0])),
        ("extra fields", |entry| {
            entry.but(|entry| entry.central.extra = [forge::wide(&[]), forge::wide(&[])].concat())
        }),
        ("two names", |entry| {
            let second = forge::extra(0x7075, b"\x01\0\0\0\0other");
            entry.but(|entry| entry.central.extra = second)
        }),
        ("header", |entry| entry.but(|entry| entry.offset = Some(3))),
    ];
    expect_refusals(&lies);
}

#[test]
fn wide_numbers_at_their_extremes_are_refused() {
    let lies: [Lie; 6] = [
        ("wide sizes", |entry| entry.but(|entry| widen(&mut entry.central, &[]))),
        ("wide sizes", |entry| entry.but(|entry| widen(&mut entry.central, &[1]))),
        ("other sizes", |entry| entry.but(|entry| widen(&mut entry.central, &[u64::MAX; 2]))),
        ("overlap", |entry| entry.both(|header| widen(header, &[u64::MAX; 2]))),
        ("overlap", |entry| entry.both(|header| widen(header, &[1, u64::MAX - 40]))),
        ("outside", |entry| {
            entry.but(|entry| {
                entry.offset = Some(u32::MAX);
                entry.central.extra = forge::wide(&[u64::MAX]);
            })
        }),
    ];
    expect_refusals(&lies);
}

fn widen(header: &mut Header, numbers: &[u64]) {
    header.bytes = u32::MAX;
    header.packed_bytes = u32::MAX;
    header.extra = forge::wide(numbers);
}

#[track_caller]
fn expect_refusals(lies: &[Lie]) {
    for (reason, lie) in lies {
        let honest = Forged::deflated("name", b"hello hello hello hello");
        let scratch = Scratch::with(&forge::archive(&[lie(honest)]));
        let refusal = scratch.refusal();
        assert!(refusal.contains(reason), "{reason}: {refusal}");
        let read = read_entry(&scratch.archive(), "name", 1000);
        assert!(read.is_err(), "{reason}");
    }
}

#[test]
fn bytes_that_are_not_what_the_archive_claims_are_refused() {
    let lies: [Lie; 6] = [
        ("checksum", |entry| entry.both(|header| header.checksum ^= 1)),
        ("more bytes", |entry| entry.both(|header| header.bytes -= 1)),
        ("more bytes", |entry| entry.both(|header| header.bytes = 0)),
        ("fewer bytes", |entry| entry.both(|header| header.bytes += 1)),
        ("corrupt or cut off", |entry| entry.both(|header| header.packed_bytes -= 2)),
        ("before its place", |entry| {
            let entry = entry.both(|header| header.packed_bytes += 1);
            entry.but(|entry| entry.data.push(0))
        }),
    ];
    for (reason, lie) in lies {
        let honest = Forged::deflated("name", b"hello hello hello hello");
        let scratch = Scratch::with(&forge::archive(&[lie(honest)]));
        let refusal = scratch.unpack(&Limits::default()).unwrap_err().to_string();
        assert!(refusal.contains(reason), "{reason}: {refusal}");
        let refusal = read_entry(&scratch.archive(), "name", 1000).unwrap_err().to_string();
        assert!(refusal.contains(reason), "{reason}: {refusal}");
    }
}

#[test]
fn ends_that_lie_are_refused() {
    let [bytes, directory, _] = forge::parts(&[Forged::stored("a", FILE, b"a")]);
    let offset = u32::try_from(bytes.len()).unwrap();
    let length = u32::try_from(directory.len()).unwrap();
    let end_offset = u64::from(offset + length);
    let wide = |entries, bytes, directory_offset, at| {
        let narrow = forge::end(u16::MAX, u32::MAX, u32::MAX);
        [forge::wide_end(entries, bytes, directory_offset, at), narrow].concat()
    };
    let [offset_wide, length_wide] = [offset, length].map(u64::from);
    let honest = wide(1, length_wide, offset_wide, end_offset);
    let scratch = Scratch::with(&[&bytes[..], &directory, &honest].concat());
    assert_eq!(scratch.unpack(&Limits::default()).unwrap().files, 1);

    let two_ends =
        [forge::wide_end(1, length_wide, offset_wide, end_offset), forge::end(2, length, offset)]
            .concat();
    for (what, end) in [
        ("no end", Vec::new()),
        ("too many", forge::end(2, length, offset)),
        ("too few", forge::end(0, length, offset)),
        ("bytes between", forge::end(1, length - 1, offset)),
        ("beyond", forge::end(1, u32::MAX, u32::MAX)),
        ("elsewhere", forge::end(1, length, offset - 1)),
        ("rubbish after", [forge::end(1, length, offset), vec![0]].concat()),
        ("wide count", wide(u64::MAX, length_wide, offset_wide, end_offset)),
        ("wide length", wide(1, u64::MAX, offset_wide, end_offset)),
        ("wide offset", wide(1, length_wide, u64::MAX, end_offset)),
        ("wide sum", wide(1, u64::MAX, end_offset.wrapping_add(1), end_offset)),
        ("wide place", wide(1, length_wide, offset_wide, u64::MAX)),
        ("wide place before", wide(1, length_wide, offset_wide, 0)),
        ("two ends", two_ends),
    ] {
        let refusal = Scratch::with(&[&bytes[..], &directory, &end].concat()).refusal();
        assert!(refusal.contains("read archive"), "{what}: {refusal}");
    }
    let shifted = [b"MZ", &bytes[..], &directory, &forge::end(1, length, offset)].concat();
    assert!(Scratch::with(&shifted).refusal().contains("not where its end says"));
}

#[test]
fn what_is_already_in_the_directory_is_neither_replaced_nor_followed() {
    let scratch = Scratch::with(&forge::archive(&[Forged::stored("a/b", FILE, b"new")]));
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(scratch.unpacked()).unwrap();
    symlink(outside.path(), scratch.unpacked().join("a")).unwrap();
    scratch.unpack(&Limits::default()).unwrap_err();
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);

    fs::remove_file(scratch.unpacked().join("a")).unwrap();
    fs::create_dir(scratch.unpacked().join("a")).unwrap();
    let victim = outside.path().join("victim");
    symlink(&victim, scratch.unpacked().join("a/b")).unwrap();
    scratch.unpack(&Limits::default()).unwrap_err();
    assert!(!victim.exists());

    fs::remove_file(scratch.unpacked().join("a/b")).unwrap();
    fs::write(scratch.unpacked().join("a/b"), "old").unwrap();
    scratch.unpack(&Limits::default()).unwrap_err();
    assert_eq!(fs::read(scratch.unpacked().join("a/b")).unwrap(), b"old");
}

#[test]
fn archives_cut_off_at_any_byte_are_refused() {
    let archive = small_archive();
    for length in 0..archive.len() {
        let scratch = Scratch::with(&archive[..length]);
        scratch.unpack(&Limits::default()).unwrap_err();
        read_entry(&scratch.archive(), "dir/file", 1000).unwrap_err();
    }
}

#[test]
fn archives_with_any_byte_changed_never_panic_and_never_leave() {
    let archive = small_archive();
    for index in 0..archive.len() {
        for change in [0x01, 0x20, 0x80, 0xff] {
            let mut changed = archive.clone();
            changed[index] ^= change;
            // A changed time or version is no lie that matters; `unpack` looks around for the rest.
            let scratch = Scratch::with(&changed);
            if scratch.unpack(&Limits::default()).is_ok() {
                let _content = read_entry(&scratch.archive(), "dir/file", 1000);
            }
        }
    }
}

fn small_archive() -> Vec<u8> {
    forge::archive(&[
        Forged::stored("dir/", DIRECTORY, b""),
        Forged::deflated("dir/file", b"hello hello hello hello"),
        Forged::stored("link", LINK, b"dir/file"),
    ])
}
