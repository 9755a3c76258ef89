//! Bytes that are written once.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use artifacts::{Directory, Error, Retry, digest};

#[test]
fn what_is_stored_is_fetched_and_belongs_to_nobody_else() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("new/artifacts");
    let directory = Directory::open(&root).unwrap();
    let file = home.path().join("output.zip");
    fs::write(&file, "bytes").unwrap();
    let stored = directory.store("bucket", "web/Source/1", &file).unwrap();
    assert_eq!(stored.size_bytes, 5);
    assert_eq!(stored.sha256, digest::sha256_of_file(&file).unwrap().0);

    let fetched = directory.fetch("bucket", "web/Source/1", &stored.sha256).unwrap();
    assert_eq!(fs::read(&fetched).unwrap(), b"bytes");
    assert_eq!(mode(&fetched), 0o400);
    for made in ["bucket", "bucket/web", "bucket/web/Source"] {
        assert_eq!(mode(&root.join(made)), 0o700, "{made}");
    }
    assert!(file.exists(), "the caller's file is copied, not taken");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode() & 0o7777)
}

/// Law S12.
#[test]
fn other_bytes_under_a_key_are_refused_and_the_same_bytes_are_not() {
    let home = tempfile::tempdir().unwrap();
    let directory = Directory::open(&home.path().join("artifacts")).unwrap();
    let file = home.path().join("file");
    fs::write(&file, "first").unwrap();
    let first = directory.store("bucket", "key", &file).unwrap();
    assert_eq!(directory.store("bucket", "key", &file).unwrap(), first);

    fs::write(&file, "second").unwrap();
    let error = directory.store("bucket", "key", &file).unwrap_err();
    let second = digest::sha256_of_file(&file).unwrap().0;
    assert_eq!(error.retry(), Retry::Never);
    assert!(error.to_string().contains(&first.sha256), "{error}");
    assert!(error.to_string().contains(&second), "{error}");
    let path = directory.fetch("bucket", "key", &first.sha256).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"first");
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

    directory.store("bucket", "key-of-the-next-attempt", &file).unwrap();
    directory.store("other-bucket", "key", &file).unwrap();
}

#[test]
fn bytes_that_changed_are_never_handed_out() {
    let home = tempfile::tempdir().unwrap();
    let directory = Directory::open(&home.path().join("artifacts")).unwrap();
    let file = home.path().join("file");
    fs::write(&file, "good").unwrap();
    let stored = directory.store("bucket", "key", &file).unwrap();
    let path = directory.fetch("bucket", "key", &stored.sha256).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "evil").unwrap();
    let found = digest::sha256_of_file(&path).unwrap().0;
    for _ in 0..2 {
        let error = directory.fetch("bucket", "key", &stored.sha256).unwrap_err();
        assert!(matches!(error, Error::Tampered { .. }), "{error}");
        assert!(error.to_string().contains(&stored.sha256), "{error}");
        assert!(error.to_string().contains(&found), "{error}");
    }
    fs::write(&path, "good").unwrap();
    directory.fetch("bucket", "key", &stored.sha256).unwrap();

    fs::remove_file(&path).unwrap();
    symlink(&file, &path).unwrap();
    let error = directory.fetch("bucket", "key", &stored.sha256).unwrap_err();
    assert!(matches!(error, Error::NotAFile { .. }), "a link's bytes are not ours: {error}");
}

#[test]
fn what_was_removed_or_never_stored_is_not_fetched() {
    let home = tempfile::tempdir().unwrap();
    let directory = Directory::open(&home.path().join("artifacts")).unwrap();
    let file = home.path().join("file");
    fs::write(&file, "bytes").unwrap();
    let stored = directory.store("bucket", "a/key", &file).unwrap();
    for key in ["a/other", "b/key", "a/key/below"] {
        let error = directory.fetch("bucket", key, &stored.sha256).unwrap_err();
        assert!(matches!(error, Error::NotStored { .. }), "{key}: {error}");
        directory.remove("bucket", key).unwrap();
    }
    directory.remove("bucket", "a/key").unwrap();
    directory.remove("bucket", "a/key").unwrap();
    let error = directory.fetch("bucket", "a/key", &stored.sha256).unwrap_err();
    assert!(matches!(error, Error::NotStored { .. }), "{error}");
}

