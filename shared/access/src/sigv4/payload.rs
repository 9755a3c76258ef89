//! What a signature says about the body.

use http::request::Parts;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::authorization::single;
use super::{Claim, Unsigned};

const HEADER: &str = "x-amz-content-sha256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// The last line of the canonical request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payload(Claim);

impl Payload {
    pub(super) fn claim(self) -> Claim {
        self.0
    }

    pub(super) fn line(self) -> String {
        match self.0 {
            Claim::Sha256(digest) => hex::encode(digest),
            Claim::Unsigned => UNSIGNED.to_owned(),
        }
    }
}

/// Digests the body that came, and holds it against what the request says of it, if it says anything.
pub(super) fn of_whole_body(
    request: &Parts,
    body: &[u8],
    takes_unsigned: bool,
) -> Result<Payload, Unsigned> {
    let claim = claim(request, takes_unsigned)?;
    let digest: [u8; 32] = Sha256::digest(body).into();
    match claim {
        None => Ok(Payload(Claim::Sha256(digest))),
        Some(Claim::Unsigned) => Ok(Payload(Claim::Unsigned)),
        Some(Claim::Sha256(claimed)) if bool::from(claimed.ct_eq(&digest)) => {
            Ok(Payload(Claim::Sha256(digest)))
        }
        Some(Claim::Sha256(_)) => Err(Unsigned::invalid(format!(
            "`{HEADER}` is not the SHA-256 of the body that came with it"
        ))),
    }
}

/// Takes the request's word for the body, which is still to come.
pub(super) fn claimed(request: &Parts, takes_unsigned: bool) -> Result<Payload, Unsigned> {
    let claim = claim(request, takes_unsigned)?;
    claim.map(Payload).ok_or_else(|| {
        Unsigned::incomplete(format!("The request must say the SHA-256 of its body in `{HEADER}`"))
    })
}

fn claim(request: &Parts, takes_unsigned: bool) -> Result<Option<Claim>, Unsigned> {
    let Some(text) = single(request, HEADER)? else { return Ok(None) };
    if text == UNSIGNED && takes_unsigned {
        return Ok(Some(Claim::Unsigned));
    }
    if text == UNSIGNED || text.starts_with("STREAMING-") {
        return Err(Unsigned::invalid(format!(
            "`{HEADER}: {UNSIGNED}` and the streaming forms are not taken here; sign the body"
        )));
    }
    let mut digest = [0; 32];
    let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    match hex::decode_to_slice(text, &mut digest) {
        Ok(()) if is_lower => Ok(Some(Claim::Sha256(digest))),
        Ok(()) | Err(_) => Err(Unsigned::incomplete(format!(
            "`{HEADER}` must be 64 hexadecimal digits in lower case"
        ))),
    }
}
