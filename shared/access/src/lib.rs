//! Who asks, and whether they may.
//!
//! [`sigv4`] finds out who signed a request, on its raw bytes, before anything of it is parsed;
//! [`keys`] says which keys there are; [`authorize`] asks the policies whether that person may do it,
//! and hands out the only proof of it ([`Authorized`]); [`throttle`] bounds how much one key may ask;
//! [`seal`] makes tokens that only we can read; [`audit`] writes down every call.
//!
//! In the cloud, whoever has an identity of IAM gets session keys for it: [`bridge`] says which proof of
//! an identity is taken, and [`principals`] which roles it has here.
//!
//! Deliberately absent: what the operations do, and sockets; a clock and a source of chance, which
//! whoever calls us brings along.
//!
//! Start with [`sigv4`], then [`authorize`]; the policies themselves are in `policies/`.

pub mod audit;
pub mod authorize;
pub mod bridge;
pub mod keys;
pub mod principals;
mod remembered;
pub mod seal;
pub mod sigv4;
pub mod throttle;

pub use authorize::{Authorized, Authorizer};
pub use keys::{Identity, Key, Keys};
pub use principals::{Principal, Principals};
