//! Action runs in a few characters each, since a stage may have 50 of them.
//!
//! A run is a letter, its attempt unless that is 1, and where it matters a number behind `@`:
//! `-` not asked for, `r@250` running and asked for 250 ms before the record, `s@3` succeeded in the
//! third record after the one that started the execution, `f2` failed in the second attempt, `a`
//! abandoned. Runs are separated by blanks, and several that are equal are written once: `r@0*3`.
//!
//! Of the stages behind it an execution keeps only where the results lie. There a result is its
//! record's number, counted as above, with the attempt before an `@` unless that is 1. Stages are
//! separated by slashes: `2/4 2@7/9`.

use engine::state::{Done, Run};
use model::time::Timestamp;

/// How many equal runs a text may ask for: far more than a stage has actions (R31), and few enough
/// that a damaged row cannot fill the memory.
const EQUAL_RUNS_MAX: usize = 1000;

/// What the numbers in runs are counted from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    /// The record's own moment; times are counted backwards from it.
    pub(super) at: Timestamp,
    /// The record that started the execution; records are counted from it.
    pub(super) record: u64,
}

impl Origin {
    /// Returns how long before the record `moment` was.
    pub(super) fn millis_before(self, moment: Timestamp) -> i64 {
        self.at.millis().wrapping_sub(moment.millis())
    }

    /// Returns the moment that was so long before the record.
    pub(super) fn moment(self, millis_before: i64) -> Timestamp {
        Timestamp::from_millis(self.at.millis().wrapping_sub(millis_before))
    }

    fn records_after(self, record: u64) -> u64 {
        record.wrapping_sub(self.record)
    }

    fn record(self, records_after: u64) -> u64 {
        self.record.wrapping_add(records_after)
    }
}

/// Writes the runs of a stage.
pub(super) fn render_runs(runs: &[Run], origin: Origin) -> String {
    let equals = runs.chunk_by(PartialEq::eq).map(|equals| {
        let run = render_run(equals[0], origin);
        if equals.len() == 1 { run } else { format!("{run}*{}", equals.len()) }
    });
    equals.collect::<Vec<_>>().join(" ")
}

fn render_run(run: Run, origin: Origin) -> String {
    match run {
        Run::Pending => "-".to_owned(),
        Run::InProgress { attempt, since } => {
            render_one('r', attempt, Some(origin.millis_before(since)))
        }
        Run::Succeeded(Done { attempt, record }) => {
            render_one('s', attempt, Some(origin.records_after(record)))
        }
        Run::Failed { attempt } => render_one('f', attempt, None::<u64>),
        Run::Abandoned { attempt } => render_one('a', attempt, None::<u64>),
    }
}

/// Writes where the results of the stages lie. A stage without results is a dot, so that it differs
/// from no stage.
pub(super) fn render_results(stages: &[Vec<Done>], origin: Origin) -> String {
    let stages = stages.iter().map(|stage| {
        let results = stage.iter().map(|done| {
            let Done { attempt, record } = *done;
            let record = origin.records_after(record);
            if attempt == 1 { record.to_string() } else { format!("{attempt}@{record}") }
        });
        if stage.is_empty() { ".".to_owned() } else { results.collect::<Vec<_>>().join(" ") }
    });
    stages.collect::<Vec<_>>().join("/")
}

fn render_one(letter: char, attempt: u32, number: Option<impl ToString>) -> String {
    let attempt = if attempt == 1 { String::new() } else { attempt.to_string() };
    let number = number.map(|number| format!("@{}", number.to_string())).unwrap_or_default();
    format!("{letter}{attempt}{number}")
}

/// Reads the runs of a stage.
pub(super) fn parse_runs(text: &str, origin: Origin) -> Result<Vec<Run>, String> {
    let mut runs = Vec::new();
    for word in text.split_ascii_whitespace() {
        let (run, count) = match word.split_once('*') {
            None => (word, 1),
            Some((run, count)) => {
                let count = count.parse().ok().filter(|count| *count <= EQUAL_RUNS_MAX);
                (run, count.ok_or_else(|| format!("{word:?} is not a number of action runs"))?)
            }
        };
        runs.resize(runs.len() + count, parse_run(run, origin)?);
    }
    Ok(runs)
}

