//! What people are told of a log.

use runtime::approval_link::{Target, opened_by};
use serde_json::Value;

use crate::world::{PAGES, World};

#[tokio::test]
async fn a_failure_is_told_once_with_its_cause_and_what_it_brings() {
    let world = World::new("SUPERSEDED").await;
    let id = world.start().await;
    world.advance(id, "Compile").await;
    world.report(id, "Compile", Some("error[E0308]: mismatched types\nsrc/rounding.rs:12")).await;
    world.tell_new(&[]).await;

    let published = world.wire.published();
    assert_eq!(published.len(), 1, "{:?}", world.wire.subjects());
    let told = &published[0];
    assert_eq!(
        told.subject,
        "[payments] #1 FAILED in Build/Compile: error[E0308]: mismatched types"
    );
    let mail = told.text("email");
    assert!(
        mail.contains("CodeBuild: error[E0308]: mismatched types\n  src/rounding.rs:12"),
        "{mail}"
    );
    assert!(mail.contains("by ana, from main"), "{mail}");
    assert!(mail.contains("https://example.com/"), "{mail}");
    let machine: Value = serde_json::from_str(told.text("default")).unwrap();
    assert_eq!(machine["detail"]["state"], "FAILED");
    for (name, value) in [
        ("pipeline", "payments"),
        ("stage", "Build"),
        ("action", "Compile"),
        ("level", "execution"),
        ("state", "FAILED"),
        ("severity", "error"),
        ("branch", "main"),
        ("meaning", "failed"),
    ] {
        assert_eq!(told.attribute(name), Some(value), "{name}");
    }
    assert!(serde_json::from_str::<Value>(told.text("https")).unwrap()["source"] == "custom");
}

/// Goal: buses and queues may deliver anything again, in any order and in any batch (S21).
#[tokio::test]
async fn doubled_and_reordered_deliveries_make_one_message_for_each_meaning() {
    let world = World::new("SUPERSEDED").await;
    let id = world.start().await;
    world.advance(id, "Sign-off").await;
    world.answer(id, true, "fine").await;
    world.report(id, "Deploy", None).await;
    let events = world.events(&[]).await;
    let mut deliveries = events.clone();
    deliveries.extend(events.iter().rev().cloned());
    deliveries.extend(events.iter().cloned());
    for bodies in deliveries.chunks(7) {
        world.tell(bodies).await;
    }
    let mut subjects = world.wire.subjects();
    subjects.sort();
    assert_eq!(
        subjects,
        [
            "[payments] #1 APPROVAL NEEDED at Prod/Sign-off: Release to all?",
            "[payments] #1 approved at Prod/Sign-off: fine",
            &format!("[payments] #1 succeeded: {}", commit_of(&world)),
        ]
    );
}

fn commit_of(world: &World) -> String {
    let mails = world.wire.published();
    let mail = mails.iter().find(|it| it.subject.contains("succeeded")).expect("a success");
    let line = mail.text("email").lines().find(|line| line.contains("Change ")).expect("a change");
    line.split("  ").find(|part| part.starts_with("Change ")).expect("a message").to_owned()
}

#[tokio::test]
async fn of_two_deliveries_at_once_one_tells_and_the_other_comes_again() {
    let world = World::new("SUPERSEDED").await;
    let id = world.start().await;
    world.report(id, "Commit", Some("no such branch")).await;
    let events = world.events(&[]).await;
    let (one, other) = tokio::join!(world.tell(&events), world.tell(&events));
    assert_eq!(world.wire.published().len(), 1, "{:?}", world.wire.subjects());
    let back = one.batch_item_failures.len() + other.batch_item_failures.len();
    assert!(back <= 1, "whoever came second waits: {one:?} {other:?}");
    // It is told by now, so the second delivery leaves the queue.
    let again = world.tell(&events).await;
    assert!(again.batch_item_failures.is_empty(), "{again:?}");
    assert_eq!(world.wire.published().len(), 1);
}

#[tokio::test]
async fn what_the_topic_does_not_take_is_told_at_the_next_delivery() {
    let world = World::new("SUPERSEDED").await;
    let id = world.start().await;
    world.report(id, "Commit", Some("no such branch")).await;
    let events = world.events(&[]).await;
    world.wire.fail_topic(1);
    let unfinished = world.tell(&events).await;
    assert_eq!(unfinished.batch_item_failures.len(), 1, "only what means something goes back");
    assert!(world.wire.published().is_empty());
    let again = world.tell(&events).await;
    assert!(again.batch_item_failures.is_empty());
    assert_eq!(
        world.wire.published().len(),
        1,
        "at once, without waiting for the claim to run out"
    );
}

