//! What an update would change, as people read it: two declarations as YAML in one order, line by line.
//!
//! What means the same is written the same way: defaults and empty members are left out, the version
//! is the server's. A secret is never shown, and one that the server masks cannot be compared.

use serde_json::{Map, Value};
use serde_yaml_ng::{Mapping, Value as Yaml};
use similar::{ChangeTag, TextDiff};

use crate::view::board::lane::Mark;
use crate::view::lines::{Line, Paint, Weight};

/// What the server shows in the place of a secret.
const MASK: &str = "****";

/// Settings whose values are never shown, whoever declares them.
const SECRET_SETTINGS: &[&str] = &["OAuthToken", "ClientSecret", "RefreshToken", "SecretToken"];

/// How many lines that stay the same are shown around a change.
const CONTEXT: usize = 3;

/// What a member is when it is not there.
const DEFAULTS: &[(&str, &str)] =
    &[("pipelineType", "V1"), ("executionMode", "SUPERSEDED"), ("runOrder", "1")];

/// The order in which members are written; others follow by name.
const ORDER: &[&str] = &[
    "name",
    "roleArn",
    "pipelineType",
    "executionMode",
    "artifactStore",
    "artifactStores",
    "variables",
    "triggers",
    "stages",
    "actionTypeId",
    "category",
    "owner",
    "provider",
    "version",
    "runOrder",
    "configuration",
    "commands",
    "inputArtifacts",
    "outputArtifacts",
    "actions",
];

/// What two declarations have in common and what not.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// The lines that differ, with some around them.
    pub(crate) lines: Vec<Line>,
    /// The places of secrets that cannot be compared.
    pub(crate) secrets: Vec<String>,
}

impl Difference {
    /// Compares what the server has, if it has it, with what a file declares.
    pub(crate) fn new(server: Option<&Value>, file: &Value) -> Self {
        let mut secrets = Vec::new();
        let mut file = file.clone();
        let nothing = Value::Null;
        mask(&mut file, server.unwrap_or(&nothing), "", &mut secrets);
        let before = server.map(|server| text(&normal(server))).unwrap_or_default();
        let after = text(&normal(&file));
        Self { lines: lines(&before, &after), secrets }
    }

    /// Whether nothing that can be compared differs.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// Hides secrets of the file: those that the server hides, and those that are known by their names.
fn mask(file: &mut Value, server: &Value, path: &str, secrets: &mut Vec<String>) {
    match file {
        Value::Object(members) => {
            for (name, member) in members {
                let of_server = server.get(name).unwrap_or(&Value::Null);
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let is_secret = SECRET_SETTINGS.contains(&name.as_str()) || of_server == MASK;
                if is_secret && let Value::String(text) = member {
                    if of_server == MASK && text != MASK {
                        secrets.push(path);
                    }
                    MASK.clone_into(text);
                } else {
                    mask(member, of_server, &path, secrets);
                }
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                let of_server = counterpart(element, index, server);
                mask(element, of_server, &format!("{path}[{index}]"), secrets);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns the element of the server's list that has the same name, or else the same place.
fn counterpart<'a>(element: &Value, index: usize, server: &'a Value) -> &'a Value {
    let name = element.get("name").filter(|name| name.is_string());
    let named = name
        .and_then(|name| server.as_array()?.iter().find(|other| other.get("name") == Some(name)));
    named.or_else(|| server.get(index).filter(|_| name.is_none())).unwrap_or(&Value::Null)
}

/// Writes what means the same in one way. `version` is the server's only at the top: an action's
/// type has one, too.
fn normal(declaration: &Value) -> Yaml {
    let mut declaration = declaration.clone();
    if let Value::Object(members) = &mut declaration {
        members.remove("version");
    }
    ordered(&declaration)
}

fn ordered(value: &Value) -> Yaml {
    match value {
        Value::Object(members) => Yaml::Mapping(ordered_members(members)),
        Value::Array(elements) => Yaml::Sequence(elements.iter().map(ordered).collect()),
        Value::Null => Yaml::Null,
        Value::Bool(is) => Yaml::Bool(*is),
        Value::Number(number) => serde_yaml_ng::to_value(number).unwrap_or_default(),
        Value::String(text) => Yaml::String(text.clone()),
    }
}

fn ordered_members(members: &Map<String, Value>) -> Mapping {
    let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    let mut names: Vec<_> = members.keys().collect();
    names.sort_by_key(|name| (rank(name), name.as_str()));
    let mut mapping = Mapping::new();
    for name in names {
        let member = &members[name];
        if !is_absent(name, member) {
            mapping.insert(Yaml::String(name.clone()), ordered(member));
        }
    }
    mapping
}

/// Whether a member says nothing.
fn is_absent(name: &str, member: &Value) -> bool {
    match member {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) => false,
        Value::Number(number) => DEFAULTS.contains(&(name, number.to_string().as_str())),
        Value::String(text) => DEFAULTS.contains(&(name, text.as_str())),
    }
}

fn text(value: &Yaml) -> String {
    // Plain data with text keys always has a YAML form.
    serde_yaml_ng::to_string(value).unwrap_or_default()
}

fn lines(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push(Line::new(Weight::Now, vec![(Paint::Faint, "  …".to_owned())]));
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let (sign, paint) = match change.tag() {
                ChangeTag::Delete => ('-', Paint::Doing(Mark::Failed)),
                ChangeTag::Insert => ('+', Paint::Doing(Mark::Succeeded)),
                ChangeTag::Equal => (' ', Paint::Plain),
            };
            let text = format!("{sign} {}", change.value().trim_end_matches('\n'));
            lines.push(Line::new(Weight::Now, vec![(paint, text)]));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::needless_raw_string_hashes,
        reason = "that is how expectations are written anew"
    )]

    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;

