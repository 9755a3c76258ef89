//! What may be taken once (security §3.4).

use crate::world::World;

#[tokio::test]
async fn a_mark_is_taken_once_until_its_time_is_over() {
    let world = World::new().await;
    let now = world.now();
    let until = now.plus_minutes(15);
    let take = async |mark: &str, now| world.store.take_once(mark, until, now).await.unwrap();
    assert!(take("question#ab", now).await);
    assert!(!take("question#ab", now).await);
    assert!(take("question#cd", now).await, "another mark is another matter");
    assert!(!take("question#ab", until).await, "its last second counts");
    assert!(take("question#ab", until.plus_millis(2_000)).await);
}

/// However many ask at once, one gets it.
#[tokio::test]
async fn of_many_who_take_a_mark_at_once_one_gets_it() {
    let world = World::new().await;
    let now = world.now();
    let mut takes = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = world.store.clone();
        takes
            .spawn(async move { store.take_once("one", now.plus_minutes(15), now).await.unwrap() });
    }
    let taken = takes.join_all().await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 1);
}
