//! Archives that are small until they are unpacked.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use artifacts::Error;
use artifacts::archive::{Limits, read_entry};

use crate::forge::{self, DIRECTORY, FILE, Forged, LINK};
use crate::scratch::Scratch;

const MEBIBYTE: usize = 1024 * 1024;

#[test]
fn a_file_that_shrinks_too_far_is_refused() {
    let zeros = vec![0; 8 * MEBIBYTE];
    let scratch = Scratch::with(&forge::archive(&[Forged::deflated("zeros", &zeros)]));
    let refusal = scratch.refusal();
    assert!(refusal.contains("compression ratio of entry \"zeros\""), "{refusal}");
    let read = read_entry(&scratch.archive(), "zeros", u64::MAX);
    assert!(matches!(read, Err(Error::Limit { .. })));

    let generous = Limits { ratio_max: 2000, ..Limits::default() };
    assert_eq!(scratch.unpack(&generous).unwrap().bytes, zeros.len() as u64);
}

#[test]
fn many_small_files_that_shrink_too_far_together_are_refused() {
    let zeros = vec![0; MEBIBYTE / 2];
    let files = ["a", "b"].map(|name| Forged::deflated(name, &zeros));
    let scratch = Scratch::with(&forge::archive(&files));
    assert_eq!(scratch.unpack(&Limits::default()).unwrap().files, 2);

    let files = ["a", "b", "c"].map(|name| Forged::deflated(name, &zeros));
    let refusal = Scratch::with(&forge::archive(&files)).refusal();
    assert!(refusal.contains("its compression ratio"), "{refusal}");
}

#[test]
fn a_bomb_that_lies_about_its_size_is_stopped_while_it_streams() {
    let zeros = vec![0; 16 * MEBIBYTE];
    let bomb = Forged::deflated("zeros", &zeros).both(|header| header.bytes = 1000);
    let scratch = Scratch::with(&forge::archive(&[bomb]));
    let refusal = scratch.unpack(&Limits::default()).unwrap_err().to_string();
    assert!(refusal.contains("more bytes than the archive says"), "{refusal}");
    assert!(fs::metadata(scratch.unpacked().join("zeros")).unwrap().size() <= 1000);
    assert!(read_entry(&scratch.archive(), "zeros", 1000).is_err());
}

#[test]
fn sizes_beyond_the_limits_are_refused_before_anything_is_written() {
    let files = ["a", "b"].map(|name| Forged::stored(name, FILE, &[7; 1000]));
    let archive = forge::archive(&files);
    for (limits, measure) in [
        (Limits { entry_bytes_max: 999, ..Limits::default() }, "size of entry \"a\""),
        (Limits { total_bytes_max: 1999, ..Limits::default() }, "its size in bytes"),
        (Limits { entries_max: 1, ..Limits::default() }, "count of entries"),
    ] {
        let scratch = Scratch::with(&archive);
        let error = scratch.unpack(&limits).unwrap_err();
        assert!(matches!(error, Error::Limit { .. }), "{error}");
        assert!(error.to_string().contains(measure), "{measure}: {error}");
        assert!(!scratch.unpacked().exists());
    }
    let exact =
        Limits { entries_max: 2, entry_bytes_max: 1000, total_bytes_max: 2000, ratio_max: 1 };
    assert_eq!(Scratch::with(&archive).unpack(&exact).unwrap().bytes, 2000);
    let scratch = Scratch::with(&archive);
    assert_eq!(read_entry(&scratch.archive(), "a", 1000).unwrap(), Some(vec![7; 1000]));
    let read = read_entry(&scratch.archive(), "a", 999);
    assert!(matches!(read, Err(Error::Limit { found: 1000, allowed: 999, .. })));
}

#[test]
fn directories_that_names_imply_count_as_entries() {
    let deep = "d/".repeat(100);
    let entries: Vec<_> =
        (0..50).map(|index| Forged::stored(&format!("{index}/{deep}x"), FILE, b"")).collect();
    let archive = forge::archive(&entries);
    let limits = Limits { entries_max: 50 * 102, ..Limits::default() };
    assert_eq!(Scratch::with(&archive).unpack(&limits).unwrap().directories, 50 * 101);
    let limits = Limits { entries_max: 50 * 102 - 1, ..Limits::default() };
    let error = Scratch::with(&archive).unpack(&limits).unwrap_err();
    assert!(error.to_string().contains("entries and their directories"), "{error}");
}

