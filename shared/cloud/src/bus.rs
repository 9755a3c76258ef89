//! Puts events onto a bus of EventBridge.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_types::DateTime;
use aws_types::SdkConfig;
use events::Event;
use tokio::time::{Duration, sleep};

/// How many entries one request takes.
const ENTRIES_MAX: usize = 10;
/// How many bytes the entries of one request may have together (E6).
const BYTES_MAX: usize = 256 * 1024;
/// How many bytes EventBridge counts for an entry's time.
const TIME_BYTES: usize = 14;
/// How often the same entries are tried before they go back to the stream.
const TRIES_MAX: u32 = 4;
/// How long to wait before the second try at most; each further one may take twice as long.
const WAIT_MILLIS: u64 = 100;

/// A bus, and how its events are laid out.
#[derive(Clone, Debug)]
pub struct Bus {
    client: Client,
    name: String,
    has_marks: bool,
    wait_millis: u64,
}

impl Bus {
    /// Takes a bus by its name. With `has_marks`, each detail carries the event's number.
    pub fn new(own: &SdkConfig, name: impl Into<String>, has_marks: bool) -> Self {
        let client = Client::new(own);
        Self { client, name: name.into(), has_marks, wait_millis: WAIT_MILLIS }
    }

    /// Says how long to wait before a second try at most.
    #[must_use]
    pub fn waiting_millis(self, wait_millis: u64) -> Self {
        Self { wait_millis, ..self }
    }

    /// Puts events onto the bus in their order. Answers how many of them there are in front of the first
    /// one that could not be put there; of those behind it, some may be there as well.
    pub async fn put(&self, events: &[&Event]) -> usize {
        let entries: Vec<_> = events.iter().map(|event| self.entry(event)).collect();
        let mut done = 0;
        while done < entries.len() {
            let some = &entries[done..done + fitting(&entries[done..])];
            let published = self.put_some(some).await;
            done += published;
            if published < some.len() {
                break;
            }
        }
        done
    }

    fn entry(&self, event: &Event) -> PutEventsRequestEntry {
        let detail = if self.has_marks { event.marked_detail_json() } else { event.detail_json() };
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(&event.source)
            .detail_type(event.detail_type())
            .detail(detail)
            .time(DateTime::from_secs(event.at.millis().div_euclid(1000)))
            .set_resources(Some(event.resources.clone()))
            .build()
    }

    /// Puts the entries of one request, and those that EventBridge turns away again, in order.
    async fn put_some(&self, entries: &[PutEventsRequestEntry]) -> usize {
        let mut left: Vec<usize> = (0..entries.len()).collect();
        for attempt in 1..=TRIES_MAX {
            left = self.try_once(entries, left).await;
            if left.is_empty() || attempt == TRIES_MAX {
                break;
            }
            sleep(self.pause(attempt)).await;
        }
        left.first().copied().unwrap_or(entries.len())
    }

    /// Returns those that were turned away.
    async fn try_once(&self, entries: &[PutEventsRequestEntry], left: Vec<usize>) -> Vec<usize> {
        let some = left.iter().map(|index| entries[*index].clone()).collect();
        let answer = match self.client.put_events().set_entries(Some(some)).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let error = aws_smithy_types::error::display::DisplayErrorContext(error);
                tracing::warn!(bus = self.name, %error, "no event was taken");
                return left;
            }
        };
        // The request as a whole succeeds even when every single entry fails, so each answer is read.
        // One that is missing is as good as a failure.
        let results = answer.entries();
        let is_there = |place: usize| results.get(place).is_some_and(|it| it.event_id().is_some());
        for result in results.iter().filter(|result| result.event_id().is_none()) {
            let (code, message) = (result.error_code(), result.error_message());
            tracing::warn!(bus = self.name, ?code, ?message, "an event was turned away");
        }
        left.into_iter()
            .enumerate()
            .filter(|(place, _)| !is_there(*place))
            .map(|(_, it)| it)
            .collect()
    }

    /// Waits for a time of chance, so that those who failed together do not come back together.
    fn pause(&self, attempt: u32) -> Duration {
        let most = self.wait_millis.saturating_mul(1 << attempt.saturating_sub(1).min(8));
        Duration::from_millis(rand::random_range(0..=most))
    }
}

/// Returns how many of the entries fit into one request; one at least, since an event is made to fit.
fn fitting(entries: &[PutEventsRequestEntry]) -> usize {
    let mut bytes = 0;
    let fits = |entry: &&PutEventsRequestEntry| {
        bytes += size_bytes(entry);
        bytes <= BYTES_MAX
    };
    entries.iter().take(ENTRIES_MAX).take_while(fits).count().clamp(1, ENTRIES_MAX)
}

/// Returns the size of an entry as EventBridge counts it.
fn size_bytes(entry: &PutEventsRequestEntry) -> usize {
    let texts = [entry.source(), entry.detail_type(), entry.detail()];
    let texts: usize = texts.into_iter().flatten().map(str::len).sum();
    let resources: usize = entry.resources().iter().map(String::len).sum();
    TIME_BYTES + texts + resources
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(bytes: usize) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder().detail("x".repeat(bytes - TIME_BYTES)).build()
    }

    #[test]
    fn a_request_takes_ten_entries_and_a_quarter_of_a_megabyte() {
        // E6.
        assert_eq!(fitting(&vec![entry(100); 11]), 10);
        assert_eq!(fitting(&vec![entry(BYTES_MAX / 4); 5]), 4);
        assert_eq!(fitting(&[entry(BYTES_MAX), entry(20)]), 1);
        assert_eq!(fitting(&[entry(BYTES_MAX + 1), entry(20)]), 1, "it is tried all the same");
    }
}
