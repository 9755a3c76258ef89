//! Updates and deletion (R84–R90).

use expect_test::expect;

use super::check;

/// R84, R87: who is inside ends when its actions have; who waits ends at once; the lock is held meanwhile.
#[test]
fn an_update_ends_what_runs() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|B) Prod(approve P, D@2)
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            start
            update
            start
            show
            ok #1 Build/A
            fail #1 Build/B
            ok #3 Source/S
            show
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(A|B) Prod(approve P, D@2)
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
            > update
            web       defined          v2                SUPERSEDED by ann
            web #1    cancelling
            web #2    cancelled                          the pipeline was updated
            web #3    cancelling
              effect conclude #2
            > start
            web #4    started          v2                StartPipelineExecution ann
            web #4    waits            Source
            > show
              Build: #1 inside
              Prod: free
              Source: #3 inside, #4 waits
              #1 is not over
              #3 is not over
              #4 is not over
            > ok #1 Build/A
            web #1    ✓ succeeded      Build/A
            > fail #1 Build/B
            web #1    ✗ failed         Build/B           JobFailed: it broke
            web #1    stage cancelled  Build
            web #1    cancelled                          the pipeline was updated
              effect conclude #1
            > ok #3 Source/S
            web #3    ✓ succeeded      Source/S
            web #3    stage cancelled  Source
            web #3    cancelled                          the pipeline was updated
            web #4    entered          Source
            web #4    → run            Source/S          attempt 1
              effect conclude #3
            > show
              Build: last Cancelled by #1
              Prod: free
              Source: #4 inside
              #4 is not over
        "#]],
    );
}

/// R84: the place of a stage that is declared no more goes away when it is free.
#[test]
fn a_stage_that_is_gone_is_forgotten_when_it_is_free() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            ok #1 Build/B
            update SUPERSEDED: Source(S) Build(B) Live(L)
            show
            start
            ok #2 Source/S
            ok #2 Build/B
            ok #1 Prod/D
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
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/D            attempt 1
            > update SUPERSEDED: Source(S) Build(B) Live(L)
            web       defined          v2                SUPERSEDED by ann
            web #1    cancelling
            > show
              Build: last Succeeded by #1
              Live: free
              Prod: #1 inside
              Source: last Succeeded by #1
              #1 is not over
            > start
            web #2    started          v2                StartPipelineExecution ann
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
            web #2    entered          Live
            web #2    → run            Live/L            attempt 1
            > ok #1 Prod/D
            web #1    ✓ succeeded      Prod/D
            web #1    stage cancelled  Prod
            web #1    cancelled                          the pipeline was updated
              effect conclude #1
            > show
              Build: last Succeeded by #2
              Live: #2 inside
              Source: last Succeeded by #2
              #2 is not over
        "#]],
    );
}

/// R84: what is being stopped ends as stopped, and what is being cancelled can be stopped.
#[test]
fn stopping_and_updating_meet() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            stop #1
            update
            ok #1 Build/B
            start
            ok #2 Source/S
            update
            stop #2
            ok #2 Build/B
            retry #2 Build ALL_ACTIONS
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
            > update
            web       defined          v2                SUPERSEDED by ann
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    stage stopped    Build
            web #1    stopped
              effect conclude #1
            > start
            web #2    started          v2                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    entered          Build
            web #2    → run            Build/B           attempt 1
            > update
            web       defined          v3                SUPERSEDED by ann
            web #2    cancelling
            > stop #2
            web #2    stopping
            web #2    stage stopping   Build
            > ok #2 Build/B
            web #2    ✓ succeeded      Build/B
            web #2    stage stopped    Build
            web #2    stopped
              effect conclude #2
            > retry #2 Build ALL_ACTIONS
              refused: the stage cannot be retried: the pipeline was updated since
        "#]],
    );
}

/// R85: parallel executions go on with the declaration that they started with.
#[test]
fn an_update_leaves_parallel_executions_alone() {
    check(
        "
            pipeline PARALLEL: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            update SUPERSEDED: Source(S) Build(B)
            ok #1 Build/B
            ok #1 Prod/D
            start
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
            > update SUPERSEDED: Source(S) Build(B)
            web       defined          v2                SUPERSEDED by ann
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
              effect close #1 attempt 1
            web       closed           #1
            > start
            web #2    started          v2                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
        "#]],
    );
}

