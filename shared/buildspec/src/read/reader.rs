//! Takes a document apart, collecting problems and notes on the way.

use crate::refusal::Problem;
use crate::yaml::Node;

/// What was found to say about a document so far.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<String>,
}

impl Reader {
    pub(super) fn refuse(
        &mut self,
        path: impl Into<String>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.problems.push(Problem::new(path, problem, fix));
    }

    pub(super) fn note(&mut self, path: &str, note: &str) {
        self.notes.push(format!("{path}: {note}"));
    }

    /// Returns the text of a scalar.
    pub(super) fn scalar(&mut self, path: &str, node: &Node) -> Option<String> {
        let problem = match node {
            Node::Scalar(text) if text.contains('\0') => "it holds a NUL character",
            Node::Scalar(text) => return Some(text.clone()),
            Node::Null => "it has no value",
            Node::Sequence(_) => "it is a list, and one value is expected",
            Node::Mapping(_) => "it is a mapping, and one value is expected",
        };
        self.refuse(path, problem, "write one value, in quotes if it holds `: ` or ` #`");
        None
    }

    /// Returns the entries of a mapping; a mapping without entries may also be left empty.
    pub(super) fn mapping<'a>(&mut self, path: &str, node: &'a Node) -> &'a [(String, Node)] {
        match node {
            Node::Mapping(entries) => entries,
            Node::Null => &[],
            Node::Scalar(_) | Node::Sequence(_) => {
                self.refuse(path, "it is not a mapping", "write `name: value` pairs below it");
                &[]
            }
        }
    }

    /// Returns the items of a list of scalars; a list without items may also be left empty.
    pub(super) fn list(&mut self, path: &str, node: &Node) -> Vec<String> {
        match node {
            Node::Sequence(items) => {
                let items = items.iter().enumerate();
                items
                    .filter_map(|(index, item)| self.scalar(&format!("{path}[{index}]"), item))
                    .collect()
            }
            Node::Null => Vec::new(),
            Node::Scalar(text) => {
                self.note(path, "one value instead of a list, read as a list of one");
                vec![text.clone()]
            }
            Node::Mapping(_) => {
                self.refuse(
                    path,
                    "it is a mapping, and a list is expected",
                    "start items with `- `",
                );
                Vec::new()
            }
        }
    }

    /// Returns whether the answer is yes.
    pub(super) fn yes(&mut self, path: &str, node: &Node) -> bool {
        let Some(text) = self.scalar(path, node) else { return false };
        match text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "y" => true,
            "no" | "false" | "off" | "n" => false,
            _ => {
                self.refuse(path, format!("`{text}` is neither yes nor no"), "write `yes` or `no`");
                false
            }
        }
    }

    /// Notes a key that nobody understands.
    pub(super) fn unknown(&mut self, path: &str) {
        self.note(path, "unknown, and ignored");
    }
}

/// Returns whether a shell could hold a variable of this name.
pub(crate) fn is_variable_name(name: &str) -> bool {
    let word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    word && !name.is_empty() && !name.as_bytes()[0].is_ascii_digit()
}
