//! Whether a request's head can be read in one way only.
//!
//! Stricter than HTTP asks of a server, and as strict as HTTP asks of every client: lines end with CR
//! LF, names touch their colons, nothing is folded, and the length of the body is said once, as digits,
//! or is left to chunks.

use std::fmt;
use std::str::FromStr;

use crate::Limits;

/// The header in a head of ours that says why the client's was refused. A client that sends it is
/// refused too, which is all that it can reach with it.
pub(crate) const REFUSED: &str = "towpath-refused";

/// How long a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// As long as the head says; nothing is said for none.
    Known(u64),
    /// As long as its chunks.
    Chunked,
}

/// How far a head was looked through.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scan {
    seen: usize,
}

impl Scan {
    /// Looks at what came since. Returns where the head ends and how long its body is, once it is
    /// whole; or why it is refused, as soon as that is known.
    pub(crate) fn look(
        &mut self,
        held: &[u8],
        limits: &Limits,
    ) -> Option<Result<(usize, Length), Refused>> {
        for at in self.seen..held.len() {
            if at >= limits.head_bytes_max {
                return Some(Err(Refused::TooLong));
            }
            if held[at] != b'\n' {
                continue;
            }
            if at == 0 || held[at - 1] != b'\r' {
                return Some(Err(Refused::LineEnd));
            }
            let head = &held[..=at];
            if head.ends_with(b"\r\n\r\n") || head == b"\r\n" {
                return Some(read(head, limits).map(|length| (at + 1, length)));
            }
        }
        self.seen = held.len();
        None
    }
}

/// Why a head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    LineEnd,
    Line,
    Version,
    Name,
    Folded,
    Value,
    TooMany,
    TooLong,
    Length,
    Encoding,
    LengthAndEncoding,
    Host,
}

impl Refused {
    const ALL: [(Self, &'static str, &'static str); 12] = [
        (Self::LineEnd, "line-end", "a line of the request's head does not end with CR LF"),
        (
            Self::Line,
            "line",
            "the first line is not a method, a path that begins with `/` and a version",
        ),
        (Self::Version, "version", "the request is not HTTP/1.1"),
        (
            Self::Name,
            "name",
            "a header has no name of letters, digits and hyphens before its colon",
        ),
        (Self::Folded, "folded", "a header is folded over two lines: write it on one"),
        (Self::Value, "value", "a header's value holds a control character"),
        (Self::TooMany, "too-many", "the request has too many headers"),
        (Self::TooLong, "too-long", "the request's headers are too long"),
        (Self::Length, "length", "Content-Length is not said once, as digits"),
        (Self::Encoding, "encoding", "Transfer-Encoding is not `chunked`, said once"),
        (
            Self::LengthAndEncoding,
            "length-and-encoding",
            "the request has both a Content-Length and a Transfer-Encoding: leave one out",
        ),
        (Self::Host, "host", "the request does not name its host exactly once"),
    ];

    /// Returns the head that hyper reads in the place of what the client sent. It keeps the path if
    /// that is in order, since the path says in which protocol to answer.
    pub(crate) fn instead_of(self, held: &[u8]) -> String {
        let line = held.split(|byte| *byte == b'\r' || *byte == b'\n').next().unwrap_or_default();
        let mut parts = line.split(|byte| *byte == b' ');
        let target = parts.nth(1).filter(|target| is_target(target));
        let target = target.and_then(|target| std::str::from_utf8(target).ok()).unwrap_or("/");
        let wire =
            if target.contains("/service/") { "smithy-protocol: rpc-v2-cbor\r\n" } else { "" };
        format!(
            "POST {target} HTTP/1.1\r\nhost: localhost\r\n{wire}{REFUSED}: {}\r\nconnection: close\r\n\r\n",
            self.code()
        )
    }

    /// Returns what a person is told.
    pub(crate) fn sentence(self) -> &'static str {
        self.row().2
    }

    fn code(self) -> &'static str {
        self.row().1
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        let row = Self::ALL.iter().find(|(refused, _, _)| *refused == self);
        row.expect("every reason has its line")
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Refused {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        let row = Self::ALL.iter().find(|(_, of, _)| *of == code);
        row.map(|(refused, _, _)| *refused).ok_or(())
    }
}

/// Reads a whole head, to its empty line.
fn read(head: &[u8], limits: &Limits) -> Result<Length, Refused> {
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| {
        // Every line ends with CR LF; that was seen while the end was looked for.
        line.strip_suffix(b"\r").unwrap_or(line)
    });
    check_line(lines.next().unwrap_or_default())?;
    let (mut count, mut hosts) = (0, 0);
    let (mut length, mut encoding) = (None, None);
    for line in lines.filter(|line| !line.is_empty()) {
        count += 1;
        if count > limits.headers_max {
            return Err(Refused::TooMany);
        }
        let (name, value) = split(line)?;
        match name.to_ascii_lowercase().as_slice() {
            b"host" => hosts += 1,
            b"content-length" => {
                let bytes = digits(value).filter(|_| length.is_none()).ok_or(Refused::Length)?;
                length = Some(bytes);
            }
            b"transfer-encoding" => {
                if encoding.is_some() || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Refused::Encoding);
                }
                encoding = Some(Length::Chunked);
            }
            _ => {}
        }
    }
    match (length, encoding) {
        (Some(_), Some(_)) => Err(Refused::LengthAndEncoding),
        _ if hosts != 1 => Err(Refused::Host),
        (None, Some(chunked)) => Ok(chunked),
        (length, None) => Ok(Length::Known(length.unwrap_or(0))),
    }
}

fn check_line(line: &[u8]) -> Result<(), Refused> {
    let parts: Vec<_> = line.split(|byte| *byte == b' ').collect();
    let [method, target, version] = parts.as_slice() else { return Err(Refused::Line) };
    let is_method = !method.is_empty() && method.iter().all(u8::is_ascii_uppercase);
    if !is_method || !is_target(target) {
        return Err(Refused::Line);
    }
    if *version != b"HTTP/1.1" {
        return Err(Refused::Version);
    }
    Ok(())
}

fn is_target(target: &[u8]) -> bool {
    target.starts_with(b"/") && target.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'#')
}

/// Parts a header at its colon, and takes the blanks around its value away.
fn split(line: &[u8]) -> Result<(&[u8], &[u8]), Refused> {
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return Err(Refused::Folded);
    }
    let colon = line.iter().position(|byte| *byte == b':').ok_or(Refused::Name)?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    if name.is_empty() || !name.iter().all(|byte| is_of_name(*byte)) {
        return Err(Refused::Name);
    }
    if value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        return Err(Refused::Value);
    }
    Ok((name, trimmed(value)))
}

/// Only blanks and tabs are trimmed: anything else that some reader takes for a blank must be seen.
fn trimmed(value: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !is_blank(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}
