//! Names that people choose and ids that we derive.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

/// The namespace under which every derived id of ours is computed.
const DERIVED: Uuid = Uuid::from_u128(0x6f9c_2b1e_7d43_5a08_9b1f_0c54_41aa_7e11);

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a name as it stands; `validation` decides whether it is a legal one.
            pub fn new(name: impl AsRef<str>) -> Self {
                Self(Arc::from(name.as_ref()))
            }

            /// Returns the name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::new(name)
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(Arc::from(name))
            }
        }
    };
}

name! {
    /// The name of a pipeline, unique in its account and Region.
    PipelineName
}
name! {
    /// The name of a stage, unique in its pipeline.
    StageName
}
name! {
    /// The name of an action, unique in its stage.
    ActionName
}
name! {
    /// The name of an artifact that travels between actions, unique in its pipeline.
    ArtifactName
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id that was drawn or derived elsewhere.
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// Returns the id as a UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

id! {
    /// One pass of one set of source revisions through a pipeline: a lower-case `UUIDv7` (R1).
    ExecutionId
}
id! {
    /// One attempt of one action of one execution. Derived, so that asking again asks for the same thing.
    ActionRunId
}
id! {
    /// What an approver must present (R79). Derived from a secret of the pipeline, so that knowing
    /// an action run's id is not enough to guess it.
    ApprovalToken
}

impl ActionRunId {
    /// Derives the id of one attempt of an action.
    pub fn derive(
        execution: ExecutionId,
        stage: &StageName,
        action: &ActionName,
        attempt: u32,
    ) -> Self {
        // The separator cannot occur in a name, so no two actions share a text.
        let text = format!("{execution}/{stage}/{action}/{attempt}");
        Self(Uuid::new_v5(&DERIVED, text.as_bytes()))
    }
}

impl ApprovalToken {
    /// Derives the token of the approval that `run` waits for. `secret` belongs to the pipeline.
    pub fn derive(secret: Uuid, run: ActionRunId) -> Self {
        Self(Uuid::new_v5(&secret, run.uuid().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attempt_has_its_own_id_and_the_same_one_each_time() {
        let execution = ExecutionId::new(Uuid::from_u128(7));
        let run = |stage: &str, action: &str, attempt| {
            ActionRunId::derive(execution, &stage.into(), &action.into(), attempt)
        };
        assert_eq!(run("Build", "Compile", 1), run("Build", "Compile", 1));
        assert_ne!(run("Build", "Compile", 1), run("Build", "Compile", 2));
        assert_ne!(run("Build", "Compile", 1), run("Build", "Test", 1));
        assert_ne!(run("Build", "Compile", 1), run("Beta", "Compile", 1));
    }

    #[test]
    fn a_token_needs_the_secret() {
        let run = ActionRunId::new(Uuid::from_u128(1));
        assert_ne!(
            ApprovalToken::derive(Uuid::from_u128(2), run),
            ApprovalToken::derive(Uuid::from_u128(3), run)
        );
    }
}
