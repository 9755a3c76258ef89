//! Values as CBOR (RFC 8949), as far as Smithy's protocol uses it.
//!
//! Written by hand rather than taken from a library: a request may not claim more than it carries, may
//! not nest without end, and may not say anything that a value cannot hold, and a reader of a slice that
//! knows these rules is shorter than a library's with fences around it. Tests hold both directions
//! against another implementation.

mod read;
mod write;

pub use read::read;
pub use write::write;

/// The first three bits of an item.
mod major {
    pub(super) const POSITIVE: u8 = 0;
    pub(super) const NEGATIVE: u8 = 1;
    pub(super) const BYTES: u8 = 2;
    pub(super) const TEXT: u8 = 3;
    pub(super) const LIST: u8 = 4;
    pub(super) const MAP: u8 = 5;
    pub(super) const TAG: u8 = 6;
}

/// The tag of a moment in seconds since 1970.
const MOMENT: u64 = 1;