/// Goal: nothing is lost when a process dies between claiming and telling.
#[tokio::test]
async fn what_a_dead_process_claimed_is_told_by_another_once_the_claim_has_run_out() {
    let world = World::new("SUPERSEDED").await;
    let id = world.start().await;
    world.report(id, "Commit", Some("no such branch")).await;
    let now = world.app.world.now();
    let until = now.plus_millis(45_000);
    world.app.store.claim_notice(&id.to_string(), "failed#1", now, until).await.unwrap();
    let events = world.events(&[]).await;
    world.wait(30);
    assert_eq!(world.tell(&events).await.batch_item_failures.len(), 1);
    assert!(world.wire.published().is_empty());
    world.wait(30);
    assert!(world.tell(&events).await.batch_item_failures.is_empty());
    assert_eq!(world.wire.published().len(), 1);
}

/// Goal: the link of a mail opens the approval that it was sent for, and nothing once that is over (security §5.2).
#[tokio::test]
async fn the_link_in_a_mail_opens_the_approval_until_it_is_answered() {
    let world = World::new("SUPERSEDED").await;
    let id = world.start().await;
    world.advance(id, "Sign-off").await;
    world.tell_new(&[]).await;
    let published = world.wire.published();
    let mail = published[0].text("email");
    let link = mail.lines().find_map(|line| line.trim().strip_prefix(PAGES)).expect("a link");
    let (path, token) = link.split_once('#').expect("a token behind the hash");
    let target = Target::read(path).expect("a path of an approval");
    let open = opened_by(&world.app, &target, token).await.unwrap();
    assert_eq!(open.expect("it opens").run, world.run_of(id, "Sign-off").await);
    assert!(opened_by(&world.app, &target, "wrong").await.unwrap().is_none());

    assert!(
        mail.contains("Release to all?") && mail.contains("https://staging.example.com"),
        "{mail}"
    );
    assert!(!published[0].text("default").contains(token), "machines do not answer");
    assert_eq!(published[0].attribute("severity"), Some("action-needed"));
    assert_eq!(published[0].attribute("level"), Some("approval"));

    world.answer(id, false, "not before Monday").await;
    assert!(opened_by(&world.app, &target, token).await.unwrap().is_none(), "it was answered");
    world.tell_new(&[]).await;
    // The answer and the end that follows from it are one message.
    let subjects = world.wire.subjects();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert_eq!(subjects[1], "[payments] #1 REJECTED at Prod/Sign-off: not before Monday");

    // The same approval, asked again, has a link of its own.
    world.retry(id, "Prod").await;
    assert!(opened_by(&world.app, &target, token).await.unwrap().is_none(), "another attempt");
}

/// Who answers and asks again by a program does so within a second, and an event's time has no more than seconds.
#[tokio::test]
async fn an_approval_that_is_asked_again_within_a_second_is_told_with_its_own_link() {
    let world = World::new("SUPERSEDED").await;
    let id = world.start().await;
    world.advance(id, "Sign-off").await;
    let asked = world.events(&[]).await.pop().expect("the approval is asked for");
    world.answer(id, false, "no").await;
    world.retry(id, "Prod").await;
    let is_asking = |body: &String| body.contains("Sign-off") && body.contains("\"STARTED\"");
    let again = world.events(&[]).await.into_iter().find(is_asking).expect("it is asked again");
    let read = |body: &str| serde_json::from_str::<serde_json::Value>(body).unwrap();
    let mut again = read(&again);
    again["time"] = read(&asked)["time"].clone();
    world.tell(&[again.to_string()]).await;
    let published = world.wire.published();
    let mail = published[0].text("email");
    let link = mail.lines().find_map(|line| line.trim().strip_prefix(PAGES)).expect("a link");
    let (path, token) = link.split_once('#').expect("a token behind the hash");
    let target = Target::read(path).expect("a path of an approval");
    let open = opened_by(&world.app, &target, token).await.unwrap();
    assert_eq!(open.expect("it opens").run, world.run_of(id, "Sign-off").await);
}

