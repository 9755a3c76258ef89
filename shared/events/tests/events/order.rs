//! The canonical order of contract §4.5, gap-free for each execution.
#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use engine::Input;
use expect_test::{Expect, expect};

use crate::scenarios;
use crate::script::Script;

fn check(script: &Script, number: u128, expected: &Expect) {
    expected.assert_eq(&script.transcript(number));
}

#[test]
fn an_execution_that_succeeds_opens_and_closes_every_stage() {
    check(
        &scenarios::happy_path(),
        1,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A SUCCEEDED Source/Fetch
            5  S SUCCEEDED Source
            6  S STARTED   Build
            7  A STARTED   Build/Compile
            8  A STARTED   Build/Check
            9  A SUCCEEDED Build/Compile
            10 A SUCCEEDED Build/Check
            11 S SUCCEEDED Build
            12 S STARTED   Approve
            13 A STARTED   Approve/Ask
            14 A SUCCEEDED Approve/Ask
            15 S SUCCEEDED Approve
            16 S STARTED   Deploy
            17 A STARTED   Deploy/Ship
            18 A SUCCEEDED Deploy/Ship
            19 S SUCCEEDED Deploy
            20 P SUCCEEDED
        "#]],
    );
}

#[test]
fn a_stage_fails_once_its_last_sibling_has_ended_and_a_retry_resumes_both_levels() {
    // R15, R51, R53, R54.
    check(
        &scenarios::failed_and_retried(),
        1,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A SUCCEEDED Source/Fetch
            5  S SUCCEEDED Source
            6  S STARTED   Build
            7  A STARTED   Build/Compile
            8  A STARTED   Build/Check
            9  A FAILED    Build/Compile
            10 A SUCCEEDED Build/Check
            11 S FAILED    Build
            12 P FAILED
            13 P RESUMED
            14 S RESUMED   Build
            15 A STARTED   Build/Compile
            16 A FAILED    Build/Compile
            17 S FAILED    Build
            18 P FAILED
            19 P RESUMED
            20 S RESUMED   Build
            21 A STARTED   Build/Compile
            22 A STARTED   Build/Check
            23 A SUCCEEDED Build/Compile
            24 A SUCCEEDED Build/Check
            25 S SUCCEEDED Build
            26 S STARTED   Approve
            27 A STARTED   Approve/Ask
            28 A SUCCEEDED Approve/Ask
            29 S SUCCEEDED Approve
            30 S STARTED   Deploy
            31 A STARTED   Deploy/Ship
            32 A SUCCEEDED Deploy/Ship
            33 S SUCCEEDED Deploy
            34 P SUCCEEDED
        "#]],
    );
}

#[test]
fn stop_and_wait_lets_what_runs_end_first() {
    // R43.
    check(
        &scenarios::stopped(false),
        1,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A SUCCEEDED Source/Fetch
            5  S SUCCEEDED Source
            6  S STARTED   Build
            7  A STARTED   Build/Compile
            8  A STARTED   Build/Check
            9  P STOPPING
            10 S STOPPING  Build
            11 A SUCCEEDED Build/Compile
            12 A FAILED    Build/Check
            13 S STOPPED   Build
            14 P STOPPED
        "#]],
    );
}

#[test]
fn stop_and_abandon_gives_up_what_runs() {
    // R44.
    check(
        &scenarios::stopped(true),
        1,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A SUCCEEDED Source/Fetch
            5  S SUCCEEDED Source
            6  S STARTED   Build
            7  A STARTED   Build/Compile
            8  A STARTED   Build/Check
            9  P STOPPING
            10 S STOPPING  Build
            11 A ABANDONED Build/Compile
            12 A ABANDONED Build/Check
            13 S STOPPED   Build
            14 P STOPPED
        "#]],
    );
}

#[test]
fn an_inbound_execution_stops_at_once() {
    // R47.
    let mut script = scenarios::waiting();
    script.stop(3, false, None);
    check(
        &script,
        3,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A SUCCEEDED Source/Fetch
            5  S SUCCEEDED Source
            6  S STARTED   Build
            7  A STARTED   Build/Compile
            8  A STARTED   Build/Check
            9  A SUCCEEDED Build/Compile
            10 A SUCCEEDED Build/Check
            11 S SUCCEEDED Build
            12 P STOPPING
            13 P STOPPED
        "#]],
    );
}

