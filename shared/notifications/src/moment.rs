//! Moments and lengths of time, as people say them.

use model::time::Timestamp;

/// Reads a moment of RFC 3339.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(moment.as_millisecond()))
}

/// Returns a moment as a date and a time of day, to the minute, in UTC: readers sit in many zones.
pub(crate) fn date(moment: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(moment.millis()) {
        Ok(moment) => moment.strftime("%-d %B %Y, %H:%M UTC").to_string(),
        Err(_) => moment.to_string(),
    }
}

/// Returns a length of time in its two largest units.
pub(crate) fn length(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |whole: i64, unit: &str, rest: i64, small: &str| match rest {
        0 => format!("{whole} {unit}"),
        rest => format!("{whole} {unit} {rest} {small}"),
    };
    match () {
        () if seconds == 0 => "less than a second".to_owned(),
        () if minutes == 0 => format!("{seconds} s"),
        () if hours == 0 => two(minutes, "min", seconds % 60, "s"),
        () if days == 0 => two(hours, "h", minutes % 60, "min"),
        () if days == 1 => two(days, "day", hours % 24, "h"),
        () => two(days, "days", hours % 24, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_two_units_at_most() {
        for (millis, expected) in [
            (-5, "less than a second"),
            (999, "less than a second"),
            (1_000, "1 s"),
            (60_000, "1 min"),
            (252_000, "4 min 12 s"),
            (7_500_000, "2 h 5 min"),
            (86_400_000, "1 day"),
            (90_000_000, "1 day 1 h"),
            (604_800_000, "7 days"),
        ] {
            assert_eq!(length(millis), expected);
        }
    }

    #[test]
    fn moments_are_read_and_said() {
        let moment = read("2026-01-24T22:03:44Z").expect("a moment");
        assert_eq!(date(moment), "24 January 2026, 22:03 UTC");
        assert_eq!(read("yesterday"), None);
        assert_eq!(date(Timestamp::from_millis(i64::MAX)), format!("{}ms", i64::MAX));
    }
}
