use std::fs;
use std::path::Path;

/// Buildspecs that are refused, each with the reason, which a person has looked at. Everything else
/// parses.
const REFUSED: [(&str, &str); 3] = [
    // Amplify's format, not CodeBuild's: its phases lie below `frontend`.
    (
        "aws-samples__serverless-patterns__amplify-codecommit__buildspec.yml",
        "`1` is not a version of buildspecs",
    ),
    // A syntax summary with placeholders, in which one mapping has the same key twice.
    (
        "awsdocs__aws-codebuild-user-guide__doc_source__build-spec-ref.md.block1.yml",
        "env.variables: duplicate entry with key \"key\"",
    ),
    // The indentation is lost, so `phases` is empty and `build` stands beside it.
    (
        "awsdocs__aws-codebuild-user-guide__doc_source__build-spec-ref.md.block6.yml",
        "indent `build`",
    ),
];

#[test]
fn every_buildspec_of_the_corpus_parses_or_is_refused_for_a_reviewed_reason() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/buildspecs");
    let Ok(files) = fs::read_dir(&corpus) else {
        println!("skipped: {} is not there", corpus.display());
        return;
    };
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "index.csv");
    names.sort();
    assert!(!names.is_empty());
    let mut refused = Vec::new();
    for name in &names {
        let text = fs::read_to_string(corpus.join(name)).unwrap();
        match buildspec::read(&text) {
            Ok(buildspec) => assert!(!buildspec.phases.is_empty(), "{name}"),
            Err(refusal) => refused.push((name.as_str(), refusal.to_string())),
        }
    }
    for (name, reason) in &refused {
        println!("{name}\n{reason}\n");
    }
    let names: Vec<_> = refused.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, REFUSED.map(|(name, _)| name));
    for ((name, reason), (_, expected)) in refused.iter().zip(REFUSED) {
        assert!(reason.contains(expected), "{name}: {reason}");
    }
}
