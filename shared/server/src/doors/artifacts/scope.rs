//! Which objects a job's keys open, as text in its session token: a line for each.

use std::fmt::Write;

use api::ArtifactScope;

use super::object::Object;

const READS: char = 'r';
const WRITES: char = 'w';

/// Writes the scope down.
pub(super) fn write(scope: &ArtifactScope) -> Result<String, String> {
    let mut text = String::new();
    let reads = scope.reads.iter().map(|object| (READS, object));
    let writes = scope.writes.iter().map(|object| (WRITES, object));
    for (verb, (bucket, key)) in reads.chain(writes) {
        if bucket.contains(['/', '\n']) || key.contains('\n') {
            return Err(format!("the artifact {bucket}/{key} cannot be named in a job's keys"));
        }
        writeln!(text, "{verb} {bucket}/{key}").expect("a text takes what is written");
    }
    Ok(text)
}

/// Whether the keys open an object for reading. What a job may write, it may also look at.
pub(super) fn may_read(scope: &str, object: &Object) -> bool {
    has(scope, READS, object) || has(scope, WRITES, object)
}

/// Whether the keys open an object for writing.
pub(super) fn may_write(scope: &str, object: &Object) -> bool {
    has(scope, WRITES, object)
}

fn has(scope: &str, verb: char, object: &Object) -> bool {
    let line = format!("{verb} {object}");
    scope.split('\n').any(|of| of == line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(bucket: &str, key: &str) -> Object {
        Object { bucket: bucket.to_owned(), key: key.to_owned() }
    }

    #[test]
    fn a_scope_opens_what_it_names_and_nothing_that_looks_like_it() {
        let scope = ArtifactScope {
            reads: vec![("store".to_owned(), "web/Code/1".to_owned())],
            writes: vec![("store".to_owned(), "web/App/2".to_owned())],
        };
        let text = write(&scope).unwrap();
        assert!(may_read(&text, &object("store", "web/Code/1")));
        assert!(!may_write(&text, &object("store", "web/Code/1")));
        assert!(may_write(&text, &object("store", "web/App/2")));
        assert!(may_read(&text, &object("store", "web/App/2")));
        for (bucket, key) in [
            ("store", "web/Code/10"),
            ("store", "web/Code/"),
            ("store", ""),
            ("stor", "e/web/Code/1"),
            ("other", "web/Code/1"),
            ("store", "web/Code/1\nw store/x"),
        ] {
            assert!(!may_read(&text, &object(bucket, key)), "{bucket}/{key}");
            assert!(!may_write(&text, &object(bucket, key)), "{bucket}/{key}");
        }
    }

    #[test]
    fn a_name_cannot_smuggle_a_second_line_into_a_scope() {
        for (bucket, key) in [("a/b", "c"), ("a", "b\nw store/x"), ("a\nb", "c")] {
            let reads = vec![(bucket.to_owned(), key.to_owned())];
            assert!(write(&ArtifactScope { reads, writes: Vec::new() }).is_err());
        }
    }
}
