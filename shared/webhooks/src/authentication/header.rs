//! Headers that decide, and therefore must come once.

use http::HeaderMap;

use super::Refusal;

/// Returns the value of a header that comes at most once and is text.
pub(super) fn once<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        // Which of two would count is the reader's whim, so neither does.
        return Err(Refusal::Repeated(name));
    }
    value.to_str().map(Some).map_err(|_| Refusal::Malformed(name))
}