/// R86: another mode keeps the transitions that were disabled.
#[test]
fn another_mode_keeps_the_transitions() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            disable Prod because freeze
            update PARALLEL: Source(S) Build(B) Prod(D)
            update QUEUED: Source(S) Build(B) Prod(D)
            show
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > disable Prod because freeze
            web       disabled         Prod              by ann: freeze
            > update PARALLEL: Source(S) Build(B) Prod(D)
            web       defined          v2                PARALLEL by ann
            > update QUEUED: Source(S) Build(B) Prod(D)
            web       defined          v3                QUEUED by ann
            > show
              Build: free
              Prod: disabled by ann: freeze
              Source: free
        "#]],
    );
}

/// R88: the last result stays visible, and is not retried.
#[test]
fn an_old_failure_is_shown_and_not_retried() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            fail #1 Build/B
            update
            show
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
            > update
            web       defined          v2                SUPERSEDED by ann
            > show
              Build: last Failed by #1
              Prod: free
              Source: last Succeeded by #1
            > retry #1 Build FAILED_ACTIONS
              refused: the stage cannot be retried: the pipeline was updated since
        "#]],
    );
}

/// R90: deleting gives up what runs, can be repeated, and frees the name.
#[test]
fn deleting_ends_everything_and_frees_the_name() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            ok #1 Build/B
            start
            ok #2 Source/S
            start
            delete
            delete
            start
            ok #1 Prod/D
            pipeline SUPERSEDED: Source(S) Build(B)
            start
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
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/D            attempt 1
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    entered          Build
            web #2    → run            Build/B           attempt 1
            > start
            web #3    started          v1                StartPipelineExecution ann
            web #3    entered          Source
            web #3    → run            Source/S          attempt 1
            > delete
            web #1    abandoned        Prod/D
            web #1    stage cancelled  Prod
            web #1    cancelled                          the pipeline was deleted
            web #2    abandoned        Build/B
            web #2    stage cancelled  Build
            web #2    cancelled                          the pipeline was deleted
            web #3    abandoned        Source/S
            web #3    stage cancelled  Source
            web #3    cancelled                          the pipeline was deleted
            web       deleted                            by ann
              effect cancel Prod/D attempt 1
              effect conclude #1
              effect cancel Build/B attempt 1
              effect conclude #2
              effect cancel Source/S attempt 1
              effect conclude #3
            > delete
            > start
              refused: there is no such pipeline
            > ok #1 Prod/D
              refused: the attempt ended already
            > pipeline SUPERSEDED: Source(S) Build(B)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #4    started          v1                StartPipelineExecution ann
            web #4    entered          Source
            web #4    → run            Source/S          attempt 1
            > show
              Build: free
              Source: #4 inside
              #4 is not over
        "#]],
    );
}

/// Contract §3.2, rows 4 and 44: whoever creates does not replace, and whoever replaces does not create.
#[test]
fn creating_and_replacing_refuse_each_others_ground() {
    check(
        "
            replace SUPERSEDED: Source(S) Build(A)
            create SUPERSEDED: Source(S) Build(A)
            create SUPERSEDED: Source(S) Build(A)
            replace SUPERSEDED: Source(S) Build(A)
            delete
            replace SUPERSEDED: Source(S) Build(A)
            create SUPERSEDED: Source(S) Build(A)
        ",
        &expect![[r#"
            > replace SUPERSEDED: Source(S) Build(A)
              refused: there is no such pipeline
            > create SUPERSEDED: Source(S) Build(A)
            web       defined          v1                SUPERSEDED by ann
            > create SUPERSEDED: Source(S) Build(A)
              refused: a pipeline of this name exists already
            > replace SUPERSEDED: Source(S) Build(A)
            web       defined          v2                SUPERSEDED by ann
            > delete
            web       deleted                            by ann
            > replace SUPERSEDED: Source(S) Build(A)
              refused: there is no such pipeline
            > create SUPERSEDED: Source(S) Build(A)
            web       defined          v1                SUPERSEDED by ann
        "#]],
    );
}
