//! What everybody may rely on, whatever table is underneath.

use std::sync::Arc;

use engine::{Input, decide};
use model::pipeline::Pipeline;
use model::time::Timestamp;
use store::{Commit, Error, LogKey, Retry, Store};

use crate::world::{World, execution, log, nothing, start, three_stages_four_actions, user};

#[tokio::test]
async fn a_log_without_records_has_an_empty_state_of_its_scope() {
    let world = World::new().await;
    let head = world.store.load(&log("web")).await.unwrap();
    assert_eq!(head.state, engine::State::new(engine::state::Scope::Pipeline));
    let own = LogKey::Execution("web".into(), execution(1));
    let head = world.store.load(&own).await.unwrap();
    assert_eq!(head.state, engine::State::new(engine::state::Scope::Execution));
    assert_eq!(world.store.record(&log("web"), 1).await.unwrap(), None);
}

#[tokio::test]
async fn a_table_that_is_there_is_not_created_again() {
    let world = World::new().await;
    world.store.create_table().await.unwrap();
}

#[tokio::test]
async fn what_is_committed_is_what_is_loaded() {
    let world = World::new().await;
    let web = log("web");
    let json = three_stages_four_actions("web", "SUPERSEDED");
    let defined = world.define(&web, &json).await;
    assert_eq!(defined.record().definition.as_deref(), Some(json.as_str()));
    let started = world.start(&web, 1).await;
    let mut committed = vec![defined];
    world.finish(&web, started, nothing, |turn| committed.push(turn.clone())).await;

    let newcomer = world.newcomer();
    let head = newcomer.load(&web).await.unwrap();
    assert_eq!(*head, **committed.last().unwrap().head());
    for turn in &committed {
        let sequence = turn.record().sequence;
        let read = newcomer.record(&web, sequence).await.unwrap().unwrap();
        assert_eq!(read, *turn.record(), "record {sequence}");
        assert_eq!(turn.before().state.sequence + 1, turn.head().state.sequence);
    }
    let all = newcomer.records(&web, 1, 100).await.unwrap();
    assert_eq!(all.len(), committed.len());
    assert!(all.iter().zip(&committed).all(|(read, turn)| read == turn.record()));
    let some = newcomer.records(&web, 3, 2).await.unwrap();
    assert_eq!(some.iter().map(|record| record.sequence).collect::<Vec<_>>(), [3, 4]);
}

/// Goal: two that see the same free stage never both take it. Method: 64 tasks decide on one head,
/// many times over, and all try to append.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_who_saw_the_same_head_exactly_one_appends() {
    let world = Arc::new(World::new().await);
    let web = log("web");
    let _committed = world.define(&web, &three_stages_four_actions("web", "QUEUED")).await;
    for round in 0..20 {
        let head = world.store.load(&web).await.unwrap();
        let plans = world.store.plans(&head).await.unwrap();
        let contenders = (0..64).map(|contender| {
            let (world, head, plans) = (world.clone(), head.clone(), plans.clone());
            tokio::spawn(async move {
                let input = Input::Start(start(100 * round + contender));
                let decision = decide(&head.state, &plans, &input, world.now()).unwrap();
                let turn = world.draw();
                (turn, world.store.commit(&head, &input, decision, None, turn).await.unwrap())
            })
        });
        let contenders: Vec<_> = contenders.collect();
        let mut applied = vec![];
        let mut winners = vec![];
        for contender in contenders {
            match contender.await.unwrap() {
                (turn, Commit::Applied(_)) => applied.push(turn),
                (_, Commit::Conflict(winner)) => winners.push(winner),
            }
        }
        assert_eq!(applied.len(), 1, "round {round}");
        assert_eq!(winners.len(), 63);
        for winner in winners {
            assert_eq!(winner.turn, applied[0]);
            assert_eq!(winner.sequence, head.state.sequence + 1);
            assert!(winner.input.starts_with("start "), "{}", winner.input);
        }
    }
}

#[tokio::test]
async fn a_put_repeated_after_its_answer_was_lost_is_applied_and_not_a_lost_race() {
    let world = World::new().await;
    let web = log("web");
    let _committed = world.define(&web, &three_stages_four_actions("web", "SUPERSEDED")).await;
    let head = world.store.load(&web).await.unwrap();
    let plans = world.store.plans(&head).await.unwrap();
    let input = Input::Start(start(1));
    let decision = decide(&head.state, &plans, &input, world.now()).unwrap();
    let turn = world.draw();
    let mut records = vec![];
    for _ in 0..2 {
        let commit = world.store.commit(&head, &input, decision.clone(), None, turn).await;
        let Ok(Commit::Applied(committed)) = commit else { panic!("{commit:?}") };
        assert_eq!(committed.effects(), decision.effects());
        records.push(committed.record().clone());
    }
    assert_eq!(records[0], records[1]);
    let other = world.store.commit(&head, &input, decision, None, turn + 1).await;
    assert!(matches!(other, Ok(Commit::Conflict(winner)) if winner.turn == turn));
}

