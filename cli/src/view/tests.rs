//! The lines of the live view, as a person sees them at several widths.

#![expect(clippy::needless_raw_string_hashes, reason = "that is how expectations are written anew")]

mod story;

use std::path::Path;

use engine::change::{ExecutionChange, PipelineChange};
use expect_test::{Expect, expect};
use model::time::Timestamp;

use crate::view::board::Board;
use crate::view::closing;
use crate::view::lines::{Scene, fit_height, lines};
use crate::view::live::asked;
use crate::view::tests::story::Story;

fn check(board: &Board, seconds: i64, columns: usize, expected: &Expect) {
    check_height(board, seconds, columns, 100, expected);
}

fn check_height(board: &Board, seconds: i64, columns: usize, rows: usize, expected: &Expect) {
    let scene = Scene {
        now: Timestamp::from_millis(seconds * 1_000),
        columns,
        last_line: &|run| format!("compiling {} for attempt {}", run.action, run.attempt),
    };
    let lines = fit_height(lines(board, &scene), rows);
    for line in &lines {
        assert!(crate::view::text::width(&line.text()) < columns, "{:?}", line.text());
    }
    let text: Vec<_> = lines.iter().map(|line| line.text() + "\n").collect();
    expected.assert_eq(&text.concat());
}

/// Two executions: #1 holds the approval, #2 waits behind it, #3 builds.
fn meeting() -> Story {
    let mut story = Story::new("SUPERSEDED");
    story.travel(1, 0, "Approve");
    story.request(12, 1, "Approve", "Release");
    story.travel(2, 20, "Build");
    story.build(24, 2);
    story.waits(25, 2, "Approve");
    story.travel(3, 30, "Build");
    story.request(34, 3, "Build", "Compile");
    story
}

