//! Whatever is ten times too long still makes a valid message, with the most important first.

use notifications::facts::{Approval, Facts, Revision};
use notifications::mail::MAIL_BYTES_MAX;
use notifications::message::DOCUMENT_BYTES_MAX;
use notifications::subject::SUBJECT_CHARACTERS_MAX;
use notifications::{Bundle, Event, Message, Notice};
use serde_json::Value;

use crate::schema;
use crate::situations::{situations, storm};

/// Holds a message against SNS's limits.
pub(crate) fn check_topic(name: &str, message: &Message) {
    let Message { subject, mail, attributes, .. } = message;
    assert!(subject.len() <= SUBJECT_CHARACTERS_MAX, "{name}: {subject}");
    assert!(subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name}: {subject}");
    assert!(subject.starts_with('['), "{name}: {subject}");
    assert!(mail.len() <= MAIL_BYTES_MAX, "{name}: {} bytes", mail.len());
    assert!(!mail.contains(|c: char| c.is_control() && c != '\n'), "{name}");
    let document = message.document();
    let size: usize = attributes.iter().map(|(key, value)| key.len() + value.len() + 6).sum();
    assert!(document.len() + size <= 256 * 1024, "{name}: {} bytes", document.len());
    assert!(document.len() <= DOCUMENT_BYTES_MAX, "{name}");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    for protocol in ["default", "email", "https", "sms"] {
        let text = document[protocol].as_str().unwrap_or_else(|| panic!("{name}: {protocol}"));
        assert!(!text.is_empty(), "{name}: {protocol}");
    }
    assert!(attributes.len() <= 10, "{name}: more do not survive raw delivery");
    assert!(attributes.iter().all(|(_, value)| !value.is_empty()), "{name}: {attributes:?}");
    let machine: Value = serde_json::from_str(&message.machine).expect("JSON");
    assert!(machine["detail"]["pipeline"].is_string(), "{name}");
}

#[test]
fn every_situation_keeps_the_limits_of_a_topic() {
    for (name, notices) in situations() {
        check_topic(name, &Bundle { notices }.message());
    }
}

/// Goal: no length of any text breaks a message.
///
/// Method: every text of every situation, in the event and in the facts, stands there ten, and then two hundred times
/// (the second in words of four bytes a character), and every list has ten times as many members.
#[test]
fn texts_that_are_ten_and_two_hundred_times_too_long_make_valid_messages() {
    let (custom, blocks) = (schema::custom(), schema::blocks());
    for (times, filling) in [(10, ""), (200, " 🚢🚢🚢🚢🚢🚢🚢🚢")] {
        let longer = |text: &str| format!("{text}{filling} ").repeat(times);
        for (name, notices) in situations() {
            let notices = notices.into_iter().map(|notice| stretched(notice, &longer)).collect();
            let message = Bundle { notices }.message();
            check_topic(name, &message);
            schema::check(name, &message, &custom, &blocks);
        }
    }
}

#[test]
fn what_is_cut_says_so_and_keeps_the_most_important_first() {
    let longer = |text: &str| format!("{text} ").repeat(1_000);
    let (_, notices) = situations().remove(0);
    let message = stretched(notices[0].clone(), &longer).message();
    assert!(message.mail.contains('…'), "{}", message.mail);
    let cause = message.mail.find("Cause").expect("the cause");
    assert!(cause < message.mail.find("Changes").expect("the changes"));
    assert!(message.subject.ends_with("..."), "{}", message.subject);
    assert!(
        message.subject.contains("FAILED"),
        "what happened survives a long name: {}",
        message.subject
    );
    assert!(message.chat.contains("*Cause in "));
}

#[test]
fn a_link_that_carries_a_token_is_never_cut() {
    let longer = |text: &str| format!("{text} ").repeat(1_000);
    for (name, notices) in situations() {
        let link = notices[0].facts.approval.as_ref().and_then(|approval| approval.link.clone());
        let Some(link) = link.filter(|_| notices.len() == 1) else { continue };
        let message = stretched(notices[0].clone(), &longer).message();
        assert!(message.mail.contains(&format!("    {link}\n")), "{name}");
        assert!(message.chat.contains(&link), "{name}");
        assert!(message.slack.to_string().contains(&link), "{name}");
        assert!(!message.machine.contains(&link), "{name}: machines do not approve");
        assert!(!message.subject.contains("on.aws"), "{name}");
    }
}

#[test]
fn a_digest_of_a_thousand_keeps_the_limits() {
    let message = Bundle { notices: storm(1_000) }.message();
    check_topic("a thousand", &message);
    schema::check("a thousand", &message, &schema::custom(), &schema::blocks());
    assert!(message.mail.contains("and 950 more"), "{}", message.mail);
}

/// Returns the notice with every text of others made longer, and every list ten times as long.
pub(crate) fn stretched(notice: Notice, longer: &dyn Fn(&str) -> String) -> Notice {
    let Notice { event, facts, meaning } = notice;
    let mut raw = event.raw.clone();
    for member in ["pipeline", "stage", "action"] {
        if let Some(text) = raw["detail"][member].as_str() {
            raw["detail"][member] = Value::from(longer(text));
        }
    }
    raw["detail"]["execution-result"] = serde_json::json!({
        "external-execution-summary": longer("a summary with \"quotes\" and \\ in it"),
        "external-execution-url": longer("https://example.com/"),
    });
    let event = Event::of(raw).expect("still an event");
    Notice { event, facts: stretched_facts(facts, longer), meaning }
}

fn stretched_facts(mut facts: Facts, longer: &dyn Fn(&str) -> String) -> Facts {
    let more = |text: &mut String| *text = longer(text);
    if let Some(execution) = &mut facts.execution {
        more(&mut execution.trigger_detail);
        execution.branch.iter_mut().for_each(more);
    }
    facts.changes.through.iter_mut().for_each(more);
    let revisions: Vec<Revision> = std::mem::take(&mut facts.changes.revisions);
    for _ in 0..10 {
        facts.changes.revisions.extend(revisions.iter().cloned());
    }
    for revision in &mut facts.changes.revisions {
        more(&mut revision.id);
        revision.summary.iter_mut().chain(&mut revision.url).for_each(more);
    }
    let failures = std::mem::take(&mut facts.failures);
    for _ in 0..10 {
        facts.failures.extend(failures.iter().cloned());
    }
    for failure in &mut facts.failures {
        more(&mut failure.message);
        more(&mut failure.stage);
        more(&mut failure.action);
        more(&mut failure.provider);
        failure.by.iter_mut().chain(&mut failure.url).for_each(more);
    }
    if let Some(Approval { question, review_url, by, comment, link: _, expires_at: _ }) =
        &mut facts.approval
    {
        question.iter_mut().chain(review_url).chain(by).chain(comment).for_each(more);
    }
    let waiting = std::mem::take(&mut facts.waiting);
    for _ in 0..10 {
        facts.waiting.extend(waiting.iter().cloned());
    }
    facts
        .waiting
        .iter_mut()
        .chain(&mut facts.superseded)
        .for_each(|waiting| more(&mut waiting.stage));
    if let Some(stop) = &mut facts.stop {
        stop.reason.iter_mut().chain(&mut stop.stage).chain(&mut stop.abandoned).for_each(more);
    }
    facts.cancelled.iter_mut().chain(&mut facts.resumed_by).for_each(more);
    if let Some(door) = &mut facts.door {
        door.by.iter_mut().chain(&mut door.reason).for_each(more);
    }
    if let Some(still) = &mut facts.still {
        more(&mut still.stage);
        still.action.iter_mut().for_each(more);
    }
    facts
}
