//! `CODEBUILD_CLONE_REF`: the build gets the repository itself.

use crate::scratch::{Machine, with_inputs, with_outputs};

const BUILDSPEC: &str = r"version: 0.2
env:
  exported-variables: [COUNT, HEAD, BRANCHES, TAG, VERSION, ENVIRONMENT]
phases:
  build:
    commands:
      - COUNT=$(git log --oneline | wc -l | tr -d ' ')
      - HEAD=$(git rev-parse HEAD)
      - BRANCHES=$(git branch -r | tr -d ' ' | sort | tr '\n' ',')
      - TAG=$(git describe --tags)
      - VERSION=$(cat version)
      - ENVIRONMENT=$CODEBUILD_RESOLVED_SOURCE_VERSION
";

#[test]
fn a_build_clones_the_whole_history_at_the_commit_and_nobody_else_may() {
    let mut machine = Machine::new();
    let origin = machine.repository("ada/web");
    origin.commit("One", &[("version", "1"), ("buildspec.yml", BUILDSPEC)]);
    let commit = origin.commit("Two", &[("version", "2")]);
    origin.git(&["tag", "v2"]);
    origin.git(&["branch", "side"]);
    let settings = [
        ("ConnectionArn", "arn:c"),
        ("FullRepositoryId", "ada/web"),
        ("BranchName", "main"),
        ("OutputArtifactFormat", "CODEBUILD_CLONE_REF"),
    ];
    let job = with_outputs(machine.job("Source", "CodeStarSourceConnection", &settings), &["Code"]);
    let source = machine.succeed(&job);
    // R8: what is pushed after the source action is not built.
    origin.commit("Three", &[("version", "3")]);

    let build = machine.job("Build", "CodeBuild", &[("ProjectName", "p")]);
    let built = machine.succeed(&with_inputs(build, &[&source.artifacts[0]]));
    let expected = [
        ("BRANCHES", "origin/main,origin/side,"),
        ("COUNT", "2"),
        ("ENVIRONMENT", &commit),
        ("HEAD", &commit),
        ("TAG", "v2"),
        ("VERSION", "2"),
    ];
    assert_eq!(built.variables, expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into());

    let target = machine.make("target").display().to_string();
    machine.site.buckets.insert("site".to_owned(), target);
    for extract in ["true", "false"] {
        let settings = [("BucketName", "site"), ("Extract", extract), ("ObjectKey", "k")];
        let job = with_inputs(machine.job("Deploy", "S3", &settings), &[&source.artifacts[0]]);
        let failure = machine.fail(&job);
        assert!(failure.message.contains("only CodeBuild can take that"), "{failure:?}");
    }
}

#[test]
fn a_reference_to_a_repository_that_is_not_there_any_more_is_named() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    origin.commit("One", &[("buildspec.yml", BUILDSPEC)]);
    let mut job = machine.source_job("web");
    job.configuration.insert("OutputArtifactFormat".to_owned(), "CODEBUILD_CLONE_REF".to_owned());
    let source = machine.succeed(&job);
    machine.site.repositories.clear();
    let build = machine.job("Build", "CodeBuild", &[("ProjectName", "p")]);
    let failure = machine.fail(&with_inputs(build, &[&source.artifacts[0]]));
    assert!(failure.message.contains("--repository web=PATH"), "{failure:?}");
}
