//! Requests and answers on both wires: what is taken, what is refused, and in which words.

mod answering;
mod cbor;
mod conformance;
mod examples;
mod hostile;
mod json;
mod limits;
mod recognizing;
mod sample;
mod validating;
