//! What can be typed, and what help says.

#![expect(clippy::needless_raw_string_hashes, reason = "that is how expectations are written anew")]

use expect_test::expect;

use crate::world::World;

#[test]
fn the_version_is_said() {
    let finished = World::new("").towpath("--version").expect(0);
    assert_eq!(finished.out, format!("towpath {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_shows_examples_and_exit_statuses() {
    let world = World::new("");
    let finished = world.towpath("--help").expect(0);
    for text in ["towpath demo", "Exit status:", "NO_COLOR", "5  bad input"] {
        assert!(finished.out.contains(text), "{text} is not in:\n{}", finished.out);
    }
    for (verb, text) in [
        ("demo", "towpath demo --yes"),
        ("run", "--function notify='python3 notify.py'"),
        ("lint", "towpath lint template.yaml --parameter Stage=beta"),
    ] {
        let finished = world.towpath(&format!("{verb} --help")).expect(0);
        assert!(finished.out.contains(text), "{text} is not in:\n{}", finished.out);
        assert!(finished.out.lines().all(|line| line.len() < 120), "{}", finished.out);
    }
}

#[test]
fn words_that_mean_nothing_end_with_5() {
    let world = World::new("");
    world.towpath("").expect(5);
    world.towpath("rum").expect(5).says("run");
    world.towpath("run").expect(5).says("FILE");
    world.towpath("run x.yaml --once --watch").expect(5).says("--watch");
    let finished = world.towpath("run x.yaml --repository app").expect(5);
    expect![[r#"
        error: invalid value 'app' for '--repository <NAME=PATH>': write it with a name, `=` and a value

        For more information, try '--help'.
    "#]]
    .assert_eq(&finished.err);
}
