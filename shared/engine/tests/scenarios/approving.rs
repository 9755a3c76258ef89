//! Approvals (R79–R83).

use expect_test::expect;

use super::check;

/// R79, R80: a person with the token lets it pass, or not.
#[test]
fn an_approval_is_answered_with_its_token() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Prod(approve P, D@2)
            start
            ok #1 Source/S
            approve #1 Prod/P
            ok #1 Prod/D
            start
            ok #2 Source/S
            reject #2 Prod/P
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
            > approve #1 Prod/P
            web #1    ✓ succeeded      Prod/P            by bob
            web #1    → run            Prod/D            attempt 1
            > ok #1 Prod/D
            web #1    ✓ succeeded      Prod/D
            web #1    left             Prod
            web #1    succeeded
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
            > reject #2 Prod/P
            web #2    ✗ failed         Prod/P            JobFailed: rejected by bob
            web #2    stage failed     Prod
            web #2    failed
              effect conclude #2
        "#]],
    );
}

/// R81: a wrong token is refused, and the second answer comes too late.
#[test]
fn the_first_answer_wins() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Prod(approve P, D@2)
            start
            approve #1 Prod/P
            ok #1 Source/S
            approve #1 Prod/P wrongly
            reject #1 Prod/P
            approve #1 Prod/P attempt 1
            approve #1 Prod/Q
            approve #1 Nowhere/P
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Prod(approve P, D@2)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > approve #1 Prod/P
              refused: the approval token is wrong or out of date
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Prod
            web #1    → run            Prod/P            attempt 1
            > approve #1 Prod/P wrongly
              refused: the approval token is wrong or out of date
            > reject #1 Prod/P
            web #1    ✗ failed         Prod/P            JobFailed: rejected by bob
            web #1    stage failed     Prod
            web #1    failed
              effect conclude #1
            > approve #1 Prod/P attempt 1
              refused: the approval was answered already
            > approve #1 Prod/Q
              refused: the stage has no action Q
            > approve #1 Nowhere/P
              refused: the pipeline has no stage Nowhere
        "#]],
    );
}

/// R82: without an answer it fails after its time: 7 days, or what the action says.
#[test]
fn an_unanswered_approval_fails_at_its_time() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Prod(approve P|approve Q=30)
            start
            ok #1 Source/S
            +29 minutes
            tick
            +1 minute
            tick
            +7 days
            -31 minutes
            tick
            +1 minute
            tick
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Prod(approve P|approve Q=30)
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
            web #1    → run            Prod/Q            attempt 1
            > +29 minutes
            > tick
            > +1 minute
            > tick
            web #1    ✗ failed         Prod/Q            JobFailed: nobody answered within 30 minutes
              effect cancel Prod/Q attempt 1
            > +7 days
            > -31 minutes
            > tick
            > +1 minute
            > tick
            web #1    ✗ failed         Prod/P            JobFailed: nobody answered within 10080 minutes
            web #1    stage failed     Prod
            web #1    failed
              effect cancel Prod/P attempt 1
              effect conclude #1
        "#]],
    );
}

/// R83: the stage is held while nobody answers, and a retry has a new token.
#[test]
fn a_retry_asks_again_with_a_new_token() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Prod(approve P)
            start
            ok #1 Source/S
            start
            ok #2 Source/S
            show
            abandon #2
            reject #1 Prod/P
            retry #1 Prod FAILED_ACTIONS
            approve #1 Prod/P attempt 1
            approve #1 Prod/P attempt 2
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
            > show
              Prod: #1 inside, #2 waits
              Source: last Succeeded by #2
              #1 is not over
              #2 is not over
            > abandon #2
            web #2    abandoning
            web #2    stopped
              effect conclude #2
            > reject #1 Prod/P
            web #1    ✗ failed         Prod/P            JobFailed: rejected by bob
            web #1    stage failed     Prod
            web #1    failed
              effect conclude #1
            > retry #1 Prod FAILED_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Prod              FAILED_ACTIONS
            web #1    → run            Prod/P            attempt 2
            > approve #1 Prod/P attempt 1
              refused: the approval was answered already
            > approve #1 Prod/P attempt 2
            web #1    ✓ succeeded      Prod/P            by bob
            web #1    left             Prod
            web #1    succeeded
              effect conclude #1
        "#]],
    );
}
