//! The log of calls: its shape, and that nothing can be done to it unseen.

mod crashes;
mod elsewhere;
mod log;
mod shape;
mod tampering;
