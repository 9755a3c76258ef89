//! Moments, as values. Nobody here reads a clock.

use std::fmt;

/// A moment in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Makes a moment from milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Reads a moment in RFC 3339, as others write it; what is finer than a millisecond is left out.
    pub fn parse(text: &str) -> Option<Self> {
        let moment: jiff::Timestamp = text.parse().ok()?;
        Some(Self(moment.as_millisecond()))
    }

    /// Returns milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Returns the moment `minutes` later; the far end of time where that does not exist.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_millis(minutes.saturating_mul(60_000))
    }

    /// Returns the moment `millis` later; the far end of time where that does not exist.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Returns how many milliseconds lie between `earlier` and this moment, never less than zero.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        let millis = self.0.saturating_sub(earlier.0);
        if millis < 0 { 0 } else { millis }
    }
}

/// RFC 3339 in UTC with milliseconds, as in the events' `start-time` (E2).
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => write!(f, "{moment:.3}"),
            // Beyond the calendar there is only the number.
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_print_as_events_want_them() {
        assert_eq!(
            Timestamp::from_millis(1_698_328_179_208).to_string(),
            "2023-10-26T13:49:39.208Z"
        );
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), format!("{}ms", i64::MAX));
    }

    #[test]
    fn moments_are_read_as_others_write_them() {
        for (text, millis) in [
            ("2023-10-26T13:49:39Z", Some(1_698_328_179_000)),
            ("2023-10-26T15:49:39.208+02:00", Some(1_698_328_179_208)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("yesterday", None),
            ("2023-10-26", None),
            ("", None),
        ] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::millis), millis, "{text}");
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends_of_time() {
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(end.plus_minutes(1), end);
        assert_eq!(Timestamp::from_millis(0).millis_since(end), 0);
    }
}
