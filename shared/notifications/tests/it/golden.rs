//! What people read, as files: look at them.

use std::collections::BTreeSet;
use std::path::Path;

use expect_test::expect_file;
use notifications::Bundle;
use serde_json::Value;

use crate::situations::situations;

/// Goal: a reviewer reads what people get, in every situation, in three channels.
///
/// Method: one file for each. `UPDATE_EXPECT=1` writes them anew; the change is then to be read as carefully as
/// code.
#[test]
fn people_read_what_the_golden_files_hold() {
    for (name, notices) in situations() {
        let message = Bundle { notices }.message();
        let mail = format!("Subject: {}\n\n{}", message.subject, message.mail);
        expect_file![format!("../golden/{name}.mail.txt")].assert_eq(&mail);
        expect_file![format!("../golden/{name}.chat.json")].assert_eq(&pretty(&message.chat));
        let attributes = message.attributes.iter();
        let attributes: Value = attributes
            .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
            .collect();
        let machine = format!("{{\"attributes\":{attributes},\"message\":{}}}", message.machine);
        let machine = pretty(&machine);
        expect_file![format!("../golden/{name}.machine.json")].assert_eq(&machine);
    }
}

#[test]
fn there_are_at_least_thirty_situations_and_no_forgotten_files() {
    let names: BTreeSet<_> = situations().into_iter().map(|(name, _)| name.to_owned()).collect();
    assert!(names.len() >= 30, "{} situations", names.len());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for entry in std::fs::read_dir(folder).expect("the folder of golden files") {
        let file = entry.expect("an entry").file_name().into_string().expect("an ASCII name");
        let name = file.split('.').next().unwrap_or_default();
        assert!(names.contains(name), "{file} belongs to no situation: delete it");
    }
}

#[test]
fn every_command_that_is_told_exists() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    for (name, notices) in situations() {
        let mail = Bundle { notices }.message().mail;
        let commands: Vec<_> =
            mail.lines().filter_map(|line| line.trim().strip_prefix("towpath ")).collect();
        assert_eq!(commands.len(), 3, "{name} tells three commands");
        for command in commands {
            let verb = command.split(' ').next().unwrap_or_default();
            assert!(
                readme.contains(&format!("`towpath {verb} ")),
                "{name}: the README knows no {verb}"
            );
        }
    }
}

/// Goal: the cause is in sight without scrolling, in a mail and in a subject.
#[test]
fn the_cause_of_a_failure_stands_in_the_first_ten_lines_and_in_the_subject() {
    for (name, notices) in situations() {
        let failure = notices[0].facts.failures.last().filter(|failure| !failure.is_approval);
        let Some(cause) = failure.map(|failure| failure.message.clone()) else {
            continue;
        };
        let is_digest = notices.len() > 1;
        let first_words: String = cause.chars().take(20).collect();
        if is_digest || first_words.is_empty() {
            continue;
        }
        let message = Bundle { notices }.message();
        let top: Vec<_> = message.mail.lines().take(10).collect();
        assert!(top.join("\n").contains(&first_words), "{name}: {top:#?}");
        let first_words: String = cause.chars().take(12).collect();
        assert!(message.subject.contains(&first_words), "{name}: {}", message.subject);
    }
}

/// Returns JSON for people, with the members in one order whatever order they came in.
fn pretty(text: &str) -> String {
    let value: Value = serde_json::from_str(text).expect("JSON");
    format!("{}\n", serde_json::to_string_pretty(&sorted(value)).expect("plain data"))
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            members.into_iter().map(|(name, value)| (name, sorted(value))).collect()
        }
        Value::Array(values) => values.into_iter().map(sorted).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
