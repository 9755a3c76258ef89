//! The query of a question, taken apart strictly and put together again.

use std::fmt::Write;

use super::{AUDIENCE_HEADER, NONCE_HEADER, QUERY_BYTES_MAX, Refusal};

/// The parameters that there are, in the order in which they are signed. All but the session token are
/// needed.
const NAMES: [&str; 9] = [
    "Action",
    "Version",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    SECURITY_TOKEN,
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

const SECURITY_TOKEN: &str = "X-Amz-Security-Token";

/// How long a signature in a query may say that it is good.
const EXPIRES_SECONDS_MAX: u32 = 900;

/// A query with each parameter once, decoded.
pub(super) struct Query {
    parameters: Vec<(&'static str, String)>,
}

impl Query {
    /// Takes a query apart. What is not exactly one of ours is refused.
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        if text.len() > QUERY_BYTES_MAX {
            let message = format!("`query` is longer than {QUERY_BYTES_MAX} bytes");
            return Err(Refusal::unfit(message));
        }
        let mut parameters: Vec<(&'static str, String)> = Vec::new();
        for pair in text.split('&') {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| Refusal::unfit("`query` has a parameter without a value"))?;
            let (name, value) = decode(name).zip(decode(value)).ok_or_else(|| {
                Refusal::unfit(
                    "`query` has characters that are not percent-encoded as they are signed",
                )
            })?;
            let is_there = |(known, _): &(&str, String)| known.eq_ignore_ascii_case(&name);
            if parameters.iter().any(is_there) {
                return Err(Refusal::unfit("`query` has a parameter twice"));
            }
            let known = NAMES.into_iter().find(|known| *known == name).ok_or_else(|| {
                Refusal::unfit("`query` has a parameter that the question does not need")
            })?;
            parameters.push((known, value));
        }
        let query = Self { parameters };
        query.check()?;
        Ok(query)
    }

    fn check(&self) -> Result<(), Refusal> {
        let missing = NAMES.iter().find(|name| **name != SECURITY_TOKEN && !self.has(name));
        if let Some(name) = missing {
            return Err(Refusal::unfit(format!("`query` has no {name}")));
        }
        let signed = format!("host;{AUDIENCE_HEADER};{NONCE_HEADER}");
        let wanted = [
            ("Action", "GetCallerIdentity"),
            ("Version", "2011-06-15"),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-SignedHeaders", signed.as_str()),
        ];
        for (name, value) in wanted {
            if self.get(name) != value {
                return Err(Refusal::unfit(format!("{name} in `query` must be {value}")));
            }
        }
        let signature = self.signature();
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if signature.len() != 64 || !signature.bytes().all(is_hex) {
            return Err(Refusal::unfit("X-Amz-Signature in `query` must be 64 hexadecimal digits"));
        }
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
        let token = self.get(SECURITY_TOKEN);
        if self.has(SECURITY_TOKEN) && (token.is_empty() || !token.bytes().all(is_token)) {
            return Err(Refusal::unfit("X-Amz-Security-Token in `query` is no session token"));
        }
        Ok(())
    }

    /// Checks what the signature says that it is for.
    pub(super) fn check_scope(&self, region: &str) -> Result<(), Refusal> {
        let credential = self.get("X-Amz-Credential");
        let parts: Vec<_> = credential.split('/').collect();
        let [key, date, of, service, end] = parts[..] else {
            return Err(Refusal::unfit("X-Amz-Credential in `query` has not five parts"));
        };
        let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let is_key = (16..=128).contains(&key.len()) && key.bytes().all(is_letter);
        let is_of_day = date.len() == 8 && self.date().starts_with(date);
        if !is_key || !is_of_day || service != "sts" || end != "aws4_request" {
            return Err(Refusal::unfit(
                "X-Amz-Credential in `query` must be a key, the day of X-Amz-Date, the Region, sts and \
                 aws4_request",
            ));
        }
        if of != region {
            return Err(Refusal::unfit("X-Amz-Credential in `query` is for another Region"));
        }
        Ok(())
    }

    /// Returns the parameters as they are signed: in order, and encoded in one way only.
    pub(super) fn spell(&self) -> String {
        let mut spelled = String::new();
        for name in NAMES.iter().filter(|name| self.has(name)) {
            let before = if spelled.is_empty() { "" } else { "&" };
            write!(spelled, "{before}{name}={}", encode(self.get(name)))
                .expect("a text takes what is written");
        }
        spelled
    }

    pub(super) fn date(&self) -> &str {
        self.get("X-Amz-Date")
    }

    pub(super) fn signature(&self) -> &str {
        self.get("X-Amz-Signature")
    }

    pub(super) fn expires_seconds(&self) -> Result<u32, Refusal> {
        let text = self.get("X-Amz-Expires");
        let is_number =
            (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = text.parse().ok().filter(|seconds| *seconds <= EXPIRES_SECONDS_MAX);
        seconds.filter(|_| is_number).ok_or_else(|| {
            Refusal::unfit(format!("X-Amz-Expires in `query` must be 0 to {EXPIRES_SECONDS_MAX}"))
        })
    }

    fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|(known, _)| *known == name)
    }

    fn get(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// Decodes what signers encode. A character that they would have encoded does not stand for itself here:
/// two readers could take it for two things.
fn decode(text: &str) -> Option<String> {
    let mut decoded = String::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte if is_plain(byte) || byte == b'/' => byte,
            _ => return None,
        };
        // Nothing of the question is anything but printed ASCII.
        let is_printed = byte.is_ascii_graphic();
        is_printed.then(|| decoded.push(char::from(byte)))?;
    }
    Some(decoded)
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a text takes what is written");
        }
    }
    encoded
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}
