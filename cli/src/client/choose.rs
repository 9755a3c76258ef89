//! Which thing is meant, where somebody named only some of it.

use model::time::Timestamp;

use crate::client::board::carries;
use crate::client::situation::{Situation, Stage};
use crate::client::words::{list, means, short};
use crate::ending::Ending;
use crate::view::board::lane::Mark;

/// An approval that waits for an answer.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) execution: String,
    pub(crate) stage: String,
    pub(crate) action: String,
    pub(crate) since: Option<Timestamp>,
    /// What is to be approved: the revisions, the approval's own text, who waits behind; a line each.
    pub(crate) about: Vec<String>,
    pub(crate) token: Option<String>,
}

/// Returns every approval that waits for an answer.
pub(crate) fn open(situation: &Situation) -> Vec<Open> {
    let mut found = Vec::new();
    for stage in situation.lanes.iter().flat_map(|lane| &lane.stages) {
        let Some(holder) = stage.holder() else { continue };
        for action in &stage.actions {
            if !action.is_approval || action.mark != Mark::Running {
                continue;
            }
            let revisions = situation.execution(&holder.execution).map(carries);
            let mut about: Vec<_> = revisions.into_iter().filter(|text| !text.is_empty()).collect();
            about.extend(action.question.iter().cloned());
            let behind: Vec<_> = stage.waiting.iter().map(|of| short(&of.execution)).collect();
            if !behind.is_empty() {
                about.push(format!("behind it waits {}", list(&behind)));
            }
            found.push(Open {
                execution: holder.execution.clone(),
                stage: stage.name.clone(),
                action: action.name.clone(),
                since: action.since,
                about,
                token: action.token.clone(),
            });
        }
    }
    found
}

/// Chooses the approval that is meant; it has to be one.
pub(crate) fn approval(
    situation: &Situation,
    place: Option<&str>,
    execution: Option<&str>,
) -> Result<Open, Ending> {
    let name = &situation.pipeline;
    let mut found = open(situation);
    found.retain(|open| {
        let is_place = place.is_none_or(|place| place == format!("{}/{}", open.stage, open.action));
        is_place && execution.is_none_or(|typed| means(typed, &open.execution))
    });
    match (found.pop(), found.as_slice()) {
        (Some(one), []) => Ok(one),
        (None, _) => {
            let which = match (place, execution) {
                (None, None) => format!("no approval of {name} waits for an answer"),
                (Some(place), None) => format!("{place} of {name} does not wait for an answer"),
                (None, Some(typed)) => {
                    format!("no approval of execution {typed} of {name} waits for an answer")
                }
                (Some(place), Some(typed)) => {
                    format!("{place} of execution {typed} of {name} does not wait for an answer")
                }
            };
            let hint = format!("`towpath why {name}` says what waits for what");
            Err(Ending::BadInput(format!("{which}\n  {hint}")))
        }
        (Some(last), others) => {
            let mut lines = vec![format!("several approvals of {name} wait; name one:")];
            for open in others.iter().chain([&last]) {
                let (stage, action, id) = (&open.stage, &open.action, short(&open.execution));
                let about =
                    open.about.first().map_or_else(String::new, |about| format!("  {about}"));
                lines.push(format!("  {stage}/{action} --execution {id}{about}"));
            }
            Err(Ending::BadInput(lines.join("\n")))
        }
    }
}

/// Returns a stage by its name.
pub(crate) fn stage<'a>(situation: &'a Situation, name: &str) -> Result<&'a Stage, Ending> {
    let stages = || situation.lanes.iter().flat_map(|lane| &lane.stages);
    let found = stages().find(|stage| stage.name == name);
    found.ok_or_else(|| {
        let mut names: Vec<_> = stages().map(|stage| stage.name.as_str()).collect();
        names.dedup();
        Ending::BadInput(format!(
            "{} has no stage {name}; it has: {}",
            situation.pipeline,
            names.join(", ")
        ))
    })
}

/// Reads `STAGE/ACTION`.
pub(crate) fn parse_place(text: &str) -> Result<(&str, &str), Ending> {
    let parts =
        text.split_once('/').filter(|(stage, action)| !stage.is_empty() && !action.is_empty());
    parts.ok_or_else(|| {
        Ending::BadInput(format!(
            "{text} is no action; write it as STAGE/ACTION, for example Build/Compile"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::examples::{closed, id, meeting, parallel};

    #[test]
    fn the_only_open_approval_is_meant_and_comes_with_what_is_approved() {
        let open = approval(&meeting(), None, None).unwrap();
        assert_eq!((open.stage.as_str(), open.action.as_str()), ("Approve", "Release"));
        assert_eq!(
            open.about,
            [
                "0000001 Change number 1",
                "Release 1?",
                "http://127.0.0.1/diff",
                "behind it waits 00000002"
            ]
        );
        assert_eq!(open.token.as_deref(), Some("a-token"));
        let open = approval(&parallel(), Some("Approve/Release"), Some("00000002")).unwrap();
        assert_eq!((open.execution, open.token.as_deref()), (id(2), Some("t")));
    }

    #[test]
    fn an_approval_that_is_not_open_is_refused_with_a_way_on() {
        let refused =
            |situation: &Situation, place, execution| match approval(situation, place, execution) {
                Err(Ending::BadInput(text)) => text,
                other => panic!("{other:?}"),
            };
        assert!(refused(&closed(), None, None).contains("`towpath why web-app`"));
        assert!(
            refused(&meeting(), Some("Build/Compile"), None).contains("Build/Compile of web-app")
        );
        assert!(refused(&meeting(), None, Some("00000002")).contains("execution 00000002"));
    }

    #[test]
    fn several_open_approvals_are_listed() {
        let mut situation = meeting();
        let mut second = situation.lanes[0].stages[2].actions[0].clone();
        second.name = "Security".to_owned();
        situation.lanes[0].stages[2].actions.push(second);
        let Err(Ending::BadInput(text)) = approval(&situation, None, None) else { panic!() };
        assert!(text.contains("Approve/Release --execution 00000001  0000001 Change"), "{text}");
        assert!(text.contains("Approve/Security --execution 00000001"), "{text}");
        assert!(approval(&situation, Some("Approve/Security"), None).is_ok());
    }

    #[test]
    fn a_place_is_a_stage_and_an_action() {
        assert_eq!(parse_place("Build/Compile").unwrap(), ("Build", "Compile"));
        for wrong in ["Build", "/Compile", "Build/", ""] {
            assert!(parse_place(wrong).is_err(), "{wrong}");
        }
        assert!(stage(&meeting(), "Build").is_ok());
        let Err(Ending::BadInput(text)) = stage(&meeting(), "Biuld") else { panic!() };
        assert!(text.contains("it has: Source, Build, Approve, Deploy"), "{text}");
    }
}