#[test]
fn a_superseded_execution_ends_without_a_stage_event() {
    // R18.
    check(
        &scenarios::waiting(),
        2,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A SUCCEEDED Source/Fetch
            5  S SUCCEEDED Source
            6  S STARTED   Build
            7  A STARTED   Build/Compile
            8  A STARTED   Build/Check
            9  A SUCCEEDED Build/Compile
            10 A SUCCEEDED Build/Check
            11 S SUCCEEDED Build
            12 P SUPERSEDED
        "#]],
    );
}

#[test]
fn an_update_cancels_what_waits_at_once_and_what_is_inside_afterwards() {
    // R84.
    let script = scenarios::updated();
    check(
        &script,
        3,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A SUCCEEDED Source/Fetch
            5  S SUCCEEDED Source
            6  S STARTED   Build
            7  A STARTED   Build/Compile
            8  A STARTED   Build/Check
            9  A SUCCEEDED Build/Compile
            10 A SUCCEEDED Build/Check
            11 S SUCCEEDED Build
            12 P CANCELED
        "#]],
    );
    check(
        &script,
        1,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A SUCCEEDED Source/Fetch
            5  S SUCCEEDED Source
            6  S STARTED   Build
            7  A STARTED   Build/Compile
            8  A STARTED   Build/Check
            9  A SUCCEEDED Build/Compile
            10 A SUCCEEDED Build/Check
            11 S SUCCEEDED Build
            12 S STARTED   Approve
            13 A STARTED   Approve/Ask
            14 A SUCCEEDED Approve/Ask
            15 S CANCELED  Approve
            16 P CANCELED
        "#]],
    );
}

#[test]
fn a_rejected_approval_is_a_failed_action() {
    // E7.
    check(
        &scenarios::rejected(),
        1,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A SUCCEEDED Source/Fetch
            5  S SUCCEEDED Source
            6  S STARTED   Build
            7  A STARTED   Build/Compile
            8  A STARTED   Build/Check
            9  A SUCCEEDED Build/Compile
            10 A SUCCEEDED Build/Check
            11 S SUCCEEDED Build
            12 S STARTED   Approve
            13 A STARTED   Approve/Ask
            14 A FAILED    Approve/Ask
            15 S FAILED    Approve
            16 P FAILED
        "#]],
    );
}

#[test]
fn a_parallel_execution_announces_from_its_own_log() {
    // R26.
    let mut script = Script::parallel();
    script.succeed(1, &["Source/Fetch", "Build/Compile", "Build/Check"]);
    script.stop(1, true, None);
    check(
        &script,
        1,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A SUCCEEDED Source/Fetch
            5  S SUCCEEDED Source
            6  S STARTED   Build
            7  A STARTED   Build/Compile
            8  A STARTED   Build/Check
            9  A SUCCEEDED Build/Compile
            10 A SUCCEEDED Build/Check
            11 S SUCCEEDED Build
            12 S STARTED   Approve
            13 A STARTED   Approve/Ask
            14 P STOPPING
            15 S STOPPING  Approve
            16 A ABANDONED Approve/Ask
            17 S STOPPED   Approve
            18 P STOPPED
        "#]],
    );
}

#[test]
fn giving_up_after_a_stop_is_no_second_stop() {
    // R45.
    let mut script = Script::new();
    script.start(1);
    script.stop(1, false, None);
    script.stop(1, true, Some("it hangs"));
    check(
        &script,
        1,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  P STOPPING
            5  S STOPPING  Source
            6  A ABANDONED Source/Fetch
            7  S STOPPED   Source
            8  P STOPPED
        "#]],
    );
}

#[test]
fn a_deleted_pipeline_cancels_what_is_inside_at_once() {
    // R90.
    let mut script = Script::new();
    script.start(1);
    script.take(&Input::Delete { by: "ann".to_owned() });
    check(
        &script,
        1,
        &expect![[r#"
            1  P STARTED
            2  S STARTED   Source
            3  A STARTED   Source/Fetch
            4  A ABANDONED Source/Fetch
            5  S CANCELED  Source
            6  P CANCELED
        "#]],
    );
}
