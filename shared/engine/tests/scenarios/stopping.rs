//! Stopping (R43–R50).

use expect_test::expect;

use super::check;

/// R43: running actions finish, and nothing new starts, also when the last one fails.
#[test]
fn stopping_waits_for_what_runs() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|B, C@2) Prod(approve P, D@2)
            start
            ok #1 Source/S
            stop #1
            ok #1 Build/A
            fail #1 Build/B
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
            > stop #1
            web #1    stopping
            web #1    stage stopping   Build
            > ok #1 Build/A
            web #1    ✓ succeeded      Build/A
            > fail #1 Build/B
            web #1    ✗ failed         Build/B           JobFailed: it broke
            web #1    stage stopped    Build
            web #1    stopped
              effect conclude #1
        "#]],
    );
}

/// R44, R48: abandoning ends it at once, and the next one enters.
#[test]
fn abandoning_ends_at_once_and_frees_the_stage() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            abandon #1
            ok #1 Build/B
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
            > abandon #1
            web #1    abandoning
            web #1    stage stopping   Build
            web #1    abandoned        Build/B
            web #1    stage stopped    Build
            web #1    stopped
            web #2    entered          Build
            web #2    → run            Build/B           attempt 1
              effect cancel Build/B attempt 1
              effect conclude #1
            > ok #1 Build/B
              refused: the attempt ended already
        "#]],
    );
}

/// R45: waiting may become abandoning, and nothing else may be asked twice.
#[test]
fn stopping_may_be_escalated_once() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|B, C@2) Prod(approve P, D@2)
            start
            ok #1 Source/S
            stop #1
            stop #1
            abandon #1
            abandon #1
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
            > stop #1
            web #1    stopping
            web #1    stage stopping   Build
            > stop #1
              refused: execution #1 is stopping already
            > abandon #1
            web #1    abandoning
            web #1    abandoned        Build/A
            web #1    abandoned        Build/B
            web #1    stage stopped    Build
            web #1    stopped
              effect cancel Build/A attempt 1
              effect cancel Build/B attempt 1
              effect conclude #1
            > abandon #1
              refused: execution #1 is not running
        "#]],
    );
}

/// R46: what does not run cannot be stopped.
#[test]
fn only_running_executions_are_stopped() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            fail #1 Source/S
            stop #1
            stop #7
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > fail #1 Source/S
            web #1    ✗ failed         Source/S          JobFailed: it broke
            web #1    stage failed     Source
            web #1    failed
              effect conclude #1
            > stop #1
              refused: execution #1 is not running
            > stop #7
              refused: execution 00000000-0000-0000-0000-000000000007 is not running
        "#]],
    );
}

/// R47: who waits ends at once, and is never retried.
#[test]
fn a_waiting_execution_stops_at_once() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            stop #2
            ok #1 Build/B
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
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    waits            Build
            > stop #2
            web #2    stopping
            web #2    stopped
              effect conclude #2
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/D            attempt 1
            > retry #2 Build ALL_ACTIONS
              refused: execution #2 is not the latest that entered the stage
        "#]],
    );
}

/// R48: behind a disabled transition the lock is free, and nobody enters.
#[test]
fn a_stop_behind_a_disabled_transition_lets_nobody_in() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            disable Build because freeze
            start
            ok #2 Source/S
            abandon #1
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
            > disable Build because freeze
            web       disabled         Build             by ann: freeze
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    waits            Build
            > abandon #1
            web #1    abandoning
            web #1    stage stopping   Build
            web #1    abandoned        Build/B
            web #1    stage stopped    Build
            web #1    stopped
              effect cancel Build/B attempt 1
              effect conclude #1
            > show
              Build: #2 waits, disabled by ann: freeze, last Stopped by #1
              Prod: free
              Source: last Succeeded by #2
              #2 is not over
        "#]],
    );
}

/// R49: an open approval is running: stopping waits for its answer, abandoning takes its token away.
#[test]
fn an_open_approval_keeps_a_stopping_execution() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Prod(approve P, D@2)
            start
            ok #1 Source/S
            stop #1
            show
            approve #1 Prod/P
            start
            ok #2 Source/S
            abandon #2
            approve #2 Prod/P attempt 1
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Prod(approve P, D@2)
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
            > stop #1
            web #1    stopping
            web #1    stage stopping   Prod
            > show
              Prod: #1 inside
              Source: last Succeeded by #1
              #1 is not over
            > approve #1 Prod/P
            web #1    ✓ succeeded      Prod/P            by bob
            web #1    stage stopped    Prod
            web #1    stopped
              effect conclude #1
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    entered          Prod
            web #2    → run            Prod/P            attempt 1
            > abandon #2
            web #2    abandoning
            web #2    stage stopping   Prod
            web #2    abandoned        Prod/P
            web #2    stage stopped    Prod
            web #2    stopped
              effect cancel Prod/P attempt 1
              effect conclude #2
            > approve #2 Prod/P attempt 1
              refused: the approval token is wrong or out of date
        "#]],
    );
}

/// R50: the reason is told.
#[test]
fn the_reason_of_a_stop_is_told() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            stop #1 because wrong branch
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > stop #1 because wrong branch
            web #1    stopping                           wrong branch
            web #1    stage stopping   Source
        "#]],
    );
}
