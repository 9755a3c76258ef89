//! `towpath logs`: what actions print.

use std::time::Duration;

use aws_sdk_codepipeline::types::ActionExecutionDetail;
use serde_json::json;

use crate::arguments::client::Logs as Options;
use crate::client::actions::{failure, is_approval, log_url, place, status};
use crate::client::choose::parse_place;
use crate::client::logs::Logs;
use crate::client::words::{action_mark, execution_mark, moment, short};
use crate::client::{Answer, Client, printing};
use crate::ending::Ending;
use crate::view::board::lane::Mark;
use crate::view::lines::sign;
use crate::view::text::{duration, shown};

/// How soon the next look follows one that brought something.
const PAUSE_MIN: Duration = Duration::from_millis(200);

/// How soon the next look follows one that brought nothing.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Prints what actions printed.
pub(crate) fn logs(options: &Options) -> Ending {
    crate::client::ask(&options.connection, async |client| {
        tokio::select! {
            answer = go(&client, options) => answer,
            _ = tokio::signal::ctrl_c() => Ok(Ending::Stopped),
        }
    })
}

async fn go(client: &Client, options: &Options) -> Answer {
    let name = &options.name;
    let wanted = options.action.as_deref().map(parse_place).transpose()?;
    let execution = client.execution(name, options.execution.as_deref()).await?;
    let id = execution.pipeline_execution_id().unwrap_or_default();
    let mut reader = Reader::new(client, options);
    let mut pause = PAUSE_MIN;
    loop {
        // How it ended is asked before what was printed, so that nothing is missed.
        let mark = execution_mark(client.now(name, id).await?.status());
        let mut attempts = client.attempts(name, id).await?;
        attempts.retain(|attempt| {
            let (stage, action) = (attempt.stage_name(), attempt.action_name());
            wanted.is_none_or(|(of, name)| stage == Some(of) && action == Some(name))
                && !(options.failed && status(attempt) != "Failed")
        });
        let brought = reader.read(&attempts, short(id)).await?;
        if !options.follow || mark != Mark::Running {
            return Ok(reader.conclude(name, id));
        }
        pause = if brought { PAUSE_MIN } else { (pause * 5 / 4).min(PAUSE_MAX) };
        tokio::time::sleep(pause).await;
    }
}

/// Reads the logs of attempts, and knows how far it has come.
struct Reader<'a> {
    logs: Logs<'a>,
    options: &'a Options,
    logs_read: Vec<Read>,
    /// The attempt whose lines were printed last.
    current: Option<String>,
}

/// How far a log is read.
struct Read {
    attempt: String,
    offset: u64,
    /// The last line, as long as its end is missing.
    rest: String,
    has_ended: bool,
    /// It is somewhere else, and where was said.
    is_elsewhere: bool,
}

impl<'a> Reader<'a> {
    fn new(client: &'a Client, options: &'a Options) -> Self {
        Self { logs: Logs::new(&client.place), options, logs_read: Vec::new(), current: None }
    }

    /// Prints what is new, and returns whether there was any.
    async fn read(
        &mut self,
        attempts: &[ActionExecutionDetail],
        execution: &str,
    ) -> Result<bool, Ending> {
        let mut brought = false;
        // Nothing runs while somebody is asked, but a "no" is a failure like any other.
        let is_told =
            |attempt: &&ActionExecutionDetail| self.options.failed || !is_approval(attempt);
        for attempt in attempts.iter().filter(is_told) {
            let id = attempt.action_execution_id().unwrap_or_default();
            let index = self.logs_read.iter().position(|read| read.attempt == id);
            let index = index.unwrap_or_else(|| self.begin(attempt, execution, id));
            self.logs_read[index].has_ended |= is_approval(attempt);
            while !self.logs_read[index].has_ended {
                let read = &mut self.logs_read[index];
                let Some(piece) = self.logs.read(id, read.offset).await? else {
                    self.elsewhere(attempt, execution, index);
                    break;
                };
                let is_new = piece.next > read.offset;
                (read.offset, read.has_ended) = (piece.next, piece.has_ended);
                brought |= is_new;
                self.print(attempt, execution, index, &piece.text, piece.has_ended);
                if !is_new {
                    break;
                }
            }
            // Nobody waits for the end of an unfinished line.
            if !self.options.follow {
                self.print(attempt, execution, index, "", true);
            }
        }
        Ok(brought)
    }

