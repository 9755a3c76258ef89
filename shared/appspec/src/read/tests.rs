use expect_test::{Expect, expect};

use super::{APPSPEC_BYTES_MAX, Appspec, read};
use crate::{EVENT_SECONDS_MAX, LifecycleEvent, ObjectType};

fn check_refusal(text: &str, expected: &Expect) {
    let refusal = read(text).expect_err("the appspec is refused");
    let lines: Vec<String> = refusal.problems.iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

fn check_notes(text: &str, expected: &Expect) {
    let appspec = read(text).expect("the appspec is accepted");
    let lines: Vec<String> = appspec.notes().iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

fn server(text: &str) -> crate::ServerSpec {
    match read(text).expect("the appspec is accepted") {
        Appspec::Server(spec) => spec,
        Appspec::Lambda(_) | Appspec::Ecs(_) => panic!("the appspec is for a server"),
    }
}

#[test]
fn an_appspec_for_a_server_is_read_with_its_defaults() {
    let spec = server(
        "version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /srv/web/\n\
         permissions:\n  - object: /srv/web\n    mode: \"0644\"\n\
         hooks:\n  AfterInstall:\n    - location: ./bin/a.sh\n    - location: b.sh\n      timeout: \"30\"\n",
    );
    assert_eq!(
        (spec.files[0].source.as_str(), spec.files[0].destination.as_str()),
        ("", "srv/web")
    );
    assert_eq!(spec.permissions[0].mode, Some(0o644));
    assert_eq!(spec.permissions[0].pattern, "**");
    assert_eq!(spec.permissions[0].types, [ObjectType::File, ObjectType::Directory]);
    let scripts = &spec.hooks[&LifecycleEvent::AfterInstall];
    assert_eq!((scripts[0].location.as_str(), scripts[0].timeout_seconds), ("bin/a.sh", None));
    assert_eq!(scripts[1].timeout_seconds, Some(30));
    assert!(spec.notes.is_empty());
}

#[test]
fn empty_sections_are_as_good_as_none() {
    let spec = server("version: 0\nos: linux\nfiles:\npermissions:\nhooks:\n");
    assert!(spec.files.is_empty() && spec.permissions.is_empty() && spec.hooks.is_empty());
}

#[test]
fn every_problem_is_named_at_once_with_its_path() {
    check_refusal(
        "version: 1.0\nos: Linux\nfiles:\n  - source: ../secret\n    destination: srv\n  - source:\n    \
         destination: /a/../b\nfile_exists_behavior: REPLACE\npermissions:\n  - object: /srv\n    \
         mode: 0999\n    type: file\n    except: a\nhooks:\n  afterInstall:\n    - location: a\n  \
         Install:\n    - location: a\n  ApplicationStart:\n    - timeout: 0\n  BeforeInstall:\n",
        &expect![[r#"
            version: is "1.0", not 0.0 (write `version: 0.0`, the only version there is)
            os: is "Linux", which CodeDeploy does not know (write `linux` or `windows`, in small letters)
            files[0].source: is "../secret", which leaves the revision by `..` (name a path inside the revision)
            files[0].destination: is "srv", not a fully qualified path (start it at the root, as in /var/www)
            files[1].source: is missing (give it a value, or remove the entry)
            files[1].destination: is "/a/../b", which climbs by `..` (name the directory itself)
            file_exists_behavior: is "REPLACE", which CodeDeploy does not know (write DISALLOW, OVERWRITE or RETAIN)
            permissions[0].except: is text, not a list (write each item on a line that starts with `- `)
            permissions[0].type: is text, not a list (write each item on a line that starts with `- `)
            permissions[0].mode: is "0999", not a mode of one to four octal digits (write for example `mode: 644`)
            hooks.afterInstall: is not a lifecycle event of a server deployment (write AfterInstall)
            hooks.Install: is an event of CodeDeploy's own, which runs no scripts (use the event before or after it)
            hooks.ApplicationStart[0].location: is missing (give it a value, or remove the entry)
            hooks.ApplicationStart[0].timeout: is "0", not a positive number of seconds (write for example `timeout: 300`)
            hooks.BeforeInstall: names no script (add a `- location:`, or remove the event)"#]],
    );
}

#[test]
fn text_that_is_no_appspec_is_refused() {
    check_refusal("", &expect!["is empty (write at least `version: 0.0`)"]);
    check_refusal(
        "- a",
        &expect!["is a list, not a mapping of keys to values (write `key: value` lines below it)"],
    );
    check_refusal(
        "version: 0.0",
        &expect![
            "says neither what machine it is for nor what resource it deploys (write `os: linux` and `files` for a server, or `Resources` for Lambda and ECS)"
        ],
    );
    check_refusal(
        "version: '0.0'\nos: linux",
        &expect!["version: is text, and has to be a number (remove the quotes)"],
    );
    for text in ["os: [", "os: linux\nos: linux", "{\"os\": ", "os: \u{0}", "a: *b"] {
        let refusal = read(text).expect_err("the text is refused");
        assert!(refusal.problems[0].message.contains("is neither YAML nor JSON"), "{refusal}");
    }
    let refusal = read(&"#".repeat(APPSPEC_BYTES_MAX + 1)).expect_err("the text is refused");
    assert!(refusal.problems[0].message.contains("more than 1048576"), "{refusal}");
}

#[test]
fn what_is_accepted_and_has_no_effect_is_noted() {
    check_notes(
        "version: 0.0\nos: linux\nFiles: []\nfiles:\n  - source: a\n    destination: /a\n    \
         overwrite: true\npermissions:\n  - object: a\n    acls: ['u:bob:rw']\n    context:\n      \
         type: httpd_t\nhooks:\n  BeforeAllowTraffic:\n    - location: a\n  ValidateService:\n    \
         - location: a\n      timeout: 2000\n    - location: b\n      timeout: 1601\n",
        &expect![[r#"
            Files: is not a key that CodeDeploy reads here; it is ignored
            files[0].overwrite: is not a key that CodeDeploy reads here; it is ignored
            permissions[0].object: "a" is relative, so no installed file is meant by it
            permissions[0].acls: access control lists are not applied here
            permissions[0].context: SELinux labels are not applied here
            hooks.BeforeAllowTraffic: belongs to a load balancer; without one its scripts do not run
            hooks.ValidateService: has timeouts of 3601 seconds together; the event ends after 3600"#]],
    );
    assert_eq!(EVENT_SECONDS_MAX, 3600);
}

#[test]
fn windows_paths_are_judged_by_windows_rules() {
    let spec = server(
        "version: 0.0\nos: windows\nfiles:\n  - source: \\\n    destination: c:\\inetpub\n  \
         - source: .\\a\\b\n    destination: \\temp\nhooks:\n  BeforeInstall:\n    - location: .\\x.bat\n",
    );
    assert_eq!(spec.files[0].source, "");
    assert_eq!(spec.files[1].source, "a/b");
    check_refusal(
        "version: 0.0\nos: windows\npermissions:\n  - object: /a\n",
        &expect![
            "permissions: are for Linux only, and the appspec is for Windows (remove the section)"
        ],
    );
}

#[test]
fn an_appspec_for_lambda_is_read_and_needs_an_endpoint() {
    let yaml = "version: 0.0\nResources:\n  - fn:\n      Type: AWS::Lambda::Function\n      \
                Properties:\n        Name: fn\n        Alias: live\n        CurrentVersion: 1\n        \
                TargetVersion: '2'\nHooks:\n  - BeforeAllowTraffic: check\n";
    let json = "{\"version\": 0.0,\t\"resources\": [{\"fn\": {\n\t\"type\": \"AWS::Lambda::Function\", \
                \"properties\": {\"name\": \"fn\", \"alias\": \"live\", \"currentversion\": \"1\", \
                \"targetversion\": \"2\"}}}], \"hooks\": [{\"BeforeAllowTraffic\": \"check\"}]}";
    for text in [yaml, json] {
        let appspec = read(text).expect("the appspec is accepted");
        let reason = appspec.needs_endpoint().expect("it needs an endpoint");
        assert_eq!(
            reason,
            "the appspec shifts the alias live of the Lambda function fn from version 1 to 2; a \
             directory cannot stand for that: point the action at an AWS-compatible endpoint"
        );
        let Appspec::Lambda(spec) = appspec else { panic!("the appspec is for Lambda") };
        assert_eq!(spec.hooks[0].function, "check");
    }
}

#[test]
fn an_appspec_for_ecs_is_read_and_needs_an_endpoint() {
    let text = "version: 0.0\nfiles: []\nResources:\n  - web:\n      Type: AWS::ECS::Service\n      \
                Properties:\n        TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo:\n          \
                ContainerName: web\n          ContainerPort: 80\n        PlatformVersion: LATEST\n        \
                NetworkConfiguration:\n          AwsvpcConfiguration:\n            Subnets: [a, b]\n            \
                SecurityGroups: [c]\n            AssignPublicIp: ENABLED\n";
    let appspec = read(text).expect("the appspec is accepted");
    assert!(appspec.needs_endpoint().is_some_and(|reason| reason.contains("Amazon ECS service")));
    assert_eq!(appspec.notes().len(), 1, "`files` is of no use here");
    let Appspec::Ecs(spec) = appspec else { panic!("the appspec is for ECS") };
    assert_eq!((spec.container_name.as_str(), spec.container_port), ("web", 80));
    assert_eq!(spec.network.expect("the network is kept").subnets, ["a", "b"]);
}

#[test]
fn what_is_wrong_with_a_resource_is_named() {
    check_refusal(
        "version: 1\nResources:\n  - web:\n      Type: AWS::ECS::Service\n      Properties:\n        \
         LoadBalancerInfo:\n          ContainerPort: web\n        NetworkConfiguration:\n          \
         AwsvpcConfiguration:\n            Subnets: ['']\n            AssignPublicIp: yes\nHooks:\n  \
         - ValidateService: f\n  - AfterInstall: ''\n",
        &expect![[r#"
            version: is 1, not 0.0 (write 0.0, the only version there is)
            Hooks[0].ValidateService: is not an event of this kind of deployment (use one of BeforeInstall, AfterInstall, AfterAllowTestTraffic, BeforeAllowTraffic, AfterAllowTraffic)
            Hooks[1].AfterInstall: is empty (give it a value, or remove the entry)
            Resources[0].web.Properties.TaskDefinition: is missing (give it a value, or remove the entry)
            Resources[0].web.Properties.LoadBalancerInfo.ContainerName: is missing (give it a value, or remove the entry)
            Resources[0].web.Properties.LoadBalancerInfo.ContainerPort: is "web", not a port (write a number from 1 to 65535)
            Resources[0].web.Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp: is "yes" (write ENABLED or DISABLED)
            Resources[0].web.Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets[0]: is empty (give it a value, or remove the entry)"#]],
    );
    check_refusal(
        "version: 0.0\nResources:\n  - table:\n      Type: AWS::DynamoDB::Table\n",
        &expect![[
            r#"Resources[0].table.Type: is "AWS::DynamoDB::Table", which CodeDeploy does not deploy (write AWS::Lambda::Function or AWS::ECS::Service)"#
        ]],
    );
    check_refusal(
        "version: 0.0\nResources: []\n",
        &expect![
            "Resources: has 0 resources; a deployment is of one (name one function or service)"
        ],
    );
}