#[tokio::test]
async fn a_link_is_dead_once_its_execution_is_stopped_or_nobody_answered() {
    for is_stopped in [true, false] {
        let world = World::new("QUEUED").await;
        let id = world.start().await;
        world.advance(id, "Sign-off").await;
        world.tell_new(&[]).await;
        let published = world.wire.published();
        let mail = published[0].text("email");
        let link = mail.lines().find_map(|line| line.trim().strip_prefix(PAGES)).expect("a link");
        let (path, token) = link.split_once('#').expect("a token behind the hash");
        let target = Target::read(path).expect("a path");
        if is_stopped {
            world.stop(id, true, "wrong commit").await;
        } else {
            world.wait(8 * 24 * 3_600);
            world.tick(id).await;
        }
        assert!(opened_by(&world.app, &target, token).await.unwrap().is_none(), "{is_stopped}");
        world.tell_new(&[]).await;
        let subjects = world.wire.subjects();
        let expected = if is_stopped {
            "[payments] #1 stopped in Prod: wrong commit"
        } else {
            "[payments] #1 NO ANSWER at Prod/Sign-off: nobody answered in time"
        };
        assert_eq!(subjects[1..], [expected]);
    }
}

#[tokio::test]
async fn the_first_success_after_failures_says_so_and_lists_what_came_since() {
    let world = World::new("QUEUED").await;
    let good = world.start().await;
    world.advance(good, "end").await;
    for _ in 0..2 {
        let bad = world.start().await;
        world.advance(bad, "Compile").await;
        world.report(bad, "Compile", Some("it leaks")).await;
    }
    let last = world.start().await;
    world.advance(last, "end").await;
    world.tell_new(&[]).await;
    let published = world.wire.published();
    let told = published.iter().find(|it| it.text("email").contains("works again")).expect("told");
    let mail = told.text("email");
    assert!(mail.contains("#4 works again"), "{mail}");
}

#[tokio::test]
async fn who_waits_and_who_gave_way_are_named() {
    let world = World::new("SUPERSEDED").await;
    let first = world.start().await;
    world.advance(first, "Sign-off").await;
    for _ in 0..2 {
        let next = world.start().await;
        world.report(next, "Commit", None).await;
        world.report(next, "Compile", None).await;
    }
    world.tell_new(&[]).await;
    let subjects = world.wire.subjects();
    assert!(
        subjects.iter().any(|it| it == "[payments] #2 gave way to #3 before Prod"),
        "{subjects:?}"
    );
    let published = world.wire.published();
    let asked = published.iter().find(|it| it.subject.contains("APPROVAL")).expect("it was asked");
    assert!(asked.text("email").contains("#3 waits before Prod."), "{}", asked.text("email"));
}

#[tokio::test]
async fn executions_of_a_parallel_pipeline_are_told_from_their_own_logs() {
    let world = World::new("PARALLEL").await;
    let id = world.start().await;
    world.report(id, "Commit", None).await;
    world.report(id, "Compile", Some("it leaks")).await;
    world.tell_new(&[id]).await;
    assert_eq!(world.wire.subjects(), ["[payments] #1 FAILED in Build/Compile: it leaks"]);
}

#[tokio::test]
async fn a_retry_and_what_comes_of_it_are_told_for_themselves() {
    let world = World::new("SUPERSEDED").await;
    let id = world.start().await;
    world.report(id, "Commit", None).await;
    world.report(id, "Compile", Some("it leaks")).await;
    world.tell_new(&[]).await;
    world.retry(id, "Build").await;
    world.tell_new(&[]).await;
    world.report(id, "Compile", Some("it leaks still")).await;
    world.tell_new(&[]).await;
    assert_eq!(
        world.wire.subjects(),
        [
            "[payments] #1 FAILED in Build/Compile: it leaks",
            "[payments] #1 runs again, attempt 2",
            "[payments] #1 FAILED in Build/Compile: it leaks still",
        ]
    );
    let published = world.wire.published();
    assert!(published[1].text("email").contains("ana let it go on"));
    assert!(published[2].text("email").contains("This is attempt 2."));
}

/// Goal: an event alone changes nothing in what people believe (security B4).
#[tokio::test]
async fn what_the_log_does_not_know_is_not_told() {
    let world = World::new("SUPERSEDED").await;
    let id = world.start().await;
    world.report(id, "Commit", None).await;
    let events = world.events(&[]).await;
    let started: Value = serde_json::from_str(&events[0]).unwrap();
    for (execution, state) in [
        (id.to_string(), "SUCCEEDED"),
        (id.to_string(), "FAILED"),
        ("019bf1c4-8f00-7000-8000-000000000412".to_owned(), "FAILED"),
    ] {
        let mut forged = started.clone();
        forged["detail"]["execution-id"] = Value::from(execution);
        forged["detail"]["state"] = Value::from(state);
        let unfinished = world.tell(&[forged.to_string()]).await;
        assert!(unfinished.batch_item_failures.is_empty(), "it does not come again either");
    }
    assert!(world.wire.published().is_empty(), "{:?}", world.wire.subjects());
}

