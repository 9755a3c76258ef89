//! What the crate promises, seen from outside: archives that people make, archives that attackers
//! make, and bytes that are written once.

mod bombs;
mod directory;
mod forge;
mod hostile;
mod round_trip;
mod scratch;
