//! A commit goes through source, build and deployment, and nothing else is needed.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use executors::Project;
use providers::job::EnvironmentVariable;

use crate::scratch::{Machine, read, with_inputs, with_outputs, write};

const BUILDSPEC: &str = r#"version: 0.2
env:
  exported-variables: [GREETING, COMMIT]
phases:
  build:
    commands:
      - COMMIT=$CODEBUILD_RESOLVED_SOURCE_VERSION
      - GREETING="hello $NAME from $LAND"
      - mkdir dist && ln -s page.html dist/link
      - echo "$GREETING" > dist/page.html
      - cp tool appspec.yml dist/
artifacts:
  base-directory: dist
  enable-symlinks: yes
  files: ['**/*']
"#;

const APPSPEC: &str = r"version: 0.0
os: linux
files:
  - source: page.html
    destination: /var/www
  - source: tool
    destination: /opt
hooks:
  ValidateService:
    - location: tool
      timeout: 60
";

fn machine_with_commit() -> Machine {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    write(
        &origin.path.join("tool"),
        "#!/bin/sh\ntest -f \"$TOWPATH_HOST_DIRECTORY/var/www/page.html\"\n",
    );
    fs::set_permissions(origin.path.join("tool"), Permissions::from_mode(0o755)).unwrap();
    origin.commit("One", &[("buildspec.yml", BUILDSPEC), ("appspec.yml", APPSPEC)]);
    let host = machine.make("host");
    machine.site.hosts.insert("web-group".to_owned(), host);
    machine
}

#[test]
fn a_commit_is_built_and_deployed_with_its_modes_and_links() {
    let machine = machine_with_commit();
    let source = machine.source("web");
    let variables =
        r#"[{"name":"NAME","value":"world"},{"name":"LAND","value":"x","type":"PLAINTEXT"}]"#;
    let settings = [("ProjectName", "site"), ("EnvironmentVariables", variables)];
    let mut job = machine.job("Build", "CodeBuild", &settings);
    let (name, value) = ("LAND".to_owned(), "here".to_owned());
    job.environment_variables = vec![EnvironmentVariable { name, value, is_secret: false }];
    let job = with_inputs(with_outputs(job, &["Built"]), &[&source.artifacts[0]]);
    let built = machine.succeed(&job);
    assert_eq!(built.variables["GREETING"], "hello world from here");
    assert_eq!(built.variables["COMMIT"], source.variables["CommitId"]);
    assert_eq!(built.external_id.unwrap(), format!("site:{}", job.run_id));
    let tree = machine.unpack(&built.artifacts[0]);
    assert_eq!(fs::read_link(tree.join("link")).unwrap(), Path::new("page.html"));
    let mode = fs::metadata(tree.join("tool")).unwrap().permissions().mode();
    assert_eq!(mode & 0o100, 0o100, "{mode:o}");

    let settings = [("ApplicationName", "web"), ("DeploymentGroupName", "web-group")];
    let deploy =
        with_inputs(machine.job("Deploy", "CodeDeploy", &settings), &[&built.artifacts[0]]);
    assert_eq!(machine.succeed(&deploy).external_id.unwrap(), format!("d-{}", deploy.run_id));
    assert_eq!(read(&machine.path("host/var/www/page.html")), "hello world from here\n");
    assert!(!executors::after_stop(&deploy, &machine.site), "no script is left");
}

#[test]
fn a_failing_build_names_the_phase_the_command_and_the_status() {
    let machine = Machine::new();
    let text = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo secret words\n      - exit 7\n";
    let code = machine.artifact("Code", &[("buildspec.yml", text)]);
    let job = machine.job("Test", "CodeBuild", &[("ProjectName", "p")]);
    let failure = machine.fail(&with_inputs(job.clone(), &[&code]));
    assert_eq!(failure.code, "JobFailed");
    for said in ["BUILD", "`exit 7`", "exit status 7"] {
        assert!(failure.message.contains(said), "{failure:?}");
    }
    assert!(!failure.message.contains("secret words"), "{failure:?}");
    assert_eq!(failure.external_id.unwrap(), format!("p:{}", job.run_id));
}