#[tokio::test]
async fn a_record_that_does_not_fit_is_refused_before_it_is_written() {
    let world = World::new().await;
    let web = log("web-shop");
    let mut json = three_stages_four_actions("web-shop", "SUPERSEDED");
    let pipeline = Arc::new(Pipeline::from_declaration_json(&json).unwrap());
    json.push_str(&" ".repeat(store::append::RECORD_BYTES_MAX));
    let input = Input::Define {
        pipeline,
        secret: uuid::Uuid::from_u128(7),
        by: user(),
        expects: engine::input::Expects::Either,
    };
    let head = world.store.load(&web).await.unwrap();
    let decision = decide(&head.state, &engine::Plans::default(), &input, world.now()).unwrap();
    let before = world.embedded.meter();
    let refused = world.store.commit(&head, &input, decision, Some(&json), 1).await.unwrap_err();
    assert_eq!((&world.embedded.meter() - &before).total().requests, 0);
    assert_eq!(refused.retry(), Retry::Never);
    let message = refused.to_string();
    assert!(message.contains("web-shop") && message.contains("declaration"), "{message}");
    assert!(message.contains("358400"), "{message}");
}

#[tokio::test]
async fn a_walk_backwards_reads_no_further_than_it_is_asked() {
    let world = World::new().await;
    let web = log("web");
    let _committed = world.define(&web, &three_stages_four_actions("web", "SUPERSEDED")).await;
    for number in 1..=250 {
        let _committed = world.start(&web, number).await;
    }
    let newest = world.store.load(&web).await.unwrap();
    let before = world.embedded.meter();
    let everything = Timestamp::from_millis(0);
    let mut walk = world.newcomer().records_back(&web, everything);
    let mut expected = newest.state.sequence;
    while let Some(record) = walk.next().await.unwrap() {
        assert_eq!(record.sequence, expected);
        expected -= 1;
    }
    assert_eq!(expected, 0);
    assert_eq!((&world.embedded.meter() - &before).total().requests, 3);

    let until = world.store.record(&web, 240).await.unwrap().unwrap().at;
    let mut walk = world.newcomer().records_back(&web, until);
    let mut last = None;
    while let Some(record) = walk.next().await.unwrap() {
        last = Some(record.sequence);
    }
    assert_eq!(last, Some(240));
    assert_eq!(walk.next().await.unwrap(), None);
}

#[tokio::test]
async fn a_glance_shows_the_newest_head_that_was_seen_and_asks_nobody() {
    let world = World::new().await;
    let web = log("web");
    assert_eq!(world.store.glance(&web), None);
    let defined = world.define(&web, &three_stages_four_actions("web", "SUPERSEDED")).await;
    let started = world.start(&web, 1).await;
    let before = world.embedded.meter();
    assert_eq!(world.store.glance(&web).as_ref(), Some(started.head()));
    assert_ne!(started.head(), defined.head());
    assert_eq!(world.embedded.meter(), before);
}

#[tokio::test]
async fn a_table_that_is_missing_is_an_error_that_names_the_log() {
    let world = World::new().await;
    let elsewhere = Store::new(world.embedded.client(), "elsewhere");
    let error = elsewhere.load(&log("web")).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(error.to_string(), "failed to read the log of web");
    let Error::Request { source, .. } = error else { panic!("{error}") };
    assert!(source.to_string().contains("ResourceNotFound"), "{source}");
}

#[tokio::test]
async fn a_closed_database_is_an_error_that_may_pass() {
    let World { embedded, store, .. } = World::new().await;
    drop(embedded);
    let error = store.load(&log("web")).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Again);
}

#[tokio::test]
async fn a_missing_declaration_is_named() {
    let world = World::new().await;
    let web = log("web");
    let _committed = world.define(&web, &three_stages_four_actions("web", "SUPERSEDED")).await;
    let mut head = (*world.store.load(&web).await.unwrap()).clone();
    head.state.definition.as_mut().unwrap().record = 9;
    let message = world.store.plans(&head).await.unwrap_err().to_string();
    assert!(message.contains("record 9 of pipeline web"), "{message}");
}
