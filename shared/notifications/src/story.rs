//! What is said, before it is known where: one story for each meaning, which every channel then lays out.
//!
//! A story is ordered by importance: what happened, why, what it is about, who is affected, what to do. A channel
//! that has no room leaves the end out.

mod approval;
mod ending;
mod failure;
mod flow;
mod success;
mod surroundings;

use model::ids::ExecutionId;

use crate::Notice;
use crate::meaning::{Meaning, Place};
use crate::text::{NAME_CHARACTERS_MAX, Text, clean, clip};

/// How much of somebody's sentence is shown: a cause, a comment, a question.
pub(crate) const SENTENCE_CHARACTERS_MAX: usize = 600;

/// How long a label may be.
const LABEL_CHARACTERS_MAX: usize = 120;

/// What is said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    /// The emoji that a chat shows before the headline.
    pub(crate) mark: &'static str,
    /// What happened, to what, where.
    pub(crate) headline: Text,
    /// The same in a mail's subject, behind pipeline and number.
    pub(crate) state: String,
    /// Why, in few words, for the subject.
    pub(crate) gist: Option<String>,
    /// The rest, the most important first.
    pub(crate) paragraphs: Vec<Paragraph>,
    /// What to do next.
    pub(crate) steps: Vec<Step>,
}

/// One point.
#[derive(Clone, Debug)]
pub(crate) struct Paragraph {
    /// What it is about.
    pub(crate) label: String,
    /// What there is to say.
    pub(crate) text: Text,
    /// More lines of the same.
    pub(crate) lines: Vec<Text>,
    /// Where it can be looked at, and how that is called.
    pub(crate) link: Option<(String, &'static str)>,
    /// A list below it.
    pub(crate) items: Vec<Text>,
    /// How many more there are than the list holds.
    pub(crate) more: usize,
}

/// Something that a person can do.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// What for.
    pub(crate) says: &'static str,
    /// What to type, or where to go.
    pub(crate) does: Does,
}

/// How a person does something.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    /// By typing.
    Command(String),
    /// By following a link.
    Link(String),
}

impl Paragraph {
    pub(crate) fn new(label: impl Into<String>, text: Text) -> Self {
        Self {
            label: clip(&label.into(), LABEL_CHARACTERS_MAX),
            text,
            lines: Vec::new(),
            link: None,
            items: Vec::new(),
            more: 0,
        }
    }
}

impl Step {
    pub(crate) fn command(says: &'static str, command: String) -> Self {
        Self { says, does: Does::Command(command) }
    }
}

/// Returns the story of a notice.
pub(crate) fn tell(notice: &Notice) -> Story {
    let mut story = match notice.meaning {
        Meaning::Failed => failure::failed(notice),
        Meaning::Recovered => success::recovered(notice),
        Meaning::Succeeded => success::succeeded(notice),
        Meaning::RolledBack => success::rolled_back(notice),
        Meaning::ApprovalNeeded => approval::needed(notice),
        Meaning::Approved => approval::approved(notice),
        Meaning::Rejected => approval::rejected(notice),
        Meaning::ApprovalExpired => approval::expired(notice),
        Meaning::Stopped => ending::stopped(notice),
        Meaning::Superseded => ending::superseded(notice),
        Meaning::Cancelled => ending::cancelled(notice),
        Meaning::Resumed => flow::resumed(notice),
        Meaning::RollbackStarted => flow::rollback_started(notice),
        Meaning::Stuck => flow::stuck(notice),
        Meaning::StageClosed => flow::stage_closed(notice),
        Meaning::StageOpened => flow::stage_opened(notice),
    };
    let text = surroundings::changes(notice).into_iter();
    story.paragraphs.extend(text);
    story.paragraphs.extend(surroundings::waiting(notice));
    story.paragraphs.extend(surroundings::execution(notice));
    story
}

/// Returns what a notice is about: `payments #412`.
pub(crate) fn subject(notice: &Notice) -> String {
    let pipeline = clip(&clean(&notice.event.pipeline), NAME_CHARACTERS_MAX);
    match &notice.facts.execution {
        Some(execution) => format!("{pipeline} #{}", execution.number),
        None => pipeline,
    }
}

/// Returns where something happened: `Prod/Deploy`, or `Prod`.
pub(crate) fn where_of(place: &Place) -> Option<String> {
    let stage = clean(place.stage.as_deref()?);
    Some(match &place.action {
        Some(action) => format!("{stage}/{}", clean(action)),
        None => stage,
    })
}

/// Returns a headline: who did what, and where.
pub(crate) fn headline(notice: &Notice, did: &str, place: Option<&str>) -> Text {
    let text = Text::default().quote(&subject(notice), 2 * NAME_CHARACTERS_MAX).say(did);
    match place {
        Some(place) => text.say(" ").name(place),
        None => text,
    }
}

/// A command about the pipeline, with arguments that a shell takes for one word each.
pub(crate) struct Command(String);

impl Command {
    pub(crate) fn new(verb: &str, notice: &Notice) -> Self {
        Self(format!("towpath {verb}")).argument(&notice.event.pipeline)
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(&word(argument));
        self
    }

    pub(crate) fn flag(mut self, flag: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(flag);
        self
    }

    /// Names the execution by the end of its id, as the command line shows it.
    pub(crate) fn execution(self, notice: &Notice) -> Self {
        match notice.event.execution {
            Some(id) => self.flag("--execution").argument(&short(id)),
            None => self,
        }
    }

    pub(crate) fn step(self, says: &'static str) -> Step {
        Step::command(says, self.0)
    }
}

/// Returns the end of an execution's id: its beginning is the time, which executions of the same minute share.
fn short(id: ExecutionId) -> String {
    let id = id.to_string();
    id[id.len() - 8..].to_owned()
}

/// Returns an argument as a shell takes it for one word. AWS's names need no quotes; what is none of them gets
/// some, and signs in it that mean more than themselves are gone.
fn word(argument: &str) -> String {
    let argument = clip(&clean(argument), 2 * NAME_CHARACTERS_MAX + 1);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._@/-".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument;
    }
    let harmless = argument.replace(['\'', '`', '\\', '@', ']'], "?");
    format!("'{harmless}'")
}