#[test]
fn a_failing_deployment_names_the_event_and_is_rolled_back() {
    let mut machine = Machine::new();
    let host = machine.make("host");
    machine.site.hosts.insert("group".to_owned(), host);
    let settings = [("ApplicationName", "web"), ("DeploymentGroupName", "group")];
    let appspec = "version: 0.0\nos: linux\nfiles:\n  - source: page\n    destination: /\nhooks:\n  ValidateService:\n    - location: check.sh\n";
    let deploy = |check: &str, page: &str| {
        let files = [("appspec.yml", appspec), ("check.sh", check), ("page", page)];
        let bundle = machine.artifact("Built", &files);
        with_inputs(machine.job("Deploy", "CodeDeploy", &settings), &[&bundle])
    };
    machine.succeed(&deploy("#!/bin/sh\nexit 0\n", "good"));
    let failure = machine.fail(&deploy("#!/bin/sh\nexit 3\n", "bad"));
    assert_eq!(failure.code, "JobFailed");
    assert!(failure.message.contains("ValidateService"), "{failure:?}");
    assert!(failure.message.contains("rolled back"), "{failure:?}");
    assert_eq!(read(&machine.path("host/page")), "good");
}

/// PR7, PR8: several inputs and several outputs go by their names.
#[test]
fn several_inputs_and_outputs_go_by_their_names() {
    let mut machine = Machine::new();
    let text = "version: 0.2
phases:
  build:
    commands:
      - cp $CODEBUILD_SRC_DIR_Data/number one
      - echo two > two
artifacts:
  secondary-artifacts:
    One: { files: [one] }
    Two: { files: [two] }
";
    let code = machine.artifact("Code", &[("a", "a")]);
    let data = machine.artifact("Data", &[("number", "42")]);
    machine
        .site
        .projects
        .insert("p".to_owned(), Project { buildspec: Some(text.to_owned()), ..Project::default() });
    let settings = [("ProjectName", "p"), ("PrimarySource", "Code")];
    let job = with_outputs(machine.job("Build", "CodeBuild", &settings), &["Two", "One"]);
    let built = machine.succeed(&with_inputs(job, &[&data, &code]));
    let names: Vec<_> = built.artifacts.iter().map(|artifact| artifact.name.as_str()).collect();
    assert_eq!(names, ["Two", "One"]);
    assert_eq!(read(&machine.unpack(&built.artifacts[1]).join("one")), "42");
}

#[test]
fn a_project_may_name_another_buildspec_and_an_environment() {
    let mut machine = Machine::new();
    let text = "version: 0.2\nenv: { exported-variables: [A] }\nphases: { build: { commands: ['true'] } }\n";
    let code = machine.artifact("Code", &[("ci/build.yml", text)]);
    let absolute = machine.path("absolute.yml");
    fs::write(&absolute, text).unwrap();
    for place in ["ci/build.yml", absolute.to_str().unwrap()] {
        let environment = [("A".to_owned(), "project".to_owned())].into();
        let project = Project { buildspec: Some(place.to_owned()), environment };
        machine.site.projects.insert("p".to_owned(), project);
        let job = machine.job("Build", "CodeBuild", &[("ProjectName", "p")]);
        assert_eq!(machine.succeed(&with_inputs(job, &[&code])).variables["A"], "project");
    }
    for place in ["../absolute.yml", "/no/such/file", "ci"] {
        let project = Project { buildspec: Some(place.to_owned()), ..Project::default() };
        machine.site.projects.insert("p".to_owned(), project);
        let job = machine.job("Build", "CodeBuild", &[("ProjectName", "p")]);
        let failure = machine.fail(&with_inputs(job, &[&code]));
        assert_eq!(failure.code, "ConfigurationError", "{failure:?}");
        assert!(failure.message.contains(place), "{failure:?}");
    }
}

