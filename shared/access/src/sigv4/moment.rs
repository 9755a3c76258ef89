//! When a request was signed, and whether that is now.

use http::request::Parts;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::time::Timestamp;

use super::Unsigned;
use super::authorization::single;

/// How far the two clocks may be apart.
const SKEW_MINUTES_MAX: i64 = 5;

const FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// Returns `x-amz-date` as it was sent, if it is of the scope's day and near enough to now.
pub(super) fn check<'a>(
    request: &'a Parts,
    scope_date: &str,
    now: Timestamp,
) -> Result<&'a str, Unsigned> {
    let text = single(request, "x-amz-date")?.unwrap_or_default();
    let signed_at = parse(text).ok_or_else(|| {
        Unsigned::incomplete("`x-amz-date` must be a moment like 20150830T123600Z, in UTC")
    })?;
    if !text.starts_with(scope_date) {
        return Err(Unsigned::invalid(format!(
            "Date in Credential scope must be the day of x-amz-date: {scope_date} is not that of {text}"
        )));
    }
    let earliest = now.plus_minutes(-SKEW_MINUTES_MAX);
    if signed_at < earliest {
        return Err(Unsigned::invalid(format!(
            "Signature expired: {text} is now earlier than {} ({} - {SKEW_MINUTES_MAX} min.)",
            render(earliest),
            render(now),
        )));
    }
    let latest = now.plus_minutes(SKEW_MINUTES_MAX);
    if signed_at > latest {
        return Err(Unsigned::invalid(format!(
            "Signature not yet current: {text} is still later than {} ({} + {SKEW_MINUTES_MAX} min.)",
            render(latest),
            render(now),
        )));
    }
    Ok(text)
}

/// Reads `YYYYMMDD'T'HHMMSS'Z'` and nothing else.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    let is_digit = |place: usize| place == 8 || place == 15 || bytes[place].is_ascii_digit();
    if bytes[8] != b'T' || bytes[15] != b'Z' || !(0..16).all(is_digit) {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to].iter().fold(0_i16, |sum, digit| sum * 10 + i16::from(digit - b'0'))
    };
    let small = |from: usize| i8::try_from(number(from, from + 2)).ok();
    let moment =
        DateTime::new(number(0, 4), small(4)?, small(6)?, small(9)?, small(11)?, small(13)?, 0);
    let moment = TimeZone::UTC.to_timestamp(moment.ok()?).ok()?;
    Some(Timestamp::from_millis(moment.as_millisecond()))
}

fn render(moment: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(moment.millis())
        .map(|moment| moment.strftime(FORMAT).to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_one_form_only() {
        assert_eq!(parse("20150830T123600Z"), Some(Timestamp::from_millis(1_440_938_160_000)));
        assert_eq!(render(Timestamp::from_millis(1_440_938_160_000)), "20150830T123600Z");
        let wrong = [
            "",
            "20150830T123600",
            "20150830T123600z",
            "20150830 123600Z",
            "2015-08-30T12:36:00Z",
            "20151330T123600Z",
            "20150230T123600Z",
            "20150830T243600Z",
            "20150830T126000Z",
            "20150830T123660Z",
            "+0150830T123600Z",
            "20150830T123600ZZ",
            "Sun, 30 Aug 2015",
        ];
        for text in wrong {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
