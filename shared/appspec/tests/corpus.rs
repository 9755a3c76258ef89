//! Real appspecs: each is read, or refused for a reason that a person agrees with.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use appspec::{Appspec, read};

/// Every file that is refused, with a part of each problem. Reviewed by hand: templates with blanks to fill in, and
/// a version that `CodeDeploy` does not have.
const REFUSED: &[(&str, &[&str])] = &[
    ("Renvel19__blacklists__appspec.json", &["version: is 1, not 0.0"]),
    (
        "aws__aws-codedeploy-agent__features__resources__sample_custom_event_app_bundle_windows__appspec.yml",
        &["hooks.CustomEvent: is not a lifecycle event"],
    ),
    (
        "awsdocs__aws-codedeploy-user-guide__doc_source__application-revisions-appspec-file.md.block1.yml",
        &[
            "TaskDefinition: is empty",
            "ContainerName: is empty",
            "ContainerPort: is empty",
            "PlatformVersion: is empty",
            "AssignPublicIp: is empty",
            "Subnets[0]: is empty",
            "Hooks[0].BeforeInstall: is empty",
        ],
    ),
    (
        "awsdocs__aws-codedeploy-user-guide__doc_source__application-revisions-appspec-file.md.block3.yml",
        &[
            "files[0].source: is missing",
            "files[1].destination: is missing",
            "permissions[0].object: is missing",
            "hooks.ApplicationStop[0].location: is missing",
            "hooks.ValidateService[1].location: is missing",
        ],
    ),
    (
        "awsdocs__aws-codedeploy-user-guide__doc_source__reference-appspec-file-structure.md.block3.yml",
        &[
            "os: is \"operating-system-name\"",
            "files: is text, not a list",
            "permissions: is text, not a list",
            "hooks: is text, not a mapping",
        ],
    ),
    (
        "awsdocs__aws-codepipeline-user-guide__doc_source__tutorials-ecs-ecr-codedeploy.md.block1.yml",
        &["ContainerPort: is \"container-port-number\", not a port"],
    ),
];

#[test]
fn every_appspec_of_the_corpus_is_read_or_refused_with_a_true_reason() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/appspecs");
    let Ok(entries) = fs::read_dir(&corpus) else {
        println!("skipped: there is no corpus at {}", corpus.display());
        return;
    };
    let refused: BTreeMap<&str, &[&str]> = REFUSED.iter().copied().collect();
    let mut surprises = Vec::new();
    let mut count = 0;
    for entry in entries {
        let name = entry.expect("the corpus is readable").file_name().into_string().expect("UTF-8");
        if name == "index.csv" {
            continue;
        }
        count += 1;
        let text = fs::read_to_string(corpus.join(&name)).expect("the file is readable");
        match (read(&text), refused.get(name.as_str())) {
            (Ok(appspec), None) => {
                let is_for_server = matches!(appspec, Appspec::Server(_));
                assert_eq!(appspec.needs_endpoint().is_none(), is_for_server, "{name}");
            }
            (Ok(_), Some(_)) => surprises.push(format!("{name}: accepted, and is in the table")),
            (Err(refusal), None) => surprises.push(format!("{name}: {refusal}")),
            (Err(refusal), Some(reasons)) => {
                let text = refusal.to_string();
                let missing = reasons.iter().filter(|reason| !text.contains(**reason));
                surprises.extend(missing.map(|reason| format!("{name}: no {reason:?} in {text}")));
            }
        }
    }
    assert!(count > 0, "the corpus is empty");
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
