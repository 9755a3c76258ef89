//! How fast the API answers, next to another server that speaks it, in the same run.
//!
//! The server is the program that is shipped, in a process of its own, over a data directory on the
//! disk; the requests are signed and go over loopback. What they ask about grows from one execution to
//! 100 000 while we look, because a figure that is good on an empty store says little. The reference is
//! `moto_server`, for the operations that it has.
//!
//! - [`servers`] starts both, [`connection`] and [`request`] speak to them, [`load`] keeps requests in
//!   flight, [`stock`] makes the pipelines that are asked about, [`figures`] takes and prints.

pub mod connection;
pub mod figures;
pub mod load;
pub mod request;
pub mod servers;
pub mod stock;
