//! Signatures: those of AWS's own signer are taken, and nothing that differs from them by a byte.

mod cases;
mod mutations;
mod refusals;
mod signer;
