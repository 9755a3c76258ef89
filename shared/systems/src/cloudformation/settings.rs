//! The settings of the action, read once.

use aws_sdk_cloudformation::types::Capability;
use providers::Job;

use crate::fault::Fault;

/// The capabilities that a template may need to be granted.
const CAPABILITIES: [&str; 3] =
    ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"];

/// What is done to the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Create it, or update the one that is there.
    CreateUpdate,
    /// The same; and one that failed is deleted first.
    ReplaceOnFailure,
    /// Delete it.
    DeleteOnly,
    /// Prepare a change set, in the place of the one of that name.
    ChangeSetReplace,
    /// Do what a change set says.
    ChangeSetExecute,
}

impl Mode {
    const ALL: [(Mode, &'static str); 5] = [
        (Mode::CreateUpdate, "CREATE_UPDATE"),
        (Mode::ReplaceOnFailure, "REPLACE_ON_FAILURE"),
        (Mode::DeleteOnly, "DELETE_ONLY"),
        (Mode::ChangeSetReplace, "CHANGE_SET_REPLACE"),
        (Mode::ChangeSetExecute, "CHANGE_SET_EXECUTE"),
    ];

    fn parse(word: &str) -> Result<Mode, Fault> {
        let found = Mode::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(mode, _)| *mode).ok_or_else(|| {
            let words = Mode::ALL.map(|(_, known)| known).join(", ");
            Fault::configuration(format!("ActionMode is {word:?}; write one of {words}"))
        })
    }
}

/// The settings of the action.
#[derive(Clone, Debug)]
pub(super) struct Settings<'a> {
    pub(super) mode: Mode,
    pub(super) stack: &'a str,
    /// Empty in the modes that need none.
    pub(super) change_set: &'a str,
    pub(super) role: Option<&'a str>,
    pub(super) capabilities: Vec<Capability>,
    /// `Artifact::file`.
    pub(super) template: Option<&'a str>,
    /// `Artifact::file`.
    pub(super) configuration: Option<&'a str>,
    /// A JSON object.
    pub(super) overrides: Option<&'a str>,
    pub(super) output_file: Option<&'a str>,
}

impl<'a> Settings<'a> {
    pub(super) fn read(job: &'a Job) -> Result<Self, Fault> {
        let settings = providers::Settings::of(job);
        let mode = Mode::parse(settings.required("ActionMode")?)?;
        let change_set = match mode {
            Mode::ChangeSetReplace | Mode::ChangeSetExecute => {
                settings.required("ChangeSetName")?
            }
            Mode::CreateUpdate | Mode::ReplaceOnFailure | Mode::DeleteOnly => "",
        };
        let template = match mode {
            Mode::CreateUpdate | Mode::ReplaceOnFailure | Mode::ChangeSetReplace => {
                Some(settings.required("TemplatePath")?)
            }
            // AWS ignores it in these modes, and so do we.
            Mode::DeleteOnly | Mode::ChangeSetExecute => None,
        };
        Ok(Self {
            mode,
            stack: settings.required("StackName")?,
            change_set,
            role: settings.optional("RoleArn"),
            capabilities: capabilities(settings.optional("Capabilities").unwrap_or_default())?,
            template,
            configuration: settings.optional("TemplateConfiguration"),
            overrides: settings.optional("ParameterOverrides"),
            output_file: settings.optional("OutputFileName"),
        })
    }
}

fn capabilities(list: &str) -> Result<Vec<Capability>, Fault> {
    let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
    words
        .map(|word| {
            if CAPABILITIES.contains(&word) {
                return Ok(Capability::from(word));
            }
            let known = CAPABILITIES.join(", ");
            Err(Fault::configuration(format!("Capabilities has {word:?}; it may have {known}")))
        })
        .collect()
}
