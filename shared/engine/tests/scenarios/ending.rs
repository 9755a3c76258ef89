//! The order and the numbers of what is told (contract §4.5; R92, R93).

use expect_test::expect;

use super::check;

/// R92, R93: one record holds the changes of one decision, and moments never go back.
#[test]
fn clocks_that_go_back_do_not_matter() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            -30 minutes
            ok #1 Source/S
            +45 minutes
            tick
            ok #1 Build/B
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > -30 minutes
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Build
            web #1    → run            Build/B           attempt 1
            > +45 minutes
            > tick
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    left             Build
            web #1    entered          Prod
            web #1    → run            Prod/D            attempt 1
        "#]],
    );
}

/// R43, R44, R48: stop and wait, then stop and abandon, in the canonical order.
#[test]
fn the_order_of_a_stop() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|B, C@2) Prod(approve P, D@2)
            start
            ok #1 Source/S
            stop #1
            ok #1 Build/A
            ok #1 Build/B
            retry #1 Build ALL_ACTIONS
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
            > ok #1 Build/A
            web #1    ✓ succeeded      Build/A
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    stage stopped    Build
            web #1    stopped
              effect conclude #1
            > retry #1 Build ALL_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             ALL_ACTIONS
            web #1    → run            Build/A           attempt 2
            web #1    → run            Build/B           attempt 2
            > abandon #1
            web #1    abandoning
            web #1    stage stopping   Build
            web #1    abandoned        Build/A
            web #1    abandoned        Build/B
            web #1    stage stopped    Build
            web #1    stopped
              effect cancel Build/A attempt 2
              effect cancel Build/B attempt 2
              effect conclude #1
        "#]],
    );
}