#[tokio::test]
async fn what_nobody_can_read_goes_to_the_dead_letters_and_holds_nobody_up() {
    let world = World::new("SUPERSEDED").await;
    let id = world.start().await;
    world.report(id, "Commit", Some("no such branch")).await;
    let mut bodies = world.events(&[]).await;
    bodies.insert(0, "{".to_owned());
    bodies.push(r#"{"detail-type":"Something Else"}"#.to_owned());
    let unfinished = world.tell(&bodies).await;
    let back: Vec<_> =
        unfinished.batch_item_failures.iter().map(|it| &it.item_identifier).collect();
    assert_eq!(back, ["m0", &format!("m{}", bodies.len() - 1)]);
    assert_eq!(world.wire.published().len(), 1);
}

/// Goal: a storm is read by people, so it is few messages.
#[tokio::test]
async fn a_storm_makes_one_message_for_each_batch_and_tells_each_execution_once() {
    let world = World::new("PARALLEL").await;
    let mut own = Vec::new();
    for _ in 0..40 {
        let id = world.start().await;
        world.report(id, "Commit", Some("the host of the code is down")).await;
        own.push(id);
    }
    let events = world.events(&own).await;
    let mut deliveries: Vec<_> =
        events.iter().filter(|it| it.contains("\"FAILED\"")).cloned().collect();
    deliveries.extend(deliveries.clone());
    let mut batches = 0;
    for bodies in deliveries.chunks(10) {
        world.tell(bodies).await;
        batches += 1;
    }
    let subjects = world.wire.subjects();
    assert!(subjects.len() <= batches, "{subjects:#?}");
    let mut told: Vec<String> = Vec::new();
    for published in world.wire.published() {
        let mail = published.text("email").to_owned();
        told.extend(mail.lines().filter_map(|line| {
            let line = line.trim().strip_prefix("payments #")?;
            let (number, rest) = line.split_once(' ')?;
            rest.starts_with("failed in").then(|| number.to_owned())
        }));
    }
    told.sort_by_key(|number| number.parse::<u64>().unwrap());
    let expected: Vec<_> = (1..=40).map(|number: u64| number.to_string()).collect();
    assert_eq!(told, expected, "each once");
}

#[tokio::test]
async fn own_subscribers_get_what_they_want_under_an_id_that_stays() {
    let list = r#"[
        {"name":"releases","kind":"slack","url":"https://hooks.slack.com/services/s3cr3t","severities":["error"]},
        {"name":"audit","kind":"https","url":"https://example.com/s3cr3t","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
        {"name":"others","kind":"slack","url":"https://hooks.slack.com/services/s3cr3t","pipelines":["web-*"]}
    ]"#;
    let world = World::new("SUPERSEDED").await.with_subscribers(list);
    let id = world.start().await;
    world.report(id, "Commit", Some("no such branch")).await;
    let events = world.events(&[]).await;
    world.wire.fail_topic(1);
    world.tell(&events).await;
    world.tell(&events).await;
    let sent = world.wire.sent();
    let names: Vec<_> = sent.iter().map(|it| it["subscriber"].as_str().unwrap()).collect();
    assert_eq!(names, ["releases", "audit", "releases", "audit"], "the second time as well");
    assert!(sent.iter().all(|it| it["id"] == sent[0]["id"]), "they know it by its id");
    assert!(!format!("{sent:?}").contains("s3cr3t"), "no secret waits in a queue");
    let slack: Value = serde_json::from_str(sent[0]["body"].as_str().unwrap()).unwrap();
    assert!(
        slack["blocks"][0]["text"]["text"].as_str().unwrap().contains("#1 failed in Source/Commit")
    );
    let event: Value = serde_json::from_str(sent[1]["body"].as_str().unwrap()).unwrap();
    assert_eq!(event["type"], "pipeline.execution.failed");
    assert_eq!(event["data"]["detail"]["state"], "FAILED");
}

#[tokio::test]
async fn a_list_of_subscribers_that_is_wrong_keeps_nobody_from_their_mail() {
    let world = World::new("SUPERSEDED").await.with_subscribers("[{]");
    let id = world.start().await;
    world.report(id, "Commit", Some("no such branch")).await;
    world.tell_new(&[]).await;
    assert_eq!(world.wire.published().len(), 1);
    assert!(world.wire.sent().is_empty());
}