    /// Begins to read the log of an attempt. One that failed before it printed anything is named too.
    fn begin(&mut self, attempt: &ActionExecutionDetail, execution: &str, id: &str) -> usize {
        let rest = String::new();
        let attempt_id = id.to_owned();
        self.logs_read.push(Read {
            attempt: attempt_id,
            offset: 0,
            rest,
            has_ended: false,
            is_elsewhere: false,
        });
        if self.options.failed && !self.options.json {
            self.head(attempt, execution);
        }
        self.logs_read.len() - 1
    }

    /// Prints complete lines; the rest is kept until its end comes, or nothing follows.
    fn print(
        &mut self,
        attempt: &ActionExecutionDetail,
        execution: &str,
        index: usize,
        text: &str,
        is_last: bool,
    ) {
        if self.options.json {
            if !text.is_empty() {
                printing::json_line(&json!({
                    "actionExecutionId": attempt.action_execution_id(),
                    "stageName": attempt.stage_name(),
                    "actionName": attempt.action_name(),
                    "text": text,
                }));
            }
            return;
        }
        let rest = std::mem::take(&mut self.logs_read[index].rest);
        let text = rest + text;
        let end = if is_last { text.len() } else { text.rfind('\n').map_or(0, |end| end + 1) };
        let (complete, rest) = text.split_at(end);
        if !complete.is_empty() {
            self.head(attempt, execution);
        }
        for line in complete.lines() {
            printing::say(&shown(line));
        }
        rest.clone_into(&mut self.logs_read[index].rest);
    }

    /// Says where the log of an attempt is that the server does not keep.
    fn elsewhere(&mut self, attempt: &ActionExecutionDetail, execution: &str, index: usize) {
        let url = log_url(attempt);
        // It may be known a little later.
        if url.is_none() && action_mark(attempt.status()) == Mark::Running {
            return;
        }
        let read = &mut self.logs_read[index];
        (read.has_ended, read.is_elsewhere) = (true, true);
        if self.options.json {
            printing::json_line(&json!({
                "actionExecutionId": attempt.action_execution_id(),
                "stageName": attempt.stage_name(),
                "actionName": attempt.action_name(),
                "url": url,
            }));
            return;
        }
        self.head(attempt, execution);
        match url {
            Some(url) => printing::say(&format!("  its log: {}", shown(url))),
            None => printing::say("  it has no log that this server knows of"),
        }
    }

    /// Says whose lines follow, unless that is clear.
    fn head(&mut self, attempt: &ActionExecutionDetail, execution: &str) {
        let id = attempt.action_execution_id().unwrap_or_default();
        if self.options.action.is_some() || self.current.as_deref() == Some(id) {
            return;
        }
        if self.current.is_some() {
            printing::say("");
        }
        self.current = Some(id.to_owned());
        let mark = action_mark(attempt.status());
        let ended = moment(attempt.last_update_time()).filter(|_| mark != Mark::Running);
        let took = moment(attempt.start_time()).zip(ended);
        let took = took.map_or_else(String::new, |(since, until)| {
            format!("  {}", duration(until.millis_since(since)))
        });
        let failure = failure(attempt);
        let failed = mark == Mark::Failed && !failure.is_empty();
        let failure = if failed { format!("  {failure}") } else { String::new() };
        printing::say(&format!("{} {execution} {}{took}{failure}", sign(mark), place(attempt)));
    }

    /// Says so if nothing was printed.
    fn conclude(self, name: &str, execution: &str) -> Ending {
        let has_failed = self.options.failed && !self.logs_read.is_empty();
        let has_printed =
            has_failed || self.logs_read.iter().any(|read| read.offset > 0 || read.is_elsewhere);
        if has_printed || self.options.json {
            return Ending::Succeeded;
        }
        let id = short(execution);
        let what = match (&self.options.action, self.options.failed) {
            (_, true) => format!("no action of {name} {id} has failed"),
            (Some(place), false) => format!("{place} of {name} {id} has printed nothing yet"),
            (None, false) => format!("{name} {id} has printed nothing yet"),
        };
        printing::say(&what);
        Ending::Succeeded
    }
}
