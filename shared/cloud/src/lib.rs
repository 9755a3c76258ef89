//! The controller's home in AWS.
//!
//! Everything that is AWS's own and not the controller's is here: the [`settings`] that the template
//! hands to each function, one [`sdk`] configuration that all clients share, the queue that carries hints
//! ([`queue`]), and the shapes in which Lambda hands over what woke a function ([`batch`]). [`ground()`] puts an
//! [`runtime::App`] together from them; what a function then does is `runtime`'s.
//!
//! Deliberately absent: rules of pipelines, and words for people. Functions name what they need, so that
//! one that talks to no provider links none.
//!
//! Start with [`ground()`].

pub mod batch;
pub mod bus;
pub mod changes;
pub mod completions;
pub mod deliver;
pub mod ground;
pub mod hints;
pub mod notify;
pub mod postbox;
pub mod publish;
pub mod queue;
pub mod sdk;
pub mod settings;
pub mod stream;
pub mod subscribers;
pub mod sweep;
pub mod telemetry;
pub mod world;

pub use ground::ground;
pub use settings::Settings;
