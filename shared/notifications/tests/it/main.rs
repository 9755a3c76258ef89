//! What people read, in every situation and at every limit.

mod events;
mod golden;
mod hostile;
mod limits;
mod noise;
mod schema;
mod situations;
mod validator;
