//! SUPERSEDED mode (R18–R22).

use expect_test::expect;

use super::check;

/// R18, R20: a newer one replaces the one that waits, which never enters.
#[test]
fn the_newest_waits_and_the_older_waiter_is_superseded() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            start
            ok #3 Source/S
            ok #1 Build/B
            show
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Build
            web #1    → run            Build/B           attempt 1
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    waits            Build
            > start
            web #3    started          v1                StartPipelineExecution ann
            web #3    entered          Source
            web #3    → run            Source/S          attempt 1
            > ok #3 Source/S
            web #3    ✓ succeeded      Source/S
            web #3    left             Source
            web #2    superseded       Build             by #3
            web #3    waits            Build
              effect conclude #2
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/D            attempt 1
            web #3    entered          Build
            web #3    → run            Build/B           attempt 1
            > show
              Build: #3 inside
              Prod: #1 inside
              Source: last Succeeded by #3
              #1 is not over
              #3 is not over
        "#]],
    );
}

/// R19: whoever is inside, for example waiting for an answer, is never superseded.
#[test]
fn an_execution_inside_of_a_stage_is_never_superseded() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Prod(approve P)
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            start
            ok #3 Source/S
            approve #1 Prod/P
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Prod(approve P)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Prod
            web #1    → run            Prod/P            attempt 1
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    waits            Prod
            > start
            web #3    started          v1                StartPipelineExecution ann
            web #3    entered          Source
            web #3    → run            Source/S          attempt 1
            > ok #3 Source/S
            web #3    ✓ succeeded      Source/S
            web #3    left             Source
            web #2    superseded       Prod              by #3
            web #3    waits            Prod
              effect conclude #2
            > approve #1 Prod/P
            web #1    ✓ succeeded      Prod/P            by bob
            web #1    left             Prod
            web #1    succeeded
            web #3    entered          Prod
            web #3    → run            Prod/P            attempt 1
              effect conclude #1
        "#]],
    );
}

/// R21, R22: a failed stage that another execution entered cannot be retried, so nobody comes late.
#[test]
fn a_failed_execution_that_was_passed_is_not_retried() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            fail #1 Build/B
            start
            ok #2 Source/S
            ok #2 Build/B
            retry #1 Build FAILED_ACTIONS
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Build
            web #1    → run            Build/B           attempt 1
            > fail #1 Build/B
            web #1    ✗ failed         Build/B           JobFailed: it broke
            web #1    stage failed     Build
            web #1    failed
              effect conclude #1
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    entered          Build
            web #2    → run            Build/B           attempt 1
            > ok #2 Build/B
            web #2    ✓ succeeded      Build/B
            web #2    left             Build
            web #2    entered          Prod
            web #2    → run            Prod/D            attempt 1
            > retry #1 Build FAILED_ACTIONS
              refused: execution #1 is not the latest that entered the stage
        "#]],
    );
}
