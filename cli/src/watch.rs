//! `towpath watch`: follows an execution until it ends.

mod screen;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::arguments::client::Watch;
use crate::client::actions::{failure, log_url, place};
use crate::client::changes::Look;
use crate::client::logs::Logs;
use crate::client::words::short;
use crate::client::{Answer, Client, printing, situation, trouble};
use crate::ending::Ending;
use crate::view::text::shown;
use crate::watch::screen::Live;

/// How soon the next look follows a change.
const PAUSE_MIN: Duration = Duration::from_millis(200);

/// How soon the next look follows where nothing changes.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// How often a drawing is brought up to date, so that its times go on.
const REDRAW: Duration = Duration::from_millis(200);

/// How many of the last lines of a failed action are shown.
const TAIL_LINES: usize = 20;

/// How many looks in a row may find nobody: 30 seconds of them.
const ABSENT_LOOKS_MAX: u32 = 15;

/// How many characters an id has: 32 hexadecimal digits and 4 hyphens.
const ID_CHARACTERS: usize = 36;

/// What somebody wants of watching.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that can be typed")]
pub(crate) struct Wish {
    pub(crate) json: bool,
    pub(crate) compact: bool,
    pub(crate) exit_status: bool,
    pub(crate) no_wait: bool,
}

/// Follows the execution that is meant.
pub(crate) fn watch(options: &Watch) -> Ending {
    crate::client::ask(&options.connection, async |client| {
        let wish = Wish {
            json: options.json,
            compact: options.compact,
            exit_status: options.exit_status,
            no_wait: options.no_wait,
        };
        let (name, id) = meant(&client, options).await?;
        Box::pin(follow(&client, &name, &id, wish)).await
    })
}

/// Returns the pipeline and the execution that are meant.
async fn meant(client: &Client, options: &Watch) -> Result<(String, String), Ending> {
    let subject = &options.subject;
    let hexadecimal = subject.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if subject.len() == ID_CHARACTERS && hexadecimal {
        for pipeline in client.pipelines().await? {
            let name = pipeline.name().unwrap_or_default();
            let request = client.api.get_pipeline_execution().pipeline_name(name);
            let found = request.pipeline_execution_id(subject).send().await;
            if found.is_ok() {
                return Ok((name.to_owned(), subject.clone()));
            }
        }
        return Err(Ending::BadInput(format!(
            "no pipeline has an execution {subject}\n  `towpath history NAME` lists those of one"
        )));
    }
    let execution = client.execution(subject, options.execution.as_deref()).await?;
    Ok((subject.clone(), execution.pipeline_execution_id().unwrap_or_default().to_owned()))
}

/// Follows an execution until it ends, or until somebody interrupts.
pub(crate) async fn follow(client: &Client, name: &str, id: &str, wish: Wish) -> Answer {
    tokio::select! {
        answer = until_ended(client, name, id, wish) => answer,
        // The execution goes on; only watching ends.
        _ = tokio::signal::ctrl_c() => Ok(Ending::Stopped),
    }
}

