//! The lock of a stage (R11–R17, R36, R37).

use expect_test::expect;

use super::check;

/// R11, R12, R16, R17: one inside; whoever comes next waits, also before the first stage.
#[test]
fn a_stage_holds_one_execution_and_the_next_one_waits() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            start
            ok #1 Source/S
            ok #2 Source/S
            show
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
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    waits            Source
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Build
            web #1    → run            Build/B           attempt 1
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    waits            Build
            > show
              Build: #1 inside, #2 waits
              Prod: free
              Source: last Succeeded by #2
              #1 is not over
              #2 is not over
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/D            attempt 1
            web #2    entered          Build
            web #2    → run            Build/B           attempt 1
            > show
              Build: #2 inside
              Prod: #1 inside
              Source: last Succeeded by #2
              #1 is not over
              #2 is not over
        "#]],
    );
}

/// R13: the lock is held through every group and an open approval.
#[test]
fn the_lock_is_held_through_all_groups_and_the_approval() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|B, C@2) Prod(approve P, D@2)
            start
            ok #1 Source/S
            ok #1 Build/A
            ok #1 Build/B
            show
            ok #1 Build/C
            show
            approve #1 Prod/P
            show
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(A|B, C@2) Prod(approve P, D@2)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Build
            web #1    → run            Build/A           attempt 1
            web #1    → run            Build/B           attempt 1
            > ok #1 Build/A
            web #1    ✓ succeeded      Build/A
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    → run            Build/C           attempt 1
            > show
              Build: #1 inside
              Prod: free
              Source: last Succeeded by #1
              #1 is not over
            > ok #1 Build/C
            web #1    ✓ succeeded      Build/C
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/P            attempt 1
            > show
              Build: last Succeeded by #1
              Prod: #1 inside
              Source: last Succeeded by #1
              #1 is not over
            > approve #1 Prod/P
            web #1    ✓ succeeded      Prod/P            by bob
            web #1    → run            Prod/D            attempt 1
            > show
              Build: last Succeeded by #1
              Prod: #1 inside
              Source: last Succeeded by #1
              #1 is not over
        "#]],
    );
}

/// R14: a failure gives the lock back, and the waiting execution enters in the same record.
#[test]
fn a_failure_hands_the_lock_over() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            fail #1 Build/B
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
            > fail #1 Build/B
            web #1    ✗ failed         Build/B           JobFailed: it broke
            web #1    stage failed     Build
            web #1    failed
            web #2    entered          Build
            web #2    → run            Build/B           attempt 1
              effect conclude #1
        "#]],
    );
}

/// R36: after the last action of the last stage the execution has succeeded.
#[test]
fn the_last_stage_ends_the_execution() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            ok #1 Build/B
            ok #1 Prod/D
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
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/D            attempt 1
            > ok #1 Prod/D
            web #1    ✓ succeeded      Prod/D
            web #1    left             Prod
            web #1    succeeded
              effect conclude #1
        "#]],
    );
}

/// R37: when a source fails nothing else runs.
#[test]
fn a_failed_source_fails_the_execution() {
    check(
        "
            pipeline SUPERSEDED: Source(S|T) Build(B)
            start
            fail #1 Source/S
            ok #1 Source/T
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S|T) Build(B)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            web #1    → run            Source/T          attempt 1
            > fail #1 Source/S
            web #1    ✗ failed         Source/S          JobFailed: it broke
            > ok #1 Source/T
            web #1    ✓ succeeded      Source/T
            web #1    stage failed     Source
            web #1    failed
              effect conclude #1
        "#]],
    );
}
