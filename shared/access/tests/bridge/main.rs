//! Which proofs of an identity are taken (security §3.4), and all that is not.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

mod answers;
mod attacks;
mod question;
