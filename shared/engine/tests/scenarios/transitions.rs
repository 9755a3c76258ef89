//! Disabling and enabling transitions (R38–R42).

use expect_test::expect;

use super::check;

/// R38: nobody enters; who is inside goes on.
#[test]
fn a_disabled_transition_holds_who_arrives() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            disable Build because release freeze
            ok #1 Build/B
            start
            ok #2 Source/S
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
            > disable Build because release freeze
            web       disabled         Build             by ann: release freeze
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
            web #2    waits            Build
            > show
              Build: #2 waits, disabled by ann: release freeze, last Succeeded by #1
              Prod: #1 inside
              Source: last Succeeded by #2
              #1 is not over
              #2 is not over
        "#]],
    );
}

/// R39: newer arrivals replace the waiter, which enters when the way is open.
#[test]
fn enabling_lets_the_newest_waiter_in() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            disable Prod because freeze
            start
            ok #1 Source/S
            ok #1 Build/B
            start
            ok #2 Source/S
            ok #2 Build/B
            enable Prod
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > disable Prod because freeze
            web       disabled         Prod              by ann: freeze
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
            web #1    waits            Prod
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
            web #1    superseded       Prod              by #2
            web #2    waits            Prod
              effect conclude #1
            > enable Prod
            web       enabled          Prod              by ann
            web #2    entered          Prod
            web #2    → run            Prod/D            attempt 1
        "#]],
    );
}

/// R39: but not while the stage is held.
#[test]
fn enabling_a_held_stage_lets_nobody_in() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            disable Build because freeze
            start
            ok #2 Source/S
            enable Build
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
            > enable Build
            web       enabled          Build             by ann
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

/// R40: after more than 30 days the waiter does not go on.
#[test]
fn a_waiter_of_more_than_thirty_days_is_cancelled() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            disable Build because freeze
            start
            ok #1 Source/S
            +30 days
            enable Build
            disable Prod because freeze
            ok #1 Build/B
            +10 days
            disable Prod because a longer freeze
            +20 days
            +1 minute
            enable Prod
            start
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
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
            > +30 days
            > enable Build
            web       enabled          Build             by ann
            web #1    entered          Build
            web #1    → run            Build/B           attempt 1
            > disable Prod because freeze
            web       disabled         Prod              by ann: freeze
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    waits            Prod
            > +10 days
            > disable Prod because a longer freeze
            web       disabled         Prod              by ann: a longer freeze
            > +20 days
            > +1 minute
            > enable Prod
            web #1    cancelled                          the transition was disabled for more than 30 days; start a new execution
            web       enabled          Prod              by ann
              effect conclude #1
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
        "#]],
    );
}

/// R40: in QUEUED mode none of the waiters goes on.
#[test]
fn a_line_of_more_than_thirty_days_is_cancelled() {
    check(
        "
            pipeline QUEUED: Source(S) Build(B) Prod(D)
            disable Build because freeze
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            +31 days
            enable Build
            show
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
            > +31 days
            > enable Build
            web #1    cancelled                          the transition was disabled for more than 30 days; start a new execution
            web #2    cancelled                          the transition was disabled for more than 30 days; start a new execution
            web       enabled          Build             by ann
              effect conclude #1
              effect conclude #2
            > show
              Build: free
              Prod: free
              Source: last Succeeded by #2
        "#]],
    );
}

/// R41: the way into the first stage holds new executions; there is none out of the last.
#[test]
fn the_first_stage_has_a_way_in() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            disable Source because freeze
            start
            show
            enable Source
            disable Nowhere because it is not there
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > disable Source because freeze
            web       disabled         Source            by ann: freeze
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    waits            Source
            > show
              Build: free
              Prod: free
              Source: #1 waits, disabled by ann: freeze
              #1 is not over
            > enable Source
            web       enabled          Source            by ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > disable Nowhere because it is not there
              refused: the pipeline has no stage Nowhere
        "#]],
    );
}

/// R42: repeating changes nothing, another reason replaces the first, and an update keeps it.
#[test]
fn disabling_again_replaces_the_reason_and_survives_an_update() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            disable Prod because freeze
            disable Prod because freeze
            disable Prod because audit
            update
            show
            enable Prod
            enable Prod
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > disable Prod because freeze
            web       disabled         Prod              by ann: freeze
            > disable Prod because freeze
            > disable Prod because audit
            web       disabled         Prod              by ann: audit
            > update
            web       defined          v2                SUPERSEDED by ann
            > show
              Build: free
              Prod: disabled by ann: audit
              Source: free
            > enable Prod
            web       enabled          Prod              by ann
            > enable Prod
        "#]],
    );
}
