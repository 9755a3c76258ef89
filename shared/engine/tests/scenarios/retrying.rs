//! Failure and retry (R51–R59).

use expect_test::expect;

use super::check;

/// R51, R53, R57: failed actions run again under the same id, with the next attempt, as often as need be.
#[test]
fn failed_actions_are_retried() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|B, C@2) Prod(approve P, D@2)
            start
            ok #1 Source/S
            fail #1 Build/A
            ok #1 Build/B
            retry #1 Build FAILED_ACTIONS
            fail #1 Build/A
            retry #1 Build FAILED_ACTIONS
            ok #1 Build/A
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
            > fail #1 Build/A
            web #1    ✗ failed         Build/A           JobFailed: it broke
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    stage failed     Build
            web #1    failed
              effect conclude #1
            > retry #1 Build FAILED_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             FAILED_ACTIONS
            web #1    → run            Build/A           attempt 2
            > fail #1 Build/A
            web #1    ✗ failed         Build/A           JobFailed: it broke
            web #1    stage failed     Build
            web #1    failed
              effect conclude #1
            > retry #1 Build FAILED_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             FAILED_ACTIONS
            web #1    → run            Build/A           attempt 3
            > ok #1 Build/A
            web #1    ✓ succeeded      Build/A
            web #1    → run            Build/C           attempt 3
        "#]],
    );
}

/// R54, R55: all actions run again, from the lowest group.
#[test]
fn all_actions_are_retried() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|B, C@2) Prod(approve P, D@2)
            start
            ok #1 Source/S
            ok #1 Build/A
            ok #1 Build/B
            fail #1 Build/C
            retry #1 Build ALL_ACTIONS
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
            > fail #1 Build/C
            web #1    ✗ failed         Build/C           JobFailed: it broke
            web #1    stage failed     Build
            web #1    failed
              effect conclude #1
            > retry #1 Build ALL_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             ALL_ACTIONS
            web #1    → run            Build/A           attempt 2
            web #1    → run            Build/B           attempt 2
        "#]],
    );
}

/// R52: what is refused, and why.
#[test]
fn retries_have_conditions() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            retry #1 Source FAILED_ACTIONS
            ok #1 Source/S
            retry #1 Source FAILED_ACTIONS
            retry #7 Build FAILED_ACTIONS
            retry #1 Nowhere FAILED_ACTIONS
            fail #1 Build/B
            retry #1 Prod FAILED_ACTIONS
            update
            retry #1 Build FAILED_ACTIONS
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > retry #1 Source FAILED_ACTIONS
              refused: execution #1 is running in stage Source
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Build
            web #1    → run            Build/B           attempt 1
            > retry #1 Source FAILED_ACTIONS
              refused: the stage cannot be retried: it succeeded
            > retry #7 Build FAILED_ACTIONS
              refused: execution 00000000-0000-0000-0000-000000000007 is not the latest that entered the stage
            > retry #1 Nowhere FAILED_ACTIONS
              refused: the pipeline has no stage Nowhere
            > fail #1 Build/B
            web #1    ✗ failed         Build/B           JobFailed: it broke
            web #1    stage failed     Build
            web #1    failed
              effect conclude #1
            > retry #1 Prod FAILED_ACTIONS
              refused: execution #1 is not the latest that entered the stage
            > update
            web       defined          v2                SUPERSEDED by ann
            > retry #1 Build FAILED_ACTIONS
              refused: the stage cannot be retried: the pipeline was updated since
        "#]],
    );
}

/// R52: a stopped stage can go on; without a failed action only as a whole.
#[test]
fn a_stopped_stage_is_retried() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            stop #1
            ok #1 Build/B
            retry #1 Build FAILED_ACTIONS
            retry #1 Build ALL_ACTIONS
            abandon #1
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
            > stop #1
            web #1    stopping
            web #1    stage stopping   Build
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    stage stopped    Build
            web #1    stopped
              effect conclude #1
            > retry #1 Build FAILED_ACTIONS
              refused: the stage cannot be retried: it has no failed action; retry ALL_ACTIONS instead
            > retry #1 Build ALL_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             ALL_ACTIONS
            web #1    → run            Build/B           attempt 2
            > abandon #1
            web #1    abandoning
            web #1    stage stopping   Build
            web #1    abandoned        Build/B
            web #1    stage stopped    Build
            web #1    stopped
              effect cancel Build/B attempt 2
              effect conclude #1
            > retry #1 Build FAILED_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             FAILED_ACTIONS
            web #1    → run            Build/B           attempt 3
        "#]],
    );
}

/// R56: the retrier takes the lock; while another holds it there is no retry.
#[test]
fn a_retry_takes_the_lock() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            fail #1 Build/B
            retry #1 Build FAILED_ACTIONS
            show
            retry #1 Build FAILED_ACTIONS
            fail #1 Build/B
            start
            ok #2 Source/S
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
            > retry #1 Build FAILED_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             FAILED_ACTIONS
            web #1    → run            Build/B           attempt 2
            > show
              Build: #1 inside
              Prod: free
              Source: last Succeeded by #1
              #1 is not over
            > retry #1 Build FAILED_ACTIONS
              refused: execution #1 is running in stage Build
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
            > retry #1 Build FAILED_ACTIONS
              refused: execution #1 is not the latest that entered the stage
        "#]],
    );
}

/// R59: a retried stage that succeeds goes on through the rest.
#[test]
fn a_retried_execution_goes_on() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            fail #1 Build/B
            retry #1 Build FAILED_ACTIONS
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
            > fail #1 Build/B
            web #1    ✗ failed         Build/B           JobFailed: it broke
            web #1    stage failed     Build
            web #1    failed
              effect conclude #1
            > retry #1 Build FAILED_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             FAILED_ACTIONS
            web #1    → run            Build/B           attempt 2
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/D            attempt 2
            > ok #1 Prod/D
            web #1    ✓ succeeded      Prod/D
            web #1    left             Prod
            web #1    succeeded
              effect conclude #1
        "#]],
    );
}
