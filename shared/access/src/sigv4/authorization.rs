//! The `Authorization` header: its shape, and what it claims.

use http::HeaderMap;
use http::request::Parts;

use super::{Expected, Unsigned};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Headers that change what a request means, beside every `x-amz-…`.
const ALWAYS_SIGNED: &[&str] = &["host", "x-amz-date"];

/// A header in good shape. Whether it is true is another question.
#[derive(Debug)]
pub(super) struct Authorization<'a> {
    pub(super) access_key: &'a str,
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) signed_headers: Vec<&'a str>,
    pub(super) signature: [u8; 32],
}

/// Returns the one value of a header that may come once; nothing if it does not come.
pub(super) fn single<'a>(request: &'a Parts, name: &str) -> Result<Option<&'a str>, Unsigned> {
    let mut values = request.headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Unsigned::incomplete(format!("`{name}` came more than once; send it once")));
    }
    let text = value.to_str().map_err(|_| {
        Unsigned::incomplete(format!("`{name}` has characters that are not printable ASCII"))
    })?;
    Ok(Some(text))
}

/// Reads the header.
pub(super) fn read(request: &Parts) -> Result<Authorization<'_>, Unsigned> {
    let Some(header) = single(request, "authorization")? else {
        let query = request.uri.query().unwrap_or_default().to_ascii_lowercase();
        let sentence = if query.contains("x-amz-signature=") {
            "A signature in the query is not taken here; sign with the Authorization header"
        } else {
            "The request is not signed; every operation needs a signature (AWS4-HMAC-SHA256)"
        };
        return Err(Unsigned::missing(sentence));
    };
    let fields = header.strip_prefix(ALGORITHM).and_then(|rest| rest.strip_prefix(' '));
    let fields = fields.ok_or_else(|| {
        Unsigned::incomplete(format!("Authorization must begin with `{ALGORITHM} `"))
    })?;
    let [credential, signed_headers, signature] = fields_of(fields)?;
    let [access_key, date, region, service] = credential_of(credential)?;
    Ok(Authorization {
        access_key,
        date,
        region,
        service,
        signed_headers: signed_headers_of(signed_headers)?,
        signature: signature_of(signature)?,
    })
}

fn fields_of(text: &str) -> Result<[&str; 3], Unsigned> {
    const NAMES: [&str; 3] = ["Credential", "SignedHeaders", "Signature"];
    let mut values = [None; 3];
    for field in text.split(',') {
        let field = field.trim_matches(' ');
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        let place = NAMES.iter().position(|known| *known == name).ok_or_else(|| {
            Unsigned::incomplete(
                "Authorization has a field that is not Credential, SignedHeaders or Signature",
            )
        })?;
        if values[place].replace(value).is_some() {
            return Err(Unsigned::incomplete(format!(
                "Authorization has {} twice; send each field once",
                NAMES[place]
            )));
        }
    }
    let mut found = [""; 3];
    for (place, value) in values.into_iter().enumerate() {
        found[place] = value
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Unsigned::incomplete(format!("Authorization lacks {}", NAMES[place])))?;
    }
    Ok(found)
}

fn credential_of(text: &str) -> Result<[&str; 4], Unsigned> {
    let parts: Vec<&str> = text.split('/').collect();
    let wrong = || {
        Unsigned::incomplete(
            "Credential must be ACCESS-KEY/YYYYMMDD/REGION/SERVICE/aws4_request in Authorization",
        )
    };
    let [access_key, date, region, service, "aws4_request"] = parts[..] else {
        return Err(wrong());
    };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic());
    let is_date = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    if is_date && is_word(access_key) && is_word(region) && is_word(service) {
        Ok([access_key, date, region, service])
    } else {
        Err(wrong())
    }
}

fn signed_headers_of(text: &str) -> Result<Vec<&str>, Unsigned> {
    let names: Vec<&str> = text.split(';').collect();
    let is_name = |name: &&str| {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
        !name.is_empty() && name.bytes().all(is_plain)
    };
    if !names.iter().all(is_name) {
        return Err(Unsigned::incomplete(
            "SignedHeaders must be names in lower case with `;` between them",
        ));
    }
    if !names.is_sorted_by(|a, b| a < b) {
        return Err(Unsigned::incomplete("SignedHeaders must be sorted, and each name there once"));
    }
    Ok(names)
}

fn signature_of(text: &str) -> Result<[u8; 32], Unsigned> {
    let mut signature = [0; 32];
    let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    match hex::decode_to_slice(text, &mut signature) {
        Ok(()) if is_lower => Ok(signature),
        Ok(()) | Err(_) => {
            Err(Unsigned::incomplete("Signature must be 64 hexadecimal digits in lower case"))
        }
    }
}

impl Authorization<'_> {
    /// Checks that the signature is for us.
    pub(super) fn check_scope(&self, expected: &Expected<'_>) -> Result<(), Unsigned> {
        if self.service != expected.service {
            return Err(Unsigned::invalid(format!(
                "Credential should be scoped to correct service: '{}'",
                expected.service
            )));
        }
        let is_served = expected.regions.is_empty()
            || expected.regions.iter().any(|region| region == self.region);
        if !is_served {
            return Err(Unsigned::invalid(format!(
                "Credential should be scoped to a valid Region: {}",
                expected.regions.join(", ")
            )));
        }
        Ok(())
    }

    /// Checks that everything that was signed is there, and that everything that matters was signed.
    pub(super) fn check_signed_headers(&self, request: &Parts) -> Result<(), Unsigned> {
        let headers = &request.headers;
        if let Some(absent) = self.signed_headers.iter().find(|name| !headers.contains_key(**name))
        {
            return Err(Unsigned::invalid(format!(
                "SignedHeaders names `{absent}`, and the request has no such header"
            )));
        }
        // One host, one moment: two of them could mean one thing to the signer and another to us.
        for name in ALWAYS_SIGNED {
            if single(request, name)?.is_none() {
                return Err(Unsigned::incomplete(format!("The request lacks the header `{name}`")));
            }
        }
        match must_be_signed(headers).find(|name| !self.is_signed(name)) {
            None => Ok(()),
            Some(name) => Err(Unsigned::invalid(format!(
                "The header `{name}` must be signed: name it in SignedHeaders"
            ))),
        }
    }

    fn is_signed(&self, name: &str) -> bool {
        self.signed_headers.binary_search(&name).is_ok()
    }
}

fn must_be_signed(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers.keys().map(http::HeaderName::as_str).filter(|name| {
        ALWAYS_SIGNED.contains(name) || *name == "content-type" || name.starts_with("x-amz-")
    })
}