#[test]
fn buckets_and_keys_cannot_leave_the_directory() {
    let home = tempfile::tempdir().unwrap();
    let directory = Directory::open(&home.path().join("artifacts")).unwrap();
    let file = home.path().join("file");
    fs::write(&file, "bytes").unwrap();
    for key in ["../file", "a/../../file", "/tmp/file", "..", ""] {
        let error = directory.store("bucket", key, &file).unwrap_err();
        assert!(matches!(error, Error::Key { .. }), "{error}");
        assert!(directory.fetch("bucket", key, "").is_err());
        assert!(directory.remove("bucket", key).is_err());
    }
    assert!(matches!(directory.store("../x", "key", &file), Err(Error::Bucket { .. })));
    assert!(file.exists());
    assert_eq!(fs::read_dir(home.path().join("artifacts")).unwrap().count(), 0);
}

#[test]
fn a_file_that_cannot_be_read_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("artifacts");
    let directory = Directory::open(&root).unwrap();
    for file in [home.path().join("absent"), home.path().to_owned(), "/dev/zero".into()] {
        assert!(directory.store("bucket", "key", &file).is_err(), "{file:?}");
    }
    let error = directory.store("bucket", "key", &home.path().join("absent")).unwrap_err();
    assert_eq!(error.retry(), Retry::Again);
    assert_eq!(fs::read_dir(root.join("bucket")).unwrap().count(), 0);
}

#[test]
fn of_many_that_store_under_one_key_at_once_one_is_stored() {
    const WRITERS: usize = 8;
    let home = tempfile::tempdir().unwrap();
    let directory = Directory::open(&home.path().join("artifacts")).unwrap();
    for round in 0..20 {
        let key = format!("race/{round}");
        let barrier = Barrier::new(WRITERS);
        let answers: Vec<_> = thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let (directory, barrier, key) = (&directory, &barrier, &key);
                    // Two writers offer the same bytes each time.
                    let file = home.path().join(format!("{round}-{writer}"));
                    fs::write(&file, [u8::try_from(writer / 2).unwrap_or(0); 10_000])
                        .expect("the file is written");
                    scope.spawn(move || {
                        barrier.wait();
                        directory.store("bucket", key, &file)
                    })
                })
                .collect();
            writers.into_iter().map(|writer| writer.join().expect("no panic")).collect()
        });
        let stored: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        assert_eq!(stored.len(), 2, "the one that was first, and its twin");
        assert_eq!(stored[0], stored[1]);
        for answer in &answers {
            assert!(matches!(answer, Ok(_) | Err(Error::AlreadyStored { .. })), "{answer:?}");
        }
        directory.fetch("bucket", &key, &stored[0].sha256).unwrap();
    }
    let names = fs::read_dir(home.path().join("artifacts/bucket/race")).unwrap();
    assert_eq!(names.count(), 20, "no half of a file is left behind");
}

#[test]
fn whoever_has_no_digest_finds_what_is_stored_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let directory = Directory::open(&home.path().join("artifacts")).unwrap();
    let file = home.path().join("file");
    fs::write(&file, "bytes").unwrap();
    let stored = directory.store("bucket", "a/key", &file).unwrap();
    assert_eq!(directory.look("bucket", "a/key").unwrap(), Some(stored.clone()));
    let opened = std::io::read_to_string(directory.open_stored("bucket", "a/key").unwrap());
    assert_eq!(opened.unwrap(), "bytes");
    assert_eq!(directory.look("bucket", "a/other").unwrap(), None);
    assert!(directory.look("bucket", "../file").is_err());
    let path = directory.fetch("bucket", "a/key", &stored.sha256).unwrap();
    fs::remove_file(&path).unwrap();
    symlink(&file, &path).unwrap();
    let error = directory.open_stored("bucket", "a/key").unwrap_err();
    assert!(matches!(error, Error::NotAFile { .. }), "a link's bytes are not ours: {error}");
}
