//! The rows of job workers and of declared action types.

use engine::state::RunKey;
use model::outcome::{Failure, Outcome, Success};
use model::status::FailureType;
use model::time::Timestamp;
use store::{ActionTypeRow, Client, JobId, JobState, Progress, Queue, QueueEntry, WorkerJob};

use crate::world::{World, execution};

fn queue(value: Option<&str>) -> Queue {
    Queue { action_type: "Custom/Build/Jenkins/1".to_owned(), value: value.map(str::to_owned) }
}

fn job(number: u128) -> WorkerJob {
    let execution = execution(number);
    WorkerJob {
        pipeline: "web".into(),
        run: RunKey { execution, stage: "Build".into(), action: "Make".into(), attempt: 2 },
        queue: queue(Some("web")),
        number: 0,
        state: JobState::Queued,
        continuation_token: None,
        progress: Progress::default(),
        data: "{\"job\":\"…\"}".to_owned(),
        secrets: vec!["Password".to_owned()],
        created_at: Timestamp::from_millis(1_790_000_000_001),
        updated_at: Timestamp::from_millis(1_790_000_000_002),
        revision: 0,
    }
}

#[tokio::test]
async fn every_state_of_a_job_is_read_back_as_it_was_written() {
    let world = World::new().await;
    let holder = || ("nonce".to_owned(), "AKIDEXAMPLE".to_owned());
    let states = [
        JobState::Queued,
        {
            let (nonce, worker) = holder();
            JobState::Dispatched { nonce, worker, until: Timestamp::from_millis(7) }
        },
        {
            let (nonce, worker) = holder();
            JobState::InProgress { nonce, worker }
        },
        JobState::Done(Outcome::Succeeded(Success::default())),
        JobState::Done(Outcome::Failed(Failure::new(FailureType::JobFailed, "it broke"))),
        JobState::Closed,
    ];
    let mut written = job(1);
    for (number, state) in states.into_iter().enumerate() {
        written.state = state;
        written.number = u32::try_from(number).unwrap();
        written.continuation_token = Some(format!("t{number}"));
        written.progress = Progress {
            external_id: Some("77".to_owned()),
            external_url: Some("https://ci.example/77".to_owned()),
            summary: Some("half of it".to_owned()),
            percent: Some(50),
        };
        assert!(world.store.swap_worker_job(&written).await.unwrap());
        written.revision += 1;
        // Every job of the chain leads to the row.
        for number in [0, written.number, 900] {
            let id = JobId::of(written.run.id(), number);
            let read = world.newcomer().worker_job(id).await.unwrap();
            assert_eq!(read.as_ref(), Some(&written));
        }
    }
    assert_eq!(world.store.worker_job(job(2).id()).await.unwrap(), None);
}

#[tokio::test]
async fn of_all_who_saw_the_same_job_one_replaces_it() {
    let world = World::new().await;
    let first = job(1);
    assert!(world.store.swap_worker_job(&first).await.unwrap());
    assert!(!world.store.swap_worker_job(&first).await.unwrap(), "it is there already");
    let seen = WorkerJob { revision: 1, ..first };
    let attempts = (0..8).map(|number| {
        let (store, mut mine) = (world.newcomer(), seen.clone());
        mine.state =
            JobState::InProgress { nonce: "n".to_owned(), worker: format!("worker{number}") };
        tokio::spawn(async move { (store.swap_worker_job(&mine).await.unwrap(), mine) })
    });
    let attempts: Vec<_> = attempts.collect();
    let mut winners = Vec::new();
    for attempt in attempts {
        let (has_won, mine) = attempt.await.unwrap();
        winners.extend(has_won.then_some(mine));
    }
    assert_eq!(winners.len(), 1);
    let there = world.store.worker_job(seen.id()).await.unwrap().unwrap();
    assert_eq!(there.state, winners[0].state);
}

#[tokio::test]
async fn a_queue_has_its_own_entries_and_those_of_older_executions_first() {
    let world = World::new().await;
    let store = &world.store;
    for number in [3, 1, 2] {
        let job = job(number);
        store.put_queue_entry(&job.queue, &QueueEntry::of(&job, job.created_at)).await.unwrap();
    }
    let first = store.queue_page(&queue(Some("web")), 2, None).await.unwrap();
    let executions: Vec<_> = first.entries.iter().map(|entry| entry.execution).collect();
    assert_eq!(executions, [execution(1), execution(2)]);
    assert_eq!(first.entries[0].job, job(1).id());
    let rest = store.queue_page(&queue(Some("web")), 2, first.next).await.unwrap();
    assert_eq!(rest.entries.len(), 1);
    for other in [queue(None), queue(Some("we")), queue(Some("web2"))] {
        assert_eq!(store.queue_page(&other, 9, None).await.unwrap().entries, []);
    }
}

#[tokio::test]
async fn an_entry_that_was_written_again_is_not_taken_away_by_who_saw_the_former() {
    let world = World::new().await;
    let (store, job) = (&world.store, job(1));
    let seen = QueueEntry::of(&job, Timestamp::from_millis(100));
    let again = QueueEntry { at: Timestamp::from_millis(200), ..seen.clone() };
    store.put_queue_entry(&job.queue, &seen).await.unwrap();
    store.put_queue_entry(&job.queue, &again).await.unwrap();
    store.delete_queue_entry(&job.queue, &seen).await.unwrap();
    let left = || async { store.queue_page(&job.queue, 9, None).await.unwrap().entries };
    assert_eq!(left().await, std::slice::from_ref(&again));
    store.delete_queue_entry(&job.queue, &again).await.unwrap();
    assert_eq!(left().await, []);
    store.delete_queue_entry(&job.queue, &again).await.unwrap();
}

#[tokio::test]
async fn an_action_type_is_replaced_only_as_it_was_seen_and_listed_by_name() {
    let world = World::new().await;
    let store = &world.store;
    let row = |name: &str, client: Option<Client>| ActionTypeRow {
        name: name.to_owned(),
        definition: "{}".to_owned(),
        is_deleted: false,
        client,
        at: Timestamp::from_millis(5),
        revision: 0,
    };
    let custom = row("Custom/Build/Jenkins/1", None);
    let client = Client { id: "7d0e".to_owned(), token_digest: "ab".to_owned() };
    let partners = row("ThirdParty/Test/LoadLab/1", Some(client));
    for row in [&partners, &custom] {
        assert!(store.swap_action_type(row).await.unwrap());
        assert!(!store.swap_action_type(row).await.unwrap());
    }
    let names: Vec<_> =
        store.action_types().await.unwrap().into_iter().map(|row| row.name).collect();
    assert_eq!(names, [custom.name.clone(), partners.name.clone()]);
    let seen = store.action_type(&partners.name).await.unwrap().unwrap();
    assert_eq!(seen, ActionTypeRow { revision: 1, ..partners });

    let deleted = ActionTypeRow { is_deleted: true, revision: 1, ..custom.clone() };
    assert!(store.swap_action_type(&deleted).await.unwrap());
    assert!(!store.swap_action_type(&deleted).await.unwrap());
    let there = store.action_type(&custom.name).await.unwrap().unwrap();
    assert!(there.is_deleted);
    store.remove_action_type(&custom.name).await.unwrap();
    assert_eq!(store.action_type(&custom.name).await.unwrap(), None);
    // Pipelines are not among them, and they are not among pipelines.
    store.put_catalog(&"web".into(), Timestamp::from_millis(1)).await.unwrap();
    assert_eq!(store.action_types().await.unwrap().len(), 1);
    assert_eq!(store.list_catalog().await.unwrap().len(), 1);
}
