//! PARALLEL mode (R26–R30).

use expect_test::expect;

use super::check;

/// R26: executions know nothing of each other, and the pipeline's stages stay free.
#[test]
fn parallel_executions_share_no_locks() {
    check(
        "
            pipeline PARALLEL: Source(S) Build(B) Prod(D)
            start
            start
            ok #2 Source/S
            ok #2 Build/B
            ok #1 Source/S
            show
        ",
        &expect![[r#"
            > pipeline PARALLEL: Source(S) Build(B) Prod(D)
            web       defined          v1                PARALLEL by ann
            > start
            web       admitted         #1
              effect open #1
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > start
            web       admitted         #2
              effect open #2
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
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Build
            web #1    → run            Build/B           attempt 1
            > show
              Build: free
              Prod: free
              Source: free
              #1 has its own log, attempt 1
              #2 has its own log, attempt 1
              #1: Build: #1 inside
              #1: Prod: free
              #1: Source: last Succeeded by #1
              #2: Build: last Succeeded by #2
              #2: Prod: #2 inside
              #2: Source: last Succeeded by #2
              #1 is not over
              #2 is not over
        "#]],
    );
}

/// R27: five actions at once; the others wait in the order of the list.
#[test]
fn a_parallel_execution_runs_five_actions_at_once() {
    check(
        "
            pipeline PARALLEL: Source(S) Build(A|B|C|D|E|F|G)
            start
            ok #1 Source/S
            ok #1 Build/C
        ",
        &expect![[r#"
            > pipeline PARALLEL: Source(S) Build(A|B|C|D|E|F|G)
            web       defined          v1                PARALLEL by ann
            > start
            web       admitted         #1
              effect open #1
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Build
            web #1    → run            Build/A           attempt 1
            web #1    → run            Build/B           attempt 1
            web #1    → run            Build/C           attempt 1
            web #1    → run            Build/D           attempt 1
            web #1    → run            Build/E           attempt 1
            > ok #1 Build/C
            web #1    ✓ succeeded      Build/C
            web #1    → run            Build/F           attempt 1
        "#]],
    );
}

/// R28: a parallel execution is retried by its id.
#[test]
fn a_parallel_execution_is_retried() {
    check(
        "
            pipeline PARALLEL: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            fail #1 Build/B
            retry #1 Build FAILED_ACTIONS
            ok #1 Build/B
            ok #1 Prod/D
            show
        ",
        &expect![[r#"
            > pipeline PARALLEL: Source(S) Build(B) Prod(D)
            web       defined          v1                PARALLEL by ann
            > start
            web       admitted         #1
              effect open #1
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
              effect close #1 attempt 1
            web       closed           #1
            > retry #1 Build FAILED_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             FAILED_ACTIONS
            web #1    → run            Build/B           attempt 2
              effect reopen #1 attempt 2
            web       reopened         #1  attempt 2
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
              effect close #1 attempt 2
            web       closed           #1
            > show
              Build: free
              Prod: free
              Source: free
        "#]],
    );
}

/// R29, R80: the token belongs to the execution's own log.
#[test]
fn a_parallel_approval_is_answered_in_its_own_log() {
    check(
        "
            pipeline PARALLEL: Source(S) Prod(approve P)
            start
            start
            ok #1 Source/S
            ok #2 Source/S
            approve #2 Prod/P
            show
        ",
        &expect![[r#"
            > pipeline PARALLEL: Source(S) Prod(approve P)
            web       defined          v1                PARALLEL by ann
            > start
            web       admitted         #1
              effect open #1
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > start
            web       admitted         #2
              effect open #2
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Prod
            web #1    → run            Prod/P            attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    entered          Prod
            web #2    → run            Prod/P            attempt 1
            > approve #2 Prod/P
            web #2    ✓ succeeded      Prod/P            by bob
            web #2    left             Prod
            web #2    succeeded
              effect conclude #2
              effect close #2 attempt 1
            web       closed           #2
            > show
              Prod: free
              Source: free
              #1 has its own log, attempt 1
              #1: Prod: #1 inside
              #1: Source: last Succeeded by #1
              #1 is not over
        "#]],
    );
}

/// R30: a disabled transition holds every one that arrives; all go on when it is enabled.
#[test]
fn a_disabled_transition_holds_parallel_executions() {
    check(
        "
            pipeline PARALLEL: Source(S) Build(B) Prod(D)
            disable Build because freeze
            start
            start
            ok #1 Source/S
            ok #2 Source/S
            show
            enable Build
        ",
        &expect![[r#"
            > pipeline PARALLEL: Source(S) Build(B) Prod(D)
            web       defined          v1                PARALLEL by ann
            > disable Build because freeze
            web       disabled         Build             by ann: freeze
            > start
            web       admitted         #1
              effect open #1
            web #1    started          v1                StartPipelineExecution ann
            web       disabled         Build             by ann: freeze
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > start
            web       admitted         #2
              effect open #2
            web #2    started          v1                StartPipelineExecution ann
            web       disabled         Build             by ann: freeze
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    waits            Build
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    waits            Build
            > show
              Build: disabled by ann: freeze
              Prod: free
              Source: free
              #1 has its own log, attempt 1
              #2 has its own log, attempt 1
              #1: Build: #1 waits, disabled by ann: freeze
              #1: Prod: free
              #1: Source: last Succeeded by #1
              #2: Build: #2 waits, disabled by ann: freeze
              #2: Prod: free
              #2: Source: last Succeeded by #2
              #1 is not over
              #2 is not over
            > enable Build
            web       enabled          Build             by ann
              effect relay #1
              effect relay #2
            web       enabled          Build             by the pipeline
            web #1    entered          Build
            web #1    → run            Build/B           attempt 1
            web       enabled          Build             by the pipeline
            web #2    entered          Build
            web #2    → run            Build/B           attempt 1
        "#]],
    );
}

/// R30, R40: after more than 30 days none of them goes on.
#[test]
fn parallel_executions_do_not_go_on_after_thirty_days() {
    check(
        "
            pipeline PARALLEL: Source(S) Build(B) Prod(D)
            start
            disable Build because freeze
            ok #1 Source/S
            +31 days
            enable Build
        ",
        &expect![[r#"
            > pipeline PARALLEL: Source(S) Build(B) Prod(D)
            web       defined          v1                PARALLEL by ann
            > start
            web       admitted         #1
              effect open #1
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > disable Build because freeze
            web       disabled         Build             by ann: freeze
              effect relay #1
            web       disabled         Build             by ann: freeze
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    waits            Build
            > +31 days
            > enable Build
            web       enabled          Build             by ann
              effect relay #1
            web #1    cancelled                          the transition was disabled for more than 30 days; start a new execution
            web       enabled          Build             by the pipeline
              effect conclude #1
              effect close #1 attempt 1
            web       closed           #1
        "#]],
    );
}
