//! The simulated table sits the exam of the embedded one: the same requests of the real store, with
//! the same answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use engine::input::{Start, Trigger};
use engine::state::RunKey;
use engine::{Input, decide};
use local::embedded::Embedded;
use model::ids::{ExecutionId, PipelineName};
use model::status::{ExecutionStatus, TriggerType};
use model::time::Timestamp;
use sim::chance::{Chance, Concern};
use sim::pipelines;
use sim::table::Table;
use sim::transport;
use store::{Commit, Head, Live, LogKey, Store, Summary};
use uuid::Uuid;

/// How many requests of the store one exam makes.
const QUESTIONS: u32 = 250;

#[tokio::test]
async fn the_simulated_table_answers_as_the_embedded_one_does() {
    for seed in 0..4 {
        let embedded = Embedded::in_memory().expect("memory is there");
        let expected = Exam::new(embedded.client(), seed).await.sit().await;
        let table: Arc<Mutex<Table>> = Arc::default();
        let answers = Exam::new(transport::direct(table), seed).await.sit().await;
        for (number, (answer, expected)) in answers.iter().zip(&expected).enumerate() {
            assert_eq!(answer, expected, "seed {seed}, question {number}");
        }
        assert_eq!(answers.len(), expected.len());
    }
}

/// A store over a table, and what is asked of it.
struct Exam {
    client: Client,
    store: Store,
    chance: Chance,
    log: LogKey,
    former: Vec<Arc<Head>>,
    now: i64,
}

impl Exam {
    async fn new(client: Client, seed: u64) -> Self {
        let store = Store::new(client.clone(), "towpath");
        store.create_table().await.expect("a table can be created");
        let chance = Chance::new(seed, Concern::People);
        let log = LogKey::Pipeline("web".into());
        Self { client, store, chance, log, former: Vec::new(), now: 1_790_000_000_000 }
    }

    /// Asks everything, and returns the answers as texts.
    async fn sit(mut self) -> Vec<String> {
        let declared = pipelines::demonstration();
        let head = self.store.load(&self.log).await.expect("a log can be loaded");
        let secret = Uuid::from_u128(7);
        let input = Input::Define {
            pipeline: declared.pipeline,
            secret,
            by: "ann".to_owned(),
            expects: engine::input::Expects::Either,
        };
        let mut answers = vec![self.commit(&head, &input, Some(&declared.json), 1).await];
        for number in 0..QUESTIONS {
            self.now += 997;
            // A newcomer remembers nothing, so that every question reaches the table.
            self.store = Store::new(self.client.clone(), "towpath");
            answers.push(match self.chance.between(0, 11) {
                0..=3 => self.append(u64::from(number) + 2).await,
                4 => self.read().await,
                5 | 6 => self.watch().await,
                7 | 8 => self.claim().await,
                9 => self.summarize().await,
                10 => self.list().await,
                _ => self.catalogue().await,
            });
        }
        answers
    }

    fn execution(&mut self) -> ExecutionId {
        let number = u128::try_from(self.chance.between(1, 12)).expect("it is positive");
        ExecutionId::new(Uuid::from_u128(0x0199_f3a4_5b6c_7000_8000_0000_0000_0000 + number))
    }

    /// Appends to the newest head, or to one that is not the newest any more, perhaps twice.
    async fn append(&mut self, turn: u64) -> String {
        let head = self.store.load(&self.log).await.expect("a log can be loaded");
        self.former.push(head.clone());
        let is_stale = self.chance.happens(0.3);
        let place = self.chance.place(self.former.len());
        let head = if is_stale { self.former[place].clone() } else { head };
        let start = Start {
            execution: self.execution(),
            trigger: Trigger {
                kind: TriggerType::Webhook, detail: "é \" \\ \u{1F600}".to_owned()
            },
            variables: BTreeMap::new(),
            revisions: Vec::new(),
            absent_until: head.state.sequence,
        };
        let input = Input::Start(start);
        let first = self.commit(&head, &input, None, turn).await;
        let again = self.chance.happens(0.3);
        if !again {
            return first;
        }
        let second = self.commit(&head, &input, None, turn).await;
        format!("{first}; again: {second}")
    }

