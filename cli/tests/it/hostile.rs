//! Names and texts that others choose.

use serde_json::json;

use crate::world::{World, build, pipeline};

const RUN: &str = "run web.json --repository app=app --data data --once";

/// Nothing that steers a terminal may leave the program, whatever it reads.
#[track_caller]
fn assert_tame(text: &str) {
    let wild = text.chars().find(|character| {
        (character.is_control() && *character != '\n')
            || ('\u{202a}'..='\u{202e}').contains(character)
    });
    assert!(wild.is_none(), "{wild:?} in:\n{text:?}");
}

#[test]
fn what_a_build_prints_cannot_steer_the_terminal_in_any_mode() {
    let world = World::new(
        r"printf '\033[2J\033]0;owned\007\033[31mred\033[0m\r\302\233 10%%\r100%%\n\342\200\256evil\377\n'; exit 1",
    );
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    for more in ["", "--logs", "--json", "--json --logs"] {
        let finished = world.towpath(&format!("{RUN} {more}")).expect(1);
        assert_tame(&finished.out);
        assert_tame(&finished.err);
        assert!(finished.out.contains("100%"), "{}", finished.out);
        assert!(!finished.out.contains("owned"), "{}", finished.out);
    }
}

#[test]
fn names_in_a_file_cannot_steer_the_terminal() {
    let world = World::new("true");
    let mut declared = pipeline("SUPERSEDED", &[build()]);
    declared["stages"][1]["name"] = json!("\u{1b}[2JBuild\u{202e}");
    world.pipeline("web.json", &declared);
    let finished = world.towpath(RUN).expect(5);
    assert_tame(&finished.err);
    for more in ["", "--json"] {
        let finished = world.towpath(&format!("lint web.json {more}")).expect(5);
        assert_tame(&finished.out);
    }
}

#[test]
fn names_that_mean_directories_are_refused() {
    for (place, name) in [("name", ".."), ("stages/1/name", "."), ("stages/1/actions/0/name", "..")]
    {
        let world = World::new("true");
        let mut declared = pipeline("SUPERSEDED", &[build()]);
        *declared.pointer_mut(&format!("/{place}")).unwrap() = json!(name);
        world.pipeline("web.json", &declared);
        world.towpath(RUN).expect(5).says("means a directory");
        assert!(!world.path("data").exists());
    }
}

#[test]
fn a_bucket_whose_name_is_a_path_writes_nothing_outside() {
    let world = World::new("true");
    for name in ["..", "../../outside", "/tmp/outside"] {
        let mut declared = pipeline("SUPERSEDED", &[build()]);
        declared["artifactStore"]["location"] = json!(name);
        world.pipeline("web.json", &declared);
        world.towpath(RUN).expect(5).says("artifactStore");
    }
}

#[test]
fn a_commit_message_of_10_megabytes_is_cut_not_choked_on() {
    let world = World::new("true");
    world.write("message", "long ".repeat(2 * 1024 * 1024));
    world.git(&["commit", "--quiet", "--allow-empty", "--file", "../message"]);
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let finished = world.towpath(&format!("{RUN} --events events.jsonl")).expect(0);
    assert!(finished.out.len() < 20_000, "{} bytes of output", finished.out.len());
    assert_eq!(crate::events::check(&world.read("events.jsonl")), 1);
}

#[test]
fn a_commit_message_cannot_steer_the_terminal() {
    let world = World::new("true");
    world.commit("Red \u{1b}[31malert\u{7}\u{202e}");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[crate::world::approve(), build()]));
    let finished = world.towpath(&format!("{RUN} --yes --json")).expect(0);
    assert_tame(&finished.out);
    assert_tame(&world.read("events.jsonl"));
}
