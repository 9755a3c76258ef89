//! Messages between the logs of a PARALLEL pipeline, late, doubled and lost (R26, R90).

use expect_test::expect;

use super::check;

/// R51: a closing that comes after the reopening does not close it.
#[test]
fn a_late_closing_does_not_close_what_was_reopened() {
    check(
        "
            pipeline PARALLEL: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            hold
            fail #1 Build/B
            retry #1 Build FAILED_ACTIONS
            reopen #1 2
            close #1 1
            show
            ok #1 Build/B
            ok #1 Prod/D
            close #1 2
            reopen #1 2
            show
            close #1 2
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
            > hold
            > fail #1 Build/B
            web #1    ✗ failed         Build/B           JobFailed: it broke
            web #1    stage failed     Build
            web #1    failed
              effect conclude #1
              effect close #1 attempt 1
            > retry #1 Build FAILED_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             FAILED_ACTIONS
            web #1    → run            Build/B           attempt 2
              effect reopen #1 attempt 2
            > reopen #1 2
            web       reopened         #1  attempt 2
            > close #1 1
            > show
              Build: free
              Prod: free
              Source: free
              #1 has its own log, attempt 2
              #1: Build: #1 inside
              #1: Prod: free
              #1: Source: last Succeeded by #1
              #1 is not over
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
            > close #1 2
            web       closed           #1
            > reopen #1 2
            web       reopened         #1  attempt 2
            > show
              Build: free
              Prod: free
              Source: free
              #1 has its own log, attempt 2
            > close #1 2
            web       closed           #1
            > show
              Build: free
              Prod: free
              Source: free
        "#]],
    );
}

/// R90: an execution that was admitted and never begun ends like the others.
#[test]
fn deleting_ends_parallel_executions_wherever_they_are() {
    check(
        "
            pipeline PARALLEL: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            hold
            start
            delete
            show
            pipeline PARALLEL: Source(S) Build(B)
            show
            open #2
            release
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
            > hold
            > start
            web       admitted         #2
              effect open #2
            > delete
            web       deleted                            by ann
              effect withdraw #1
              effect withdraw #2
            > show
              #1 has its own log, attempt 1, withdrawn
              #2 has its own log, attempt 1, withdrawn
              #1: Build: #1 inside
              #1: Prod: free
              #1: Source: last Succeeded by #1
              #1 is not over
            > pipeline PARALLEL: Source(S) Build(B)
            web       defined          v1                PARALLEL by ann
            > show
              Build: free
              Source: free
              #1 has its own log, attempt 1, withdrawn
              #2 has its own log, attempt 1, withdrawn
              #1: Build: #1 inside
              #1: Prod: free
              #1: Source: last Succeeded by #1
              #1 is not over
            > open #2
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > release
            web #1    abandoned        Build/B
            web #1    stage cancelled  Build
            web #1    cancelled                          the pipeline was deleted
              effect cancel Build/B attempt 1
              effect conclude #1
              effect close #1 attempt 1
            web #2    abandoned        Source/S
            web #2    stage cancelled  Source
            web #2    cancelled                          the pipeline was deleted
              effect cancel Source/S attempt 1
              effect conclude #2
              effect close #2 attempt 1
            web       closed           #1
            web       closed           #2
            > show
              Build: free
              Source: free
        "#]],
    );
}
