//! Input that wants to do more than it may.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use providers::job::RevisionOverride;

use crate::scratch::{Machine, with_inputs, with_outputs, write};

#[test]
fn names_that_look_like_options_or_paths_are_refused() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    origin.commit("One", &[("a", "a")]);
    let trap = machine.path("trap");
    let option = format!("--upload-pack=touch {}", trap.display());
    for (repository, branch) in [
        ("web", option.as_str()),
        ("web", "main:refs/heads/x"),
        ("web", "../../x"),
        ("web", "*"),
        ("..", "main"),
        ("/", "main"),
        ("--upload-pack=x", "main"),
    ] {
        let settings = [("RepositoryName", repository), ("BranchName", branch)];
        let job = with_outputs(machine.job("Source", "CodeCommit", &settings), &["Code"]);
        let failure = machine.fail(&job);
        assert_eq!(failure.code, "ConfigurationError", "{repository} {branch}");
    }
    for location in [option.as_str(), &format!("ext::sh -c 'touch {}'", trap.display())] {
        machine.site.repositories.insert("web".to_owned(), location.to_owned());
        assert_eq!(machine.fail(&machine.source_job("web")).code, "ConfigurationError");
    }
    assert!(!trap.exists());
}

#[test]
fn a_revision_that_is_no_commit_id_is_refused() {
    let mut machine = Machine::new();
    machine.repository("web").commit("One", &[("a", "a")]);
    for (kind, value) in [
        ("COMMIT_ID", "main"),
        ("COMMIT_ID", "--output=/tmp/x"),
        ("COMMIT_ID", "HEAD~1"),
        ("COMMIT_ID", "abc123"),
        ("IMAGE_DIGEST", "sha256:0"),
    ] {
        let mut job = machine.source_job("web");
        let (revision_type, value) = (kind.to_owned(), value.to_owned());
        job.revisions = vec![RevisionOverride { revision_type, value }];
        assert_eq!(machine.fail(&job).code, "ConfigurationError", "{kind}");
    }
}

#[test]
fn the_configuration_and_the_hooks_of_a_repository_run_nothing() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    origin.commit("One", &[(".gitattributes", "* filter=trap\n"), ("a", "a")]);
    let trap = machine.path("trap");
    let touch = format!("touch {}", trap.display());
    for key in [
        "filter.trap.smudge",
        "filter.trap.process",
        "core.fsmonitor",
        "core.sshCommand",
        "uploadpack.packObjectsHook",
        "core.alternateRefsCommand",
    ] {
        origin.git(&["config", key, &touch]);
    }
    for hook in ["post-checkout", "pre-auto-gc", "reference-transaction", "post-index-change"] {
        let file = origin.path.join(".git/hooks").join(hook);
        write(&file, &format!("#!/bin/sh\n{touch}\n"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    // Making the trap may have sprung it already.
    let _ = fs::remove_file(&trap);
    machine.source("web");
    assert!(!trap.exists());
}

#[test]
fn a_link_out_of_the_repository_is_refused() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    symlink("/etc/passwd", origin.path.join("link")).unwrap();
    origin.commit_all("One");
    let failure = machine.fail(&machine.source_job("web"));
    assert!(failure.message.contains("link"), "{failure:?}");
}

/// S12: an artifact is verified at every use.
#[test]
fn a_tampered_artifact_is_refused_by_every_consumer() {
    let mut machine = Machine::new();
    let directory = machine.make("target").display().to_string();
    machine.site.buckets.insert("site".to_owned(), directory.clone());
    machine.site.hosts.insert("group".to_owned(), directory.into());
    machine.site.functions.insert("fn".to_owned(), "true".to_owned());
    let artifact = machine.artifact("Code", &[("buildspec.yml", "version: 0.2\n")]);
    let stored = machine.stored(&artifact);
    fs::set_permissions(&stored, fs::Permissions::from_mode(0o600)).unwrap();
    let mut bytes = fs::read(&stored).unwrap();
    bytes[40] ^= 1;
    fs::write(&stored, bytes).unwrap();
    for (category, provider, settings) in [
        ("Build", "CodeBuild", &[("ProjectName", "p")][..]),
        ("Compute", "Commands", &[]),
        ("Deploy", "CodeDeploy", &[("ApplicationName", "a"), ("DeploymentGroupName", "group")]),
        ("Deploy", "S3", &[("BucketName", "site"), ("Extract", "true")]),
        ("Deploy", "S3", &[("BucketName", "site"), ("Extract", "false"), ("ObjectKey", "k")]),
        ("Invoke", "Lambda", &[("FunctionName", "fn")]),
    ] {
        let mut job = with_inputs(machine.job(category, provider, settings), &[&artifact]);
        job.commands = vec!["true".to_owned()];
        let failure = machine.fail(&job);
        assert_eq!(failure.code, "RevisionUnavailable", "{provider}: {failure:?}");
        assert!(failure.message.contains("have changed since"), "{provider}: {failure:?}");
    }
    assert_eq!(fs::read_dir(machine.path("target")).unwrap().count(), 0);
}

#[test]
fn an_artifact_that_is_no_archive_and_a_name_that_is_a_path_are_refused() {
    let machine = Machine::new();
    let file = machine.path("file");
    fs::write(&file, "no archive").unwrap();
    let mut artifact = machine.store("Code", &file);
    let job = machine.job("Build", "CodeBuild", &[("ProjectName", "p")]);
    let failure = machine.fail(&with_inputs(job, &[&artifact]));
    assert!(failure.message.starts_with("input artifact Code: failed to read"), "{failure:?}");
    artifact = machine.artifact("Code", &[("a", "a")]);
    artifact.name = "../../x".to_owned();
    let job = machine.job("Build", "CodeBuild", &[("ProjectName", "p")]);
    let failure = machine.fail(&with_inputs(job, &[&artifact]));
    assert!(failure.message.contains("cannot be the name of an artifact"), "{failure:?}");
}

#[test]
fn other_providers_are_refused_with_the_way_to_run_them() {
    let machine = Machine::new();
    for (category, provider, said) in [
        ("Deploy", "CloudFormation", "aws cloudformation deploy"),
        ("Deploy", "ECS", "AWS-compatible endpoint"),
        ("Invoke", "StepFunctions", "Step Functions state machine"),
        ("Source", "ECR", "container registry"),
        ("Approval", "Manual", "a person answers it"),
        ("Deploy", "Nonsense", "correct actionTypeId"),
        ("Deploy", "CodeBuild", "correct actionTypeId"),
    ] {
        let job = machine.job(category, provider, &[]);
        let message = executors::can_perform(&job, &machine.site).unwrap_err();
        assert!(message.contains(said), "{message}");
        assert_eq!(machine.fail(&job).message, message);
    }
    let mut job = machine.job("Build", "Jenkins", &[]);
    job.owner = "Custom".to_owned();
    assert!(machine.fail(&job).message.contains("job worker"));
}