#[test]
fn a_build_that_is_declared_wrongly_says_which_setting_to_correct() {
    let mut machine = Machine::new();
    let code = machine.artifact("Code", &[("a", "a")]);
    let data = machine.artifact("Data", &[("a", "a")]);
    machine.site.secrets.insert("s".to_owned(), "hunter2".to_owned());
    let one = [&code];
    let two = [&code, &data];
    for (settings, inputs, said) in [
        (&[][..], &one[..], "ProjectName is missing"),
        (&[("ProjectName", "p")], &[], "no input artifact"),
        (&[("ProjectName", "p")], &two, "set PrimarySource"),
        (&[("ProjectName", "p"), ("PrimarySource", "Cod")], &two, "PrimarySource is \"Cod\""),
        (&[("ProjectName", "p"), ("BatchEnabled", "true")], &one, "BatchEnabled is true"),
        (
            &[("ProjectName", "p"), ("EnvironmentVariables", "{\"hunter2\"")],
            &one,
            "EnvironmentVariables is not a JSON array",
        ),
        (
            &[("ProjectName", "p"), ("EnvironmentVariables", "[\"hunter2\"]")],
            &one,
            "EnvironmentVariables is not a JSON array",
        ),
        (
            &[
                ("ProjectName", "p"),
                ("EnvironmentVariables", r#"[{"name":"A","value":"hunter2","type":"X"}]"#),
            ],
            &one,
            "A has the type \"X\"",
        ),
        (&[("ProjectName", "p")], &one, "the primary source has no buildspec.yml"),
    ] {
        let failure =
            machine.fail(&with_inputs(machine.job("Build", "CodeBuild", settings), inputs));
        assert_eq!(failure.code, "ConfigurationError", "{failure:?}");
        assert!(failure.message.contains(said), "{said}: {failure:?}");
        assert!(!failure.message.contains("hunter2"), "{failure:?}");
    }
}

#[test]
fn secrets_reach_the_build_and_a_missing_one_is_named() {
    let mut machine = Machine::new();
    let text = "version: 0.2\nphases: { build: { commands: ['test ${#A}${#B}${#C} = 335'] } }\n";
    let code = machine.artifact("Code", &[("buildspec.yml", text)]);
    let variables = r#"[{"name":"A","value":"/a","type":"PARAMETER_STORE"},{"name":"B","value":"b:key","type":"SECRETS_MANAGER"}]"#;
    let settings = [("ProjectName", "p"), ("EnvironmentVariables", variables)];
    let job = |machine: &Machine| {
        let mut job = machine.job("Build", "CodeBuild", &settings);
        let (name, value) = ("C".to_owned(), "c".to_owned());
        job.environment_variables = vec![EnvironmentVariable { name, value, is_secret: true }];
        with_inputs(job, &[&code])
    };
    let failure = machine.fail(&job(&machine));
    for said in ["--parameter /a=", "--secret b=", "--secret c="] {
        assert!(failure.message.contains(said), "{failure:?}");
    }
    machine.site.parameters.insert("/a".to_owned(), "one".to_owned());
    machine.site.secrets.insert("b".to_owned(), "{\"key\":\"two\"}".to_owned());
    machine.site.secrets.insert("c".to_owned(), "three".to_owned());
    let (_, log) = machine.perform(&job(&machine));
    assert!(!log.contains("three"), "{log}");
    machine.succeed(&job(&machine));
}

#[test]
fn commands_run_and_keep_what_they_are_asked_to_keep() {
    let machine = Machine::new();
    let code = machine.artifact("Code", &[("a.txt", "a")]);
    let mut job = with_outputs(machine.job("Compute", "Commands", &[]), &["Made"]);
    job.commands = vec!["cp a.txt b.txt".to_owned(), "V=$(cat b.txt)".to_owned()];
    job.output_variables = vec!["V".to_owned()];
    job.outputs[0].files = vec!["b.txt".to_owned()];
    let job = with_inputs(job, &[&code]);
    let done = machine.succeed(&job);
    assert_eq!(done.variables["V"], "a");
    assert_eq!(read(&machine.unpack(&done.artifacts[0]).join("b.txt")), "a");

    let mut job = with_inputs(machine.job("Compute", "Commands", &[]), &[&code]);
    assert!(machine.fail(&job).message.contains("there are 0 commands"));
    job = with_inputs(
        machine.job("Compute", "Commands", &[("EnvironmentType", "WINDOWS_SERVER_2022_CONTAINER")]),
        &[&code],
    );
    job.commands = vec!["true".to_owned()];
    assert!(machine.fail(&job).message.contains("EnvironmentType"));
}

/// VAR7: variables are for what is short.
#[test]
fn output_variables_that_are_too_large_fail_the_action() {
    let machine = Machine::new();
    let code = machine.artifact("Code", &[("a.txt", "a")]);
    let mut job = with_inputs(machine.job("Compute", "Commands", &[]), &[&code]);
    job.commands = vec!["V=$(head -c 122880 /dev/zero | tr '\\0' x)".to_owned()];
    job.output_variables = vec!["V".to_owned()];
    let failure = machine.fail(&job);
    assert!(failure.message.contains("at most 122880 are allowed"), "{failure:?}");
}

#[test]
fn a_deployment_group_that_nothing_stands_for_is_named() {
    let machine = Machine::new();
    let bundle = machine.artifact("Built", &[("a", "a")]);
    let settings = [("ApplicationName", "web"), ("DeploymentGroupName", "prod")];
    let job = with_inputs(machine.job("Deploy", "CodeDeploy", &settings), &[&bundle]);
    let failure = machine.fail(&job);
    assert_eq!(failure.code, "ConfigurationError");
    assert!(failure.message.contains("--host prod=DIR"), "{failure:?}");
}
