//! How requests are spelled.
//!
//! CodePipeline's API has 44 operations and two wire protocols, awsJson 1.1 and Smithy RPC v2 CBOR
//! (contract T1). This crate says which operation a request asks for and in which protocol
//! ([`recognize()`]), makes a value of its body ([`decode()`]), holds that value against the shapes of the
//! API's model ([`validate()`]), and writes answers and faults back in the protocol of the question
//! ([`encode()`], [`encode_fault()`]).
//!
//! A value is `serde_json::Value` on both wires; moments are numbers of seconds in it, and the shapes
//! say where CBOR wants its tag.
//!
//! The shapes stand in [`shapes`], as tables; those of a pipeline are the model's own, so that a file and
//! a request are refused with the same words. How bytes become values stands in [`json`] and [`cbor`];
//! both refuse what two readers could read differently.
//!
//! Deliberately absent: signatures, permissions, pipelines, and every byte of I/O.
//!
//! Start with [`wire`], then [`fault`].

pub mod cbor;
pub mod fault;
pub mod json;
pub mod operation;
pub mod shapes;
pub mod wire;

pub use fault::Fault;
pub use operation::Operation;
pub use wire::{
    Encoded, REQUEST_BYTES_MAX, Wire, check_answer, decode, encode, encode_fault, recognize,
    validate,
};