    async fn commit(
        &self,
        head: &Arc<Head>,
        input: &Input,
        definition: Option<&str>,
        turn: u64,
    ) -> String {
        let plans = self.store.plans(head).await.expect("declarations can be read");
        let now = Timestamp::from_millis(self.now);
        match decide(&head.state, &plans, input, now) {
            Ok(decision) if decision.is_empty() => "so already".to_owned(),
            Ok(decision) => {
                match self.store.commit(head, input, decision, definition, turn).await {
                    Ok(Commit::Applied(committed)) => format!("applied {:?}", committed.record()),
                    Ok(Commit::Conflict(winner)) => format!("{winner:?}"),
                    Err(error) => format!("{error:?}"),
                }
            }
            Err(rejection) => format!("{rejection}"),
        }
    }

    async fn read(&mut self) -> String {
        let newest = self.store.load(&self.log).await.expect("a log can be loaded");
        let sequence = newest.state.sequence;
        let at = u64::try_from(self.chance.between(0, 1_000)).expect("positive") % (sequence + 2);
        let one = self.store.record(&self.log, at).await;
        let some = self.store.records(&self.log, at, 3).await;
        let since = Timestamp::from_millis(self.now - self.chance.between(0, 300_000));
        let mut back = self.store.records_back(&self.log, since);
        let mut count = 0;
        while let Ok(Some(_)) = back.next().await {
            count += 1;
        }
        format!("{newest:?} {one:?} {some:?} {count} back")
    }

    async fn watch(&mut self) -> String {
        let (name, id) = (PipelineName::new("web"), self.execution());
        let shard = id.uuid().as_bytes()[15] % store::LIVE_SHARDS;
        let (stage, action) = ("Build".into(), "Compile".into());
        let run = RunKey { execution: id, stage, action, attempt: 1 };
        let done = match self.chance.between(0, 2) {
            0 => self.store.put_live(&Live::new(&name, id, 1)).await,
            1 => self.store.note_external(&name, &run, "job-1").await,
            _ => self.store.delete_live(&name, id, 1).await,
        };
        format!("{done:?} {:?}", self.store.list_live(shard).await)
    }

    async fn claim(&mut self) -> String {
        let name = PipelineName::new("web");
        let token = format!("token {}", self.chance.between(0, 4));
        let digest = if self.chance.happens(0.7) { "one" } else { "other" };
        if self.chance.happens(0.1) {
            self.now += 25 * 60 * 60_000;
        }
        let (id, now) = (self.execution(), Timestamp::from_millis(self.now));
        format!("{:?}", self.store.claim_token(&name, &token, digest, id, now).await)
    }

    async fn summarize(&mut self) -> String {
        let (execution, at) = (self.execution(), Timestamp::from_millis(self.now));
        let summary = Summary {
            execution,
            number: 3,
            version: 1,
            status: ExecutionStatus::Succeeded,
            trigger: Trigger { kind: TriggerType::Webhook, detail: "push".to_owned() },
            revisions: Vec::new(),
            sources: Vec::new(),
            started_at: at,
            updated_at: at,
            ended_at: Some(at),
            first_record: 1,
            last_record: u64::try_from(self.chance.between(2, 9)).expect("it is positive"),
            particulars: store::Particulars::default(),
        };
        format!("{:?}", self.store.put_summary(&"web".into(), &summary).await)
    }

    async fn list(&mut self) -> String {
        let limit = u32::try_from(self.chance.between(1, 4)).expect("it is positive");
        let after = self.chance.happens(0.5).then(|| self.execution());
        format!("{:?}", self.store.summaries(&"web".into(), limit, after).await)
    }

    async fn catalogue(&mut self) -> String {
        let name = PipelineName::new(["web", "api", "ops"][self.chance.place(3)]);
        let done = if self.chance.happens(0.6) {
            self.store.put_catalog(&name, Timestamp::from_millis(self.now)).await
        } else {
            self.store.remove_catalog(&name).await
        };
        format!("{done:?} {:?}", self.store.list_catalog().await)
    }
}