    fn declared(branch: &str, token: &str) -> Value {
        json!({
            "name": "web", "roleArn": "arn:aws:iam::000000000000:role/web",
            "artifactStore": { "type": "S3", "location": "web-artifacts" },
            "stages": [
                { "name": "Source", "actions": [{ "name": "Commit", "runOrder": 1,
                    "actionTypeId": { "category": "Source", "owner": "ThirdParty",
                        "provider": "GitHub", "version": "1" },
                    "configuration": { "Branch": branch, "OAuthToken": token } }] },
                { "name": "Build", "actions": [{ "name": "Compile",
                    "actionTypeId": { "category": "Build", "owner": "AWS",
                        "provider": "CodeBuild", "version": "1" } }] },
            ],
        })
    }

    /// What the server says of a declaration: a version, defaults, empty members.
    fn kept(branch: &str) -> Value {
        let mut kept = declared(branch, MASK);
        kept["version"] = json!(4);
        kept["pipelineType"] = json!("V1");
        kept["executionMode"] = json!("SUPERSEDED");
        kept["stages"][1]["actions"][0]["runOrder"] = json!(1);
        kept["stages"][1]["actions"][0]["inputArtifacts"] = json!([]);
        kept
    }

    fn check(difference: &Difference, expected: &Expect) {
        let text: Vec<_> = difference.lines.iter().map(|line| line.text() + "\n").collect();
        expected.assert_eq(&text.concat());
    }

    #[test]
    fn what_means_the_same_does_not_differ() {
        let difference = Difference::new(Some(&kept("main")), &declared("main", MASK));
        assert!(difference.is_empty() && difference.secrets.is_empty(), "{difference:?}");
    }

    #[test]
    fn a_change_is_shown_with_its_surroundings() {
        let difference = Difference::new(Some(&kept("main")), &declared("next", MASK));
        check(
            &difference,
            &expect![[r#"
                    provider: GitHub
                    version: '1'
                  configuration:
            -       Branch: main
            +       Branch: next
                    OAuthToken: '****'
              - name: Build
                actions:
        "#]],
        );
    }

    #[test]
    fn a_new_pipeline_is_shown_whole() {
        check(
            &Difference::new(None, &declared("main", MASK)),
            &expect![[r#"
            + name: web
            + roleArn: arn:aws:iam::000000000000:role/web
            + artifactStore:
            +   location: web-artifacts
            +   type: S3
            + stages:
            + - name: Source
            +   actions:
            +   - name: Commit
            +     actionTypeId:
            +       category: Source
            +       owner: ThirdParty
            +       provider: GitHub
            +       version: '1'
            +     configuration:
            +       Branch: main
            +       OAuthToken: '****'
            + - name: Build
            +   actions:
            +   - name: Compile
            +     actionTypeId:
            +       category: Build
            +       owner: AWS
            +       provider: CodeBuild
            +       version: '1'
        "#]],
        );
    }

    #[test]
    fn a_secret_is_never_shown_and_named_where_it_cannot_be_compared() {
        let difference = Difference::new(Some(&kept("main")), &declared("main", "canary"));
        assert!(difference.is_empty());
        let place = "stages[0].actions[0].configuration.OAuthToken";
        assert_eq!(difference.secrets, [place]);
        for server in [None, Some(&kept("main"))] {
            let shown = format!("{:?}", Difference::new(server, &declared("next", "canary")).lines);
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
