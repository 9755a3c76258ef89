//! The proof of the engine, in one binary.
//!
//! - [`laws`] says what must hold, apart from the engine's own code; everything below obeys it.
//! - [`scenarios`] tells each rule as a story: a script, and what a reader of the log would see.
//! - [`exhaustive`] walks every reachable state of small pipelines under every input, and writes
//!   `docs/states.md` from what it saw.
//! - [`properties`] throws random inputs at random pipelines.
//! - [`sabotage`] breaks every protection, one at a time, and shows that something above notices.
//! - [`rules`] holds the list of rules, and where each is shown.
//!
//! What they share: [`shape`] reads `Source(S) Build(A|B, C@2)`, [`world`] keeps the logs of one
//! pipeline and checks the laws at every step, [`script`] is the scenarios' language, [`moves`]
//! lists all that can be asked of a state.

mod exhaustive;
mod laws;
mod moves;
mod properties;
mod rules;
mod sabotage;
mod scenarios;
mod script;
mod shape;
mod world;
