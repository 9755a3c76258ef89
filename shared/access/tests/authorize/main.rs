//! Policies: who may do what, and that nobody may more than that.

mod approvals;
mod laws;
mod matrix;
mod people;
mod refused;
mod speed;
