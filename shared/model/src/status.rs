//! Statuses, spelled as AWS spells them (contract §1.8 and §2.1), at the edge and inside.

use std::fmt;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every value, in the order of AWS's list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the word as the API writes it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Returns the value that the API's word stands for.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// How far a pipeline execution is.
    ExecutionStatus {
        /// Ended by an update of the definition (R84).
        Cancelled => "Cancelled",
        /// Running, or waiting for its next stage.
        InProgress => "InProgress",
        /// Stopped by request (R43).
        Stopped => "Stopped",
        /// Asked to stop; actions are still running.
        Stopping => "Stopping",
        /// Ran through every stage.
        Succeeded => "Succeeded",
        /// Replaced by a newer execution while it waited (R18).
        Superseded => "Superseded",
        /// A stage failed.
        Failed => "Failed",
    }
}
words! {
    /// How far a stage of an execution is.
    StageStatus {
        /// Ended by an update of the definition (R84).
        Cancelled => "Cancelled",
        /// The execution is inside and holds the stage's lock.
        InProgress => "InProgress",
        /// An action failed.
        Failed => "Failed",
        /// Stopped by request.
        Stopped => "Stopped",
        /// Asked to stop; actions are still running.
        Stopping => "Stopping",
        /// Every action succeeded.
        Succeeded => "Succeeded",
        /// An entry condition let the execution pass by (R63).
        Skipped => "Skipped",
    }
}
words! {
    /// How far one attempt of an action is.
    ActionStatus {
        /// Asked for, or running.
        InProgress => "InProgress",
        /// Given up by a stop-and-abandon (R44).
        Abandoned => "Abandoned",
        /// Done.
        Succeeded => "Succeeded",
        /// Failed, rejected or timed out.
        Failed => "Failed",
    }
}
words! {
    /// What happens when executions meet (R18–R30).
    ExecutionMode {
        /// Executions queue at each stage, first in, first out.
        Queued => "QUEUED",
        /// A newer execution replaces the one that waits at a stage.
        Superseded => "SUPERSEDED",
        /// Executions know nothing of each other.
        Parallel => "PARALLEL",
    }
}
words! {
    /// The generation of a pipeline: some features need V2 (contract §1.2).
    PipelineType {
        /// The first generation.
        V1 => "V1",
        /// The second generation.
        V2 => "V2",
    }
}
words! {
    /// What an action is for.
    ActionCategory {
        /// Brings a revision in.
        Source => "Source",
        /// Makes something of it.
        Build => "Build",
        /// Puts it where it runs.
        Deploy => "Deploy",
        /// Judges it.
        Test => "Test",
        /// Calls something else.
        Invoke => "Invoke",
        /// Asks a person.
        Approval => "Approval",
        /// Runs commands.
        Compute => "Compute",
    }
}
words! {
    /// Who defined an action type.
    ActionOwner {
        /// AWS.
        Aws => "AWS",
        /// A partner.
        ThirdParty => "ThirdParty",
        /// The user (`CreateCustomActionType`).
        Custom => "Custom",
    }
}
words! {
    /// What caused an execution (R2).
    TriggerType {
        /// The pipeline was created.
        CreatePipeline => "CreatePipeline",
        /// Somebody asked.
        StartPipelineExecution => "StartPipelineExecution",
        /// A look at the source found a change.
        PollForSourceChanges => "PollForSourceChanges",
        /// A classic webhook matched.
        Webhook => "Webhook",
        /// An EventBridge rule matched.
        CloudWatchEvent => "CloudWatchEvent",
        /// Somebody put a revision.
        PutActionRevision => "PutActionRevision",
        /// A connection's push, tag or pull request.
        WebhookV2 => "WebhookV2",
        /// Somebody asked for a rollback.
        ManualRollback => "ManualRollback",
        /// A failure asked for a rollback.
        AutomatedRollback => "AutomatedRollback",
    }
}
words! {
    /// Which actions a retry runs again (R53, R54).
    RetryMode {
        /// The failed and abandoned ones.
        FailedActions => "FAILED_ACTIONS",
        /// All of the stage.
        AllActions => "ALL_ACTIONS",
    }
}
words! {
    /// Why an action failed, in the words of the job API (J10).
    FailureType {
        /// The work itself failed.
        JobFailed => "JobFailed",
        /// The action is configured wrongly.
        ConfigurationError => "ConfigurationError",
        /// Something may not be done.
        PermissionError => "PermissionError",
        /// The revision moved on.
        RevisionOutOfSync => "RevisionOutOfSync",
        /// The revision cannot be had.
        RevisionUnavailable => "RevisionUnavailable",
        /// The provider cannot be reached.
        SystemUnavailable => "SystemUnavailable",
    }
}

impl ExecutionStatus {
    /// Whether nothing more happens by itself.
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::InProgress | Self::Stopping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_as_written() {
        for status in ExecutionStatus::ALL {
            assert_eq!(ExecutionStatus::parse(status.as_str()), Some(*status));
        }
        for trigger in TriggerType::ALL {
            assert_eq!(TriggerType::parse(trigger.as_str()), Some(*trigger));
        }
        assert_eq!(StageStatus::parse("Canceled"), None);
    }
}
