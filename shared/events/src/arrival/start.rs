//! Starts that a rule asks for in so many words (contract §5.1, last paragraph).
//!
//! A rule whose target is CodePipeline itself names the pipeline by the target. Ours are targets of a
//! queue, so the rule's input transformer names it: `name`, or `pipelineName`.

use std::collections::BTreeMap;

use model::ids::{ActionName, PipelineName};
use serde_json::Value;

use super::Nothing;
use super::members::{check_members, check_name, short, text, text_if_any};

/// What a start may say. A member of another name is a slip of the pen, and a start that ignores one
/// would run at another revision than the one that was meant.
const MEMBERS: [&str; 6] =
    ["name", "pipelineName", "sourceRevisions", "variables", "clientRequestToken", "id"];

/// How long a client's token may be (R5).
const TOKEN_CHARACTERS_MAX: usize = 128;

/// A start that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplicitStart {
    /// Of which pipeline.
    pub pipeline: PipelineName,
    /// Revisions for source actions (R7).
    pub revisions: Vec<Pinned>,
    /// Values for declared variables (R6).
    pub variables: BTreeMap<String, String>,
    /// Makes the start happen once, however often it is asked for (R5).
    pub token: Option<String>,
    /// The id of the event behind it, where the transformer hands it on as `id`.
    pub event_id: Option<String>,
}

/// A revision that a source action shall bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// The source action.
    pub action: ActionName,
    /// `COMMIT_ID`, `IMAGE_DIGEST`, `S3_OBJECT_VERSION_ID` or `S3_OBJECT_KEY`.
    pub kind: String,
    /// The commit, digest, version or key.
    pub value: String,
}

pub(super) fn read(value: &Value) -> Result<ExplicitStart, Nothing> {
    check_members("a start", value, &MEMBERS)?;
    let name = text_if_any(value, &["name"]).map_or_else(|| text(value, &["pipelineName"]), Ok)?;
    check_name("a pipeline", name)?;
    let revisions = list(value, "sourceRevisions")?.iter().map(pinned).collect::<Result<_, _>>()?;
    let mut variables = BTreeMap::new();
    for variable in list(value, "variables")? {
        let (name, value) = (text(variable, &["name"])?, variable["value"].as_str());
        let value = value.ok_or_else(|| {
            Nothing::Malformed(format!("the value of variable {} is no text", short(name)))
        })?;
        if variables.insert(name.to_owned(), value.to_owned()).is_some() {
            let name = short(name);
            return Err(Nothing::Malformed(format!("variable {name} is given twice")));
        }
    }
    Ok(ExplicitStart {
        pipeline: PipelineName::from(name),
        revisions,
        variables,
        token: token(value)?,
        event_id: text_if_any(value, &["id"]).map(str::to_owned),
    })
}

fn pinned(value: &Value) -> Result<Pinned, Nothing> {
    Ok(Pinned {
        action: ActionName::from(text(value, &["actionName"])?),
        kind: text(value, &["revisionType"])?.to_owned(),
        value: text(value, &["revisionValue"])?.to_owned(),
    })
}

fn token(value: &Value) -> Result<Option<String>, Nothing> {
    let Some(token) = value.get("clientRequestToken").filter(|token| !token.is_null()) else {
        return Ok(None);
    };
    let is_legal = |token: &&str| {
        (1..=TOKEN_CHARACTERS_MAX).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let token = token.as_str().filter(is_legal).ok_or_else(|| {
        Nothing::Malformed(format!(
            "clientRequestToken must be 1 to {TOKEN_CHARACTERS_MAX} letters, digits and hyphens"
        ))
    })?;
    Ok(Some(token.to_owned()))
}

/// Returns the items of a list that may be missing.
fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], Nothing> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Nothing::Malformed(format!("{name} is no list"))),
    }
}