async fn until_ended(client: &Client, name: &str, id: &str, wish: Wish) -> Answer {
    let mut told = BTreeSet::new();
    let mut live = (!wish.json && printing::is_terminal()).then(Live::new);
    let mut pause = PAUSE_MIN;
    let mut patience = Patience::default();
    loop {
        let look = match look(client, name, id).await {
            Ok(look) => look,
            Err(ending) => {
                patience.bear(client, ending)?;
                wait(PAUSE_MAX, live.as_mut()).await;
                continue;
            }
        };
        patience = Patience::default();
        let known = told.len();
        let facts = look.facts().into_iter().filter(|fact| told.insert(fact.key.clone()));
        let facts: Vec<_> = facts.collect();
        if live.is_none() {
            for fact in facts.iter().filter(|fact| !(wish.compact && fact.is_fine)) {
                match (&fact.json, wish.json) {
                    (Some(json), true) => printing::json_line(json),
                    (None, true) => {}
                    (_, false) => printing::say(&fact.line(name, id)),
                }
            }
        }
        if let Some(live) = &mut live {
            // What cannot be drawn now is drawn after the next look.
            if let Ok((situation, _)) = situation::look(client, name).await {
                live.show(situation, wish.compact);
            }
        }
        if let Some(ended) = look.ended().map(str::to_owned) {
            if let (Some(live), Some(last)) = (live, look.facts().last()) {
                drop(live);
                printing::say(&last.line(name, id));
            }
            return finish(client, name, &look, &ended, wish).await;
        }
        if let Some(waits) = look.waits_only_for_approval().filter(|_| wish.no_wait) {
            return Err(Ending::AwaitsApproval(format!(
                "{name} {} waits for an answer at {waits}\n  `towpath approve {name}` gives it",
                short(id)
            )));
        }
        pause = if told.len() > known { PAUSE_MIN } else { (pause * 5 / 4).min(PAUSE_MAX) };
        wait(pause, live.as_mut()).await;
    }
}

/// How long a server that is gone is waited for: it may be starting again.
#[derive(Debug, Default)]
struct Patience {
    looks: u32,
}

impl Patience {
    /// Bears that nobody answers, for a while; whatever else went wrong ends the watching.
    fn bear(&mut self, client: &Client, ending: Ending) -> Result<(), Ending> {
        let is_absent = trouble::is_absence(&client.place, &ending);
        if !is_absent || self.looks == ABSENT_LOOKS_MAX {
            return Err(ending);
        }
        self.looks += 1;
        Ok(())
    }
}

/// Waits for the next look; a drawing's times go on meanwhile.
async fn wait(pause: Duration, mut live: Option<&mut Live>) {
    let mut left = pause;
    while !left.is_zero() {
        let step = left.min(REDRAW);
        tokio::time::sleep(step).await;
        left -= step;
        if let Some(live) = &mut live {
            live.refresh();
        }
    }
}

/// Looks at an execution.
async fn look(client: &Client, name: &str, id: &str) -> Result<Look, Ending> {
    let (execution, attempts, state) =
        tokio::try_join!(client.now(name, id), client.attempts(name, id), client.state(name))?;
    let mut stages = state.stage_states().iter();
    let waits = stages.find(|stage| {
        let waiting = stage.inbound_executions().iter().chain(stage.inbound_execution());
        waiting.into_iter().any(|waiting| waiting.pipeline_execution_id() == id)
    });
    let waits = waits.and_then(|stage| stage.stage_name()).map(str::to_owned);
    Ok(Look { execution, attempts, waits })
}

/// Says how it ended, failures last, each with the end of its log.
async fn finish(client: &Client, name: &str, look: &Look, ended: &str, wish: Wish) -> Answer {
    let id = look.execution.pipeline_execution_id().unwrap_or_default();
    let logs = Logs::new(&client.place);
    for failed in look.failed().into_iter().filter(|_| !wish.json) {
        printing::say("");
        printing::say(&format!("✗ {} {}: {}", short(id), place(failed), failure(failed)));
        let attempt = failed.action_execution_id().unwrap_or_default();
        // What cannot be read now can be read later; how it ended matters more.
        let tail = logs.tail(attempt, TAIL_LINES).await.unwrap_or_default();
        if !tail.is_empty() {
            printing::say(&format!("  the end of `towpath logs {name} {}`:", place(failed)));
        } else if let Some(url) = log_url(failed) {
            printing::say(&format!("  its log: {}", shown(url)));
        }
        for line in tail {
            printing::say(&format!("  │ {}", shown(&line)));
        }
    }
    if !wish.exit_status {
        return Ok(Ending::Succeeded);
    }
    Ok(match ended {
        "Succeeded" => Ending::Succeeded,
        "Failed" => Ending::Failed(None),
        _ => Ending::Stopped,
    })
}
