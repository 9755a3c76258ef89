//! What a pipeline is.
//!
//! Here live the words that every other crate speaks: names and ids ([`ids`]), moments ([`time`]),
//! statuses as AWS spells them ([`status`]), the declaration that users write ([`declaration`]) and
//! the pipeline that it becomes once nothing is wrong with it ([`pipeline`]).
//!
//! A [`pipeline::Pipeline`] cannot be built wrong: [`validation`] is the only road from a declaration
//! to a pipeline, and it reports every [`violation`] of the first failing class at once (contract
//! §1.7). What each provider takes, makes and understands stands in the [`catalog`]; references such
//! as `#{SourceVariables.CommitId}` are read and resolved by [`variables`].
//!
//! The [`shape`] of a declaration, with its lengths, patterns and words, is held once, for files and for
//! the API's requests alike.
//!
//! Deliberately absent: AWS SDKs, clocks, files and the network. Nothing here knows how a pipeline
//! runs; that is the `engine` crate.
//!
//! Start with [`pipeline`], then read [`declaration`] to see the shape that users write.

pub mod artifact_key;
pub mod attempt_name;
pub mod catalog;
pub mod declaration;
pub mod ids;
mod nearest;
pub mod outcome;
pub mod pipeline;
pub mod shape;
pub mod status;
pub mod time;
pub mod validation;
pub mod variables;
pub mod violation;
