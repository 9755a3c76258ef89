//! What people were told.

use model::time::Timestamp;
use store::NoticeClaim;

use crate::world::World;

const ABOUT: &str = "019bf1c4-8f00-7000-8000-000000000412";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + seconds * 1_000)
}

#[tokio::test]
async fn of_all_who_want_to_tell_something_one_does() {
    let world = World::new().await;
    let store = &world.store;
    let claim = || store.claim_notice(ABOUT, "failed#1", at(0), at(45));
    assert_eq!(claim().await.unwrap(), NoticeClaim::Ours);
    for _ in 0..3 {
        assert_eq!(claim().await.unwrap(), NoticeClaim::Theirs);
    }
    store.note_told(ABOUT, "failed#1", at(1)).await.unwrap();
    for later in [1, 100, 1_000_000] {
        let claimed = store.claim_notice(ABOUT, "failed#1", at(later), at(later + 45)).await;
        assert_eq!(claimed.unwrap(), NoticeClaim::Told, "after {later} s");
    }
}

#[tokio::test]
async fn each_meaning_and_each_execution_is_told_on_its_own() {
    let world = World::new().await;
    let store = &world.store;
    for (about, key) in [(ABOUT, "failed#1"), (ABOUT, "failed#2"), ("web", "failed#1")] {
        let claimed = store.claim_notice(about, key, at(0), at(45)).await.unwrap();
        assert_eq!(claimed, NoticeClaim::Ours, "{about} {key}");
    }
}

#[tokio::test]
async fn whoever_died_while_telling_is_followed_by_another() {
    let world = World::new().await;
    let store = &world.store;
    store.claim_notice(ABOUT, "failed#1", at(0), at(45)).await.unwrap();
    let early = store.claim_notice(ABOUT, "failed#1", at(44), at(89)).await.unwrap();
    assert_eq!(early, NoticeClaim::Theirs);
    let later = store.claim_notice(ABOUT, "failed#1", at(45), at(90)).await.unwrap();
    assert_eq!(later, NoticeClaim::Ours);
}

#[tokio::test]
async fn what_could_not_be_told_is_given_back_at_once() {
    let world = World::new().await;
    let store = &world.store;
    store.claim_notice(ABOUT, "failed#1", at(0), at(45)).await.unwrap();
    store.release_notice(ABOUT, "failed#1", at(1), at(45)).await.unwrap();
    let again = store.claim_notice(ABOUT, "failed#1", at(1), at(46)).await.unwrap();
    assert_eq!(again, NoticeClaim::Ours);

    // Giving back late what another claimed meanwhile, or told, takes nothing from them.
    store.release_notice(ABOUT, "failed#1", at(2), at(45)).await.unwrap();
    let claimed = store.claim_notice(ABOUT, "failed#1", at(2), at(47)).await.unwrap();
    assert_eq!(claimed, NoticeClaim::Theirs);
    store.note_told(ABOUT, "failed#1", at(3)).await.unwrap();
    store.release_notice(ABOUT, "failed#1", at(4), at(46)).await.unwrap();
    let claimed = store.claim_notice(ABOUT, "failed#1", at(5), at(50)).await.unwrap();
    assert_eq!(claimed, NoticeClaim::Told);
}
