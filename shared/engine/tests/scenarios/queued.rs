//! QUEUED mode (R9, R23–R25).

use expect_test::expect;

use super::check;

/// R23: first in, first out, at each stage.
#[test]
fn executions_queue_at_each_stage() {
    check(
        "
            pipeline QUEUED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            start
            ok #3 Source/S
            start
            show
            ok #1 Build/B
            ok #2 Build/B
            show
        ",
        &expect![[r#"
            > pipeline QUEUED: Source(S) Build(B) Prod(D)
            web       defined          v1                QUEUED by ann
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
            web #3    waits            Build
            > start
            web #4    started          v1                StartPipelineExecution ann
            web #4    entered          Source
            web #4    → run            Source/S          attempt 1
            > show
              Build: #1 inside, #2 waits, #3 waits
              Prod: free
              Source: #4 inside
              #1 is not over
              #2 is not over
              #3 is not over
              #4 is not over
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/D            attempt 1
            web #2    entered          Build
            web #2    → run            Build/B           attempt 1
            > ok #2 Build/B
            web #2    ✓ succeeded      Build/B
            web #2    left             Build
            web #2    waits            Prod
            web #3    entered          Build
            web #3    → run            Build/B           attempt 1
            > show
              Build: #3 inside
              Prod: #1 inside, #2 waits
              Source: #4 inside
              #1 is not over
              #2 is not over
              #3 is not over
              #4 is not over
        "#]],
    );
}

/// R24: who is stopped leaves the line, and the others stay.
#[test]
fn a_stopped_waiter_leaves_the_line() {
    check(
        "
            pipeline QUEUED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            start
            ok #3 Source/S
            stop #2
            ok #1 Build/B
            show
        ",
        &expect![[r#"
            > pipeline QUEUED: Source(S) Build(B) Prod(D)
            web       defined          v1                QUEUED by ann
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
            web #3    waits            Build
            > stop #2
            web #2    stopping
            web #2    stopped
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

/// R25: behind a disabled transition the line grows; then one enters after the other.
#[test]
fn a_line_behind_a_disabled_transition_is_served_in_order() {
    check(
        "
            pipeline QUEUED: Source(S) Build(B) Prod(D)
            disable Build because freeze
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            start
            ok #3 Source/S
            show
            enable Build
            ok #1 Build/B
        ",
        &expect![[r#"
            > pipeline QUEUED: Source(S) Build(B) Prod(D)
            web       defined          v1                QUEUED by ann
            > disable Build because freeze
            web       disabled         Build             by ann: freeze
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    waits            Build
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
            web #3    waits            Build
            > show
              Build: #1 waits, #2 waits, #3 waits, disabled by ann: freeze
              Prod: free
              Source: last Succeeded by #3
              #1 is not over
              #2 is not over
              #3 is not over
            > enable Build
            web       enabled          Build             by ann
            web #1    entered          Build
            web #1    → run            Build/B           attempt 1
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/D            attempt 1
            web #2    entered          Build
            web #2    → run            Build/B           attempt 1
        "#]],
    );
}

/// R9: the fifty-first is refused to whoever asks, and written down when nobody waits for the answer.
#[test]
fn at_most_fifty_executions_are_unfinished() {
    check(
        "
            pipeline QUEUED: Source(S) Build(B) Prod(D)
            50 times start
            start
            start by CloudWatchEvent
            ok #1 Source/S
            fail #1 Build/B
            start
            retry #1 Build FAILED_ACTIONS
        ",
        &expect![[r#"
            > pipeline QUEUED: Source(S) Build(B) Prod(D)
            web       defined          v1                QUEUED by ann
            > 50 times start
            > start
              refused: 50 executions of this pipeline are unfinished; wait for one to end or stop one
            > start by CloudWatchEvent
            web       refused          CloudWatchEvent   50 executions of this pipeline are unfinished; wait for one to end or stop one
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Build
            web #1    → run            Build/B           attempt 1
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > fail #1 Build/B
            web #1    ✗ failed         Build/B           JobFailed: it broke
            web #1    stage failed     Build
            web #1    failed
              effect conclude #1
            > start
            web #51   started          v1                StartPipelineExecution ann
            web #51   waits            Source
            > retry #1 Build FAILED_ACTIONS
              refused: 50 executions of this pipeline are unfinished; wait for one to end or stop one
        "#]],
    );
}