/// Reads where the results of the stages lie.
pub(super) fn parse_results(text: &str, origin: Origin) -> Result<Vec<Vec<Done>>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let stage = |stage: &str| match stage {
        "." => Ok(Vec::new()),
        results => results.split(' ').map(|word| parse_result(word, origin)).collect(),
    };
    text.split('/').map(stage).collect()
}

fn parse_result(word: &str, origin: Origin) -> Result<Done, String> {
    let wrong = || format!("{word:?} is not the place of a result");
    let (attempt, record) = word.split_once('@').unwrap_or(("1", word));
    let attempt = attempt.parse().map_err(|_| wrong())?;
    let record = origin.record(record.parse().map_err(|_| wrong())?);
    Ok(Done { attempt, record })
}

fn parse_run(word: &str, origin: Origin) -> Result<Run, String> {
    let wrong = || format!("{word:?} is not an action run");
    if word == "-" {
        return Ok(Run::Pending);
    }
    let letter = word.chars().next().ok_or_else(wrong)?;
    let rest = &word[letter.len_utf8()..];
    let (attempt, number) = match rest.split_once('@') {
        Some((attempt, number)) => (attempt, Some(number)),
        None => (rest, None),
    };
    let attempt = if attempt.is_empty() { 1 } else { attempt.parse().map_err(|_| wrong())? };
    match (letter, number) {
        ('r', Some(number)) => {
            let since = origin.moment(number.parse().map_err(|_| wrong())?);
            Ok(Run::InProgress { attempt, since })
        }
        ('s', Some(number)) => {
            let record = origin.record(number.parse().map_err(|_| wrong())?);
            Ok(Run::Succeeded(Done { attempt, record }))
        }
        ('f', None) => Ok(Run::Failed { attempt }),
        ('a', None) => Ok(Run::Abandoned { attempt }),
        (_, Some(_) | None) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Origin = Origin { at: Timestamp::from_millis(10_000), record: 40 };

    #[test]
    fn every_kind_of_run_survives() {
        let runs = [
            Run::Pending,
            Run::InProgress { attempt: 1, since: Timestamp::from_millis(9_750) },
            Run::InProgress { attempt: 1, since: Timestamp::from_millis(9_750) },
            Run::InProgress { attempt: 3, since: Timestamp::from_millis(10_001) },
            Run::Succeeded(Done { attempt: 1, record: 43 }),
            Run::Succeeded(Done { attempt: 2, record: 39 }),
            Run::Failed { attempt: 2 },
            Run::Abandoned { attempt: 1 },
        ];
        let text = render_runs(&runs, ORIGIN);
        assert_eq!(text, "- r@250*2 r3@-1 s@3 s2@18446744073709551615 f2 a");
        assert_eq!(parse_runs(&text, ORIGIN).unwrap(), runs);
        assert_eq!(parse_runs("", ORIGIN).unwrap(), []);
    }

    #[test]
    fn the_places_of_results_survive() {
        let done = |attempt, record| Done { attempt, record };
        let stages = [vec![done(1, 42)], vec![], vec![done(1, 44), done(2, 47)]];
        let text = render_results(&stages, ORIGIN);
        assert_eq!(text, "2/./4 2@7");
        assert_eq!(parse_results(&text, ORIGIN).unwrap(), stages);
        assert!(parse_results("", ORIGIN).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_run_is_named() {
        for wrong in ["x", "r", "s", "f@1", "s1@", "s@x", "é", "a-1", "a*x", "a*1001", "*", "f*"] {
            let error = parse_runs(wrong, ORIGIN).unwrap_err();
            assert!(error.contains(wrong.trim_end_matches('*')), "{error}");
        }
        for wrong in ["f2", "1@", "@1", "1  2", "1//2", "-1"] {
            assert!(parse_results(wrong, ORIGIN).is_err(), "{wrong}");
        }
    }
}
