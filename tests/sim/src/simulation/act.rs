//! What a person asks for.

use engine::Input;
use model::ids::PipelineName;
use runtime::retry;
use runtime::start::Request;
use store::LogKey;

/// One thing that a person asks for. Asked again, it is the same thing.
#[derive(Clone, Debug)]
pub struct Act {
    /// Which one, in the order in which people thought of them.
    pub number: u32,
    /// What is asked.
    pub asked: Asked,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Asked {
    /// To start an execution.
    Start(PipelineName, Box<Request>),
    /// Something that is one turn on one log.
    Turn(LogKey, Box<Input>, Option<String>),
    /// To run a stage again.
    Retry(PipelineName, Box<retry::Request>),
}
