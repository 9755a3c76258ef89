use std::os::unix::fs::symlink;

use super::*;

struct Tree {
    directory: tempfile::TempDir,
}

impl Tree {
    fn new(files: &[&str]) -> Tree {
        let directory = tempfile::tempdir().unwrap();
        for file in files {
            let path = directory.path().join("source").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        Tree { directory }
    }

    fn source(&self) -> PathBuf {
        self.directory.path().join("source")
    }

    fn select(&self, set: &ArtifactSet) -> Result<BTreeMap<String, PathBuf>, String> {
        let mut log = Log::open(&self.directory.path().join("log")).unwrap();
        select(set, &self.source(), &mut log)
    }

    fn names(&self, set: &ArtifactSet) -> Vec<String> {
        self.select(set).unwrap().into_keys().collect()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap()
    }
}

fn files(patterns: &[&str]) -> ArtifactSet {
    let files = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    ArtifactSet { files, ..ArtifactSet::default() }
}

#[test]
fn a_star_stays_in_its_directory_and_two_cross_all_of_them() {
    let tree = Tree::new(&["a", ".hidden", "d/b", "d/e/c", "d/e/[id].js", "x.zip"]);
    for (patterns, expected) in [
        (&["**/*"][..], &[".hidden", "a", "d/b", "d/e/[id].js", "d/e/c", "x.zip"][..]),
        (&["*"], &[".hidden", "a", "x.zip"]),
        (&["*.zip"], &["x.zip"]),
        (&["d/*"], &["d/b"]),
        (&["d/**/*"], &["d/b", "d/e/[id].js", "d/e/c"]),
        (&["d/**"], &["d/b", "d/e/[id].js", "d/e/c"]),
        (&["**/c"], &["d/e/c"]),
        (&["./a", "a", "d/e/[id].js"], &["a", "d/e/[id].js"]),
        (&["{a,x.zip}"], &["a", "x.zip"]),
    ] {
        assert_eq!(tree.names(&files(patterns)), expected, "{patterns:?}");
    }
    let absolute = tree.source().join("d/*").to_str().unwrap().to_owned();
    assert_eq!(tree.names(&files(&[&absolute])), ["d/b"]);
}

#[test]
fn base_directories_may_be_many_and_are_not_packed_themselves() {
    let tree = Tree::new(&["my-build1/f1", "my-build2/f2", "my-build2/sub/f3", "other/f4"]);
    let base =
        |base: &str, set: ArtifactSet| ArtifactSet { base_directory: Some(base.to_owned()), ..set };
    assert_eq!(tree.names(&base("my-build2", files(&["*/f3"]))), ["sub/f3"]);
    assert_eq!(tree.names(&base("./my-build2/", files(&["**/*"]))), ["f2", "sub/f3"]);
    let all = base("my-build*", files(&["**/*"]));
    assert_eq!(tree.names(&all), ["f1", "f2", "sub/f3"]);
    assert_eq!(
        tree.names(&ArtifactSet { discard_paths: Paths::Discarded, ..all }),
        ["f1", "f2", "f3"]
    );
    let absolute = tree.source().join("other").to_str().unwrap().to_owned();
    assert_eq!(tree.names(&base(&absolute, files(&["*"]))), ["f4"]);
    let error = tree.select(&base("dist*", files(&["*"]))).unwrap_err();
    assert!(error.contains("no matching base directory path found for `dist*`"), "{error}");
}

#[test]
fn excluded_paths_are_left_out() {
    let tree = Tree::new(&["a", ".env", ".git/config", "d/.env", "d/b", "d/node/x"]);
    let without = |patterns: &[&str]| {
        let exclude_paths = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        tree.names(&ArtifactSet { exclude_paths, ..files(&["**/*"]) })
    };
    assert_eq!(without(&["**/.*"]), [".git/config", "a", "d/b", "d/node/x"]);
    assert_eq!(without(&["**/.*/**/*"]), [".env", "a", "d/.env", "d/b", "d/node/x"]);
    assert_eq!(without(&["./d/**/*", "*"]), [".git/config"]);
}

#[test]
fn a_pattern_without_files_is_said_and_only_their_total_absence_fails() {
    let tree = Tree::new(&["a", "dist/b"]);
    assert_eq!(tree.names(&files(&["missing", "dist", "a"])), ["a"]);
    assert!(tree.log().contains("`missing` matches no file\n"));
    assert!(
        tree.log()
            .contains("`dist` matches no file; it is a directory, whose files are `dist/**/*`")
    );
    let error = tree.select(&files(&["missing", "dist", ""])).unwrap_err();
    assert!(error.contains("no matching artifact paths found"), "{error}");
    for (pattern, said) in [("../a", "leaves the base directory"), ("[z-a]", "cannot be used")] {
        assert!(tree.select(&files(&[pattern])).unwrap_err().contains(said), "{pattern}");
    }
}

#[test]
fn links_are_followed_unless_they_are_to_be_preserved() {
    let tree = Tree::new(&["d/a"]);
    let source = tree.source();
    symlink("d/a", source.join("link")).unwrap();
    symlink("d", source.join("directory")).unwrap();
    symlink("nowhere", source.join("dead")).unwrap();
    symlink("..", source.join("d/circle")).unwrap();
    let followed = tree.select(&files(&["**/*"])).unwrap();
    let names: Vec<_> = followed.keys().map(String::as_str).collect();
    assert_eq!(names, ["d/a", "directory/a", "link"]);
    assert!(!followed["link"].is_symlink());
    assert!(tree.log().contains("left out of the artifact"));
    let set = ArtifactSet { symlinks: Symlinks::Preserved, ..files(&["**/*"]) };
    let preserved = tree.select(&set).unwrap();
    let names: Vec<_> = preserved.keys().map(String::as_str).collect();
    assert_eq!(names, ["d/a", "d/circle", "dead", "directory", "link"]);
    assert!(preserved["link"].is_symlink());
}

#[test]
fn files_that_lose_their_directories_to_one_name_are_said() {
    let tree = Tree::new(&["a/x", "b/x"]);
    let set = ArtifactSet { discard_paths: Paths::Discarded, ..files(&["**/x"]) };
    assert!(tree.select(&set).unwrap()["x"].ends_with("b/x"));
    assert!(tree.log().contains("two files are called x"));
}