#[test]
fn too_many_entries_are_refused_by_their_count_alone() {
    let [bytes, directory, _] = forge::parts(&[]);
    let end = [
        forge::wide_end(4_000_000_000, 46 * 4_000_000_000, 0, 46 * 4_000_000_000),
        forge::end(u16::MAX, u32::MAX, u32::MAX),
    ]
    .concat();
    let refusal = Scratch::with(&[bytes, directory, end].concat()).refusal();
    assert!(refusal.contains("read archive"), "{refusal}");

    let entries: Vec<_> =
        (0..60_000).map(|index| Forged::stored(&index.to_string(), FILE, b"")).collect();
    let scratch = Scratch::with(&forge::archive(&entries));
    let error = scratch.unpack(&Limits { entries_max: 59_999, ..Limits::default() }).unwrap_err();
    assert!(matches!(error, Error::Limit { found: 60_000, allowed: 59_999, .. }), "{error}");
}

#[test]
fn names_cannot_fill_the_memory() {
    let entries: Vec<_> = (0..300)
        .map(|index| {
            let entry = Forged::stored(&index.to_string(), FILE, b"");
            entry.but(|entry| entry.central.extra = forge::extra(0xffff, &vec![0; 65_000]))
        })
        .collect();
    let refusal = Scratch::with(&forge::archive(&entries)).refusal();
    assert!(refusal.contains("names and comments"), "{refusal}");
}

/// Goal: the bomb that needs no nesting. Each entry's compressed bytes quote the next entry's header
/// as text and then go on as that entry's compressed bytes, so all names, sizes and checksums are
/// right, and one kernel is unpacked once for each entry.
#[test]
fn entries_that_share_their_bytes_are_refused() {
    let kernel = vec![0; MEBIBYTE / 2];
    let mut content = kernel.clone();
    let mut bytes = forge::deflate(&kernel);
    let mut entries: Vec<Forged> = Vec::new();
    for index in 0..20 {
        let mut entry = Forged::stored(&format!("{index}"), FILE, b"").both(|header| {
            header.method = 8;
            header.checksum = crc32fast::hash(&content);
            header.bytes = u32::try_from(content.len()).unwrap();
            header.packed_bytes = u32::try_from(bytes.len()).unwrap();
        });
        let header = forge::local_header(&entry.local);
        bytes.splice(0..0, header.iter().copied());
        // Counted from the end, for as long as more is put in front.
        entry.offset = Some(u32::try_from(bytes.len()).unwrap());
        entries.push(entry);
        let length = u16::try_from(header.len()).unwrap();
        let quote = [&[0][..], &length.to_le_bytes(), &(!length).to_le_bytes()].concat();
        content.splice(0..0, header);
        bytes.splice(0..0, quote);
    }
    let length = u32::try_from(bytes.len()).unwrap();
    let mut directory = Vec::new();
    for entry in &entries {
        let offset = length - entry.offset.unwrap();
        directory.extend(forge::central_record(&entry.clone().but(|e| e.offset = None), offset));
    }
    let end = forge::end(20, u32::try_from(directory.len()).unwrap(), length);
    let archive = [bytes, directory, end].concat();

    // Others unpack it: nothing but the overlap is wrong with it.
    let mut others = zip::ZipArchive::new(std::io::Cursor::new(&archive[..])).unwrap();
    let mut last = others.by_name("19").unwrap();
    assert!(std::io::copy(&mut last, &mut std::io::sink()).unwrap() > kernel.len() as u64);
    drop(last);
    let scratch = Scratch::with(&archive);
    let refusal = scratch.refusal();
    assert!(refusal.contains("overlap"), "{refusal}");
    assert!(read_entry(&scratch.archive(), "0", 1000).unwrap_err().to_string().contains("overlap"));
}

#[test]
fn two_entries_in_one_place_are_refused() {
    let file = Forged::stored("a", FILE, b"a");
    let again = file.clone().but(|entry| {
        entry.offset = Some(0);
        entry.data = Vec::new();
    });
    let refusal = Scratch::with(&forge::archive(&[file, again])).refusal();
    assert!(refusal.contains("overlap"), "{refusal}");

    let reaching = Forged::stored("a", FILE, b"a").but(|entry| {
        entry.local.flags |= 1 << 3;
        entry.central.flags |= 1 << 3;
    });
    let refusal = Scratch::with(&forge::archive(&[reaching])).refusal();
    assert!(refusal.contains("overlap"), "the sizes after the bytes take room, too: {refusal}");
}

#[test]
fn an_archive_inside_an_archive_stays_a_file() {
    let inner = forge::archive(&[Forged::deflated("zeros", &vec![0; 2 * MEBIBYTE])]);
    let scratch = Scratch::with(&forge::archive(&[
        Forged::stored("d/", DIRECTORY, b""),
        Forged::stored("d/inner.zip", FILE, &inner),
        Forged::stored("l", LINK, b"d/inner.zip"),
    ]));
    scratch.unpack(&Limits::default()).unwrap();
    assert_eq!(fs::read(scratch.unpacked().join("d/inner.zip")).unwrap(), inner);
}
