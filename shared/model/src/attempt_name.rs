//! The name of an attempt, as a system outside carries it along and says it back.
//!
//! Where a system's events tell what we gave the work to know, the name of the attempt is among it, and nothing
//! has to be looked up to find out whose work it was. A name proves nothing: it says where to look.

use std::fmt;
use std::str::FromStr;

use crate::ids::{ActionName, ExecutionId, PipelineName, StageName};

/// How many characters a name in it may have (contract §1.2).
const NAME_CHARACTERS_MAX: usize = 100;

/// What stands at the end where the execution has a log of its own.
const OWN: &str = "own";

/// One attempt of one action. As a text: `web/01890a5d-…/Build/Compile/1`, and `/own` behind it where the execution
/// has a log of its own (R26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptName {
    /// Its pipeline.
    pub pipeline: PipelineName,
    /// Its execution.
    pub execution: ExecutionId,
    /// Its stage.
    pub stage: StageName,
    /// Its action.
    pub action: ActionName,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// Whether the execution has a log of its own, beside its pipeline's.
    pub has_own_log: bool,
}

/// A text is no name of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAttempt;

impl fmt::Display for AttemptName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pipeline, execution, stage, action, attempt, has_own_log } = self;
        write!(f, "{pipeline}/{execution}/{stage}/{action}/{attempt}")?;
        if *has_own_log { write!(f, "/{OWN}") } else { Ok(()) }
    }
}

impl FromStr for AttemptName {
    type Err = NoAttempt;

    fn from_str(text: &str) -> Result<Self, NoAttempt> {
        let parts: Vec<&str> = text.split('/').collect();
        let (parts, has_own_log) = match parts[..] {
            [pipeline, execution, stage, action, attempt] => {
                ([pipeline, execution, stage, action, attempt], false)
            }
            [pipeline, execution, stage, action, attempt, OWN] => {
                ([pipeline, execution, stage, action, attempt], true)
            }
            _ => return Err(NoAttempt),
        };
        let [pipeline, execution, stage, action, attempt] = parts;
        if ![pipeline, stage, action].into_iter().all(is_name) {
            return Err(NoAttempt);
        }
        Ok(Self {
            pipeline: pipeline.into(),
            execution: execution.parse().map_err(|_| NoAttempt)?,
            stage: stage.into(),
            action: action.into(),
            attempt: attempt.parse().map_err(|_| NoAttempt)?,
            has_own_log,
        })
    }
}

fn is_name(text: &str) -> bool {
    (1..=NAME_CHARACTERS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    #[test]
    fn a_name_reads_back_as_it_was_written() {
        for has_own_log in [false, true] {
            let name = AttemptName {
                pipeline: "web".into(),
                execution: ID.parse().unwrap(),
                stage: "Build".into(),
                action: "Compile.@-_".into(),
                attempt: 3,
                has_own_log,
            };
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        assert_eq!(format!("web/{ID}/S/A/1").parse::<AttemptName>().unwrap().attempt, 1);
    }

    #[test]
    fn what_is_no_name_is_none() {
        let long = "a".repeat(101);
        for text in [
            String::new(),
            format!("web/{ID}/S/A"),
            format!("web/{ID}/S/A/1/other"),
            format!("web/{ID}/S/A/1/own/own"),
            format!("web/{ID}/S/A/-1"),
            format!("web/{ID}/S/A/4294967296"),
            format!("web/{ID}/S//1"),
            format!("{long}/{ID}/S/A/1"),
            format!("we b/{ID}/S/A/1"),
            format!("wéb/{ID}/S/A/1"),
            "web/latest/S/A/1".to_owned(),
        ] {
            assert_eq!(text.parse::<AttemptName>(), Err(NoAttempt), "{text}");
        }
    }
}
