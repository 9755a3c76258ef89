//! A disk that is full: said clearly, nothing lost, and everything goes on once there is room.
//!
//! How it is shown: the shell limits how large a file may grow and has the signal of that limit
//! ignored, so that writing fails as it does on a full disk.

use crate::world::{World, build, pipeline};

const RUN: &str = "run web.json --repository app=app --data data --once";

fn world() -> World {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    world
}

fn limited(world: &World, blocks: u32, words: &str) -> crate::world::Finished {
    world.shell(&format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$TOWPATH\" {words}"))
}

#[test]
fn a_disk_without_room_for_the_database_is_said() {
    let world = world();
    let finished = limited(&world, 0, RUN);
    assert!(matches!(finished.status, Some(1 | 5)), "{finished:?}");
    assert!(!finished.err.is_empty());
    world.towpath(RUN).expect(0);
}

#[test]
fn a_disk_that_fills_up_loses_nothing_at_any_size() {
    let world = world();
    world.towpath(RUN).expect(0);
    let mut failed = 0;
    for blocks in [1, 2, 8, 40, 100, 200, 400] {
        let finished = limited(&world, blocks, RUN);
        // A limit that is reached in an action fails that; in the store, the run.
        if finished.status != Some(0) {
            failed += 1;
            assert!(matches!(finished.status, Some(1 | 5)), "{blocks}: {finished:?}");
            assert!(
                !finished.err.is_empty() || finished.out.contains('✗'),
                "{blocks}: {finished:?}"
            );
        }
        let again = world.towpath(&format!("{RUN} --json"));
        assert!(matches!(again.status, Some(0 | 1)), "{blocks}: {again:?}");
    }
    assert!(failed > 0, "no limit was ever reached");
    world.towpath(RUN).expect(0);
}

#[test]
fn events_that_found_no_room_are_written_later_and_whole() {
    let world = world();
    let words = format!("{RUN} --events events.jsonl");
    world.write("before", "x");
    let finished = limited(&world, 1, &words);
    assert_ne!(finished.status, Some(0), "{finished:?}");
    world.towpath(&words);
    world.towpath(&words).expect(0);
    crate::events::check(&world.read("events.jsonl"));
}
