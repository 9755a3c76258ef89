//! What the handlers do for providers that do not remember our ids, and for functions that talk to none.

mod invoking;
mod remembering;
mod sweeping;
mod world;