#[test]
fn a_stage_says_who_is_inside_and_who_waits_for_whom_since_when() {
    let story = meeting();
    check(
        &story.board,
        75,
        100,
        &expect![[r#"
        web-app  v1  SUPERSEDED
        ✓ Source    #3        1.0 s
          ✓ Commit            1.0 s  0000003 Change number 3
        ● Build     #3       44.0 s
          ● Compile          41.0 s  compiling Compile for attempt 1
          ○ Lint                     after Compile
        ● Approve   #1   1 min 11 s
          ● Release      1 min 03 s  waits for an answer: Release 0000001abcdef?
          ↳ #2 waits 50.0 s for #1, which is inside for 1 min 11 s
    "#]],
    );
    check(
        &story.board,
        75,
        60,
        &expect![[r#"
        web-app  v1  SUPERSEDED
        ✓ Source    #3        1.0 s
          ✓ Commit            1.0 s  0000003 Change number 3
        ● Build     #3       44.0 s
          ● Compile          41.0 s  compiling Compile for attempt…
          ○ Lint                     after Compile
        ● Approve   #1   1 min 11 s
          ● Release      1 min 03 s  waits for an answer: Release …
          ↳ #2 waits 50.0 s for #1, which is inside for 1 min 11 s
    "#]],
    );
    check(
        &story.board,
        75,
        40,
        &expect![[r#"
            web-app  v1  SUPERSEDED
            ✓ Source    #3        1.0 s
              ✓ Commit            1.0 s
            ● Build     #3       44.0 s
              ● Compile          41.0 s
              ○ Lint
                  after Compile
            ● Approve   #1   1 min 11 s
              ● Release      1 min 03 s
                  waits for an answer: Release 000…
              ↳ #2 waits 50.0 s for #1, which is i…
        "#]],
    );
    check(
        &story.board,
        75,
        10,
        &expect![[r#"
        web-app …
        ✓ Source…
          ✓ Comm…
        ● Build …
          ● Comp…
          ○ Lint…
              af…
        ● Approv…
          ● Rele…
              wa…
          ↳ #2 w…
    "#]],
    );
}

#[test]
fn a_low_window_keeps_what_runs_waits_or_failed() {
    check_height(
        &meeting().board,
        75,
        80,
        7,
        &expect![[r#"
        web-app  v1  SUPERSEDED
        ● Build     #3       44.0 s
          ● Compile          41.0 s  compiling Compile for attempt 1
        ● Approve   #1   1 min 11 s
          ● Release      1 min 03 s  waits for an answer: Release 0000001abcdef?
          ↳ #2 waits 50.0 s for #1, which is inside for 1 min 11 s
        … 3 more; a taller window shows them
    "#]],
    );
    check_height(
        &meeting().board,
        75,
        80,
        1,
        &expect![[r#"
        … 9 more; a taller window shows them
    "#]],
    );
}

#[test]
fn a_failure_stays_in_sight() {
    let mut story = Story::new("SUPERSEDED");
    story.travel(1, 0, "Build");
    story.request(3, 1, "Build", "Compile");
    story.fail(9, 1, "Build", "Compile", "phase BUILD: `make` ended with exit status 2\nmore");
    check(
        &story.board,
        20,
        80,
        &expect![[r#"
            web-app  v1  SUPERSEDED
            ✓ Source    #1        1.0 s
              ✓ Commit            1.0 s  0000001 Change number 1
            ✗ Build     #1        8.0 s
              ✗ Compile           6.0 s  phase BUILD: `make` ended with exit status 2
            ○ Approve
        "#]],
    );
    check(
        &story.board,
        20,
        40,
        &expect![[r#"
            web-app  v1  SUPERSEDED
            ✓ Source    #1        1.0 s
              ✓ Commit            1.0 s
            ✗ Build     #1        8.0 s
              ✗ Compile           6.0 s
                  phase BUILD: `make` ended with e…
            ○ Approve
        "#]],
    );
    let missing = Path::new("/nowhere");
    let text = closing::failures(&story.board.history.failures, missing).join("\n");
    assert!(text.contains("✗ #1 Build/Compile: phase BUILD"), "{text}");
}

#[test]
fn a_closed_stage_says_by_whom_and_why() {
    let mut story = Story::new("QUEUED");
    story.tell_pipeline(
        5,
        PipelineChange::Disabled {
            stage: "Approve".into(),
            since: Timestamp::from_millis(5_000),
            by: "Ada".to_owned(),
            reason: "the mast is up".to_owned(),
        },
    );
    check(
        &story.board,
        10,
        80,
        &expect![[r#"
            web-app  v0  QUEUED
            ○ Source
            ○ Build
            ○ Approve
              ↳ nobody enters: closed for 5.0 s by Ada: the mast is up
        "#]],
    );
    for number in 1..=5 {
        let at = 10 + i64::try_from(number).unwrap() * 10;
        story.travel(number, at, "Build");
        story.build(at + 4, number);
        story.waits(at + 5, number, "Approve");
    }
    check(
        &story.board,
        80,
        80,
        &expect![[r#"
            web-app  v1  QUEUED
            ✓ Source    #5        1.0 s
              ✓ Commit            1.0 s  0000005 Change number 5
            ✓ Build     #5        3.0 s
              ✓ Compile           2.0 s
              ✓ Lint              2.0 s
            ○ Approve
              ↳ #1 waits 55.0 s: the stage is closed for 1 min 15 s by Ada: the mast is up
              ↳ #2 waits 45.0 s behind #1
              ↳ #3 waits 35.0 s behind #2
              ↳ and 2 more
        "#]],
    );
    story.tell_pipeline(
        81,
        PipelineChange::Enabled { stage: "Approve".into(), by: "Ada".to_owned() },
    );
    story.enter(81, 1, "Approve");
    check(
        &story.board,
        82,
        80,
        &expect![[r#"
        web-app  v1  QUEUED
        ✓ Source    #5        1.0 s
          ✓ Commit            1.0 s  0000005 Change number 5
        ✓ Build     #5        3.0 s
          ✓ Compile           2.0 s
          ✓ Lint              2.0 s
        ● Approve   #1        1.0 s
          ↳ #2 waits 47.0 s for #1, which is inside for 1.0 s
          ↳ #3 waits 37.0 s behind #2
          ↳ #4 waits 27.0 s behind #3
          ↳ and 1 more
    "#]],
    );
}

#[test]
fn parallel_executions_have_a_lane_each() {
    let mut story = Story::new("PARALLEL");
    check(
        &story.board,
        0,
        80,
        &expect![[r#"
        web-app  v0  PARALLEL
        no execution yet
    "#]],
    );
    story.travel(1, 0, "Approve");
    story.request(12, 1, "Approve", "Release");
    story.travel(2, 20, "Build");
    story.request(24, 2, "Build", "Compile");
    check(
        &story.board,
        75,
        80,
        &expect![[r#"
        web-app  v1  PARALLEL
        ● #1             1 min 15 s  ✓ Source ✓ Build ● Approve  0000001 Change number…
          ● Release      1 min 03 s  waits for an answer: Release 0000001abcdef?
        ● #2                 55.0 s  ✓ Source ● Build ○ Approve  0000002 Change number…
          ● Compile          51.0 s  compiling Compile for attempt 1
          ○ Lint                     after Compile
    "#]],
    );
    check(
        &story.board,
        75,
        40,
        &expect![[r#"
            web-app  v1  PARALLEL
            ● #1             1 min 15 s  ✓ Source ✓
              ● Release      1 min 03 s
                  waits for an answer: Release 000…
            ● #2                 55.0 s  ✓ Source ●
              ● Compile          51.0 s
              ○ Lint
                  after Compile
        "#]],
    );
    for number in 3..=8 {
        story.travel(number, 80, "Build");
        story.tell(90, number, ExecutionChange::Failed);
    }
    check(
        &story.board,
        100,
        80,
        &expect![[r#"
        web-app  v1  PARALLEL
        ● #1             1 min 40 s  ✓ Source ✓ Build ● Approve  0000001 Change number…
          ● Release      1 min 28 s  waits for an answer: Release 0000001abcdef?
        ● #2             1 min 20 s  ✓ Source ● Build ○ Approve  0000002 Change number…
          ● Compile      1 min 16 s  compiling Compile for attempt 1
          ○ Lint                     after Compile
        ✗ #6                 10.0 s  ✓ Source ● Build ○ Approve
        ✗ #7                 10.0 s  ✓ Source ● Build ○ Approve
        ✗ #8                 10.0 s  ✓ Source ● Build ○ Approve
    "#]],
    );
}

#[test]
fn a_question_says_what_is_approved_and_how_to_answer() {
    let story = meeting();
    let board = &story.board;
    let question = board.facts.question(&board.pipeline, 1, &story.run(1, "Approve", "Release"));
    let mut text = String::new();
    for columns in [100, 40] {
        let (lines, prompt) = asked(&question, columns);
        for line in lines {
            text.push_str(&line.text());
            text.push('\n');
        }
        text.push_str(&prompt);
        text.push_str("|\n");
    }
    expect![[r#"

          0000001 Change number 1
          Release 0000001abcdef?
          Think twice.
          https://example.com/changes
        approve #1 Approve/Release? type y or n, then Enter: |

          0000001 Change number 1
          Release 0000001abcdef?
          Think twice.
          https://example.com/changes
        approve #1 Approve/Releas… y/n: |
    "#]]
    .assert_eq(&text);
}

#[test]
fn the_closing_table_has_a_column_for_each_of_the_newest_executions() {
    let mut story = meeting();
    story.tell(76, 2, ExecutionChange::Superseded { stage: "Approve".into(), by: 3 });
    story.tell(80, 1, ExecutionChange::Failed);
    let table = |columns| closing::table(&story.board, columns).join("\n") + "\n";
    expect![[r#"

                           #1           #2           #3
        Source/Commit    ✓ 1.0 s      ✓ 1.0 s      ✓ 1.0 s
        Build/Compile    ✓ 2.0 s      ✓ 2.0 s        -
        Build/Lint       ✓ 2.0 s      ✓ 2.0 s        -
        Approve/Release    -            -            -

        #1 failed after 1 min 20 s
        #2 superseded after 56.0 s
    "#]]
    .assert_eq(&table(100));
    expect![[r#"

                           #3
        Source/Commit    ✓ 1.0 s
        Build/Compile      -
        Build/Lint         -
        Approve/Release    -

        #1 failed after 1 min 20 s
        #2 superseded after 56.0 s
    "#]]
    .assert_eq(&table(30));
    assert!(closing::table(&Story::new("QUEUED").board, 100).is_empty());
}

#[test]
fn what_an_earlier_process_left_is_seen_and_its_endings_are_not_ours() {
    let mut story = meeting();
    story.tell(40, 1, ExecutionChange::Failed);
    story.board.history.forget_ended();
    let numbers: Vec<_> = story.board.history.executions.keys().copied().collect();
    assert_eq!(numbers, [2, 3]);
    assert!(story.board.history.failures.is_empty());
}
