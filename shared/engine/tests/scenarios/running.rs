//! What happens inside of a stage (R31–R35).

use expect_test::expect;

use super::check;

/// R31: a group starts together; the next one when all of it succeeded.
#[test]
fn groups_run_in_order_and_together() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|B, C@2) Prod(approve P, D@2)
            start
            ok #1 Source/S
            ok #1 Build/B
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
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            > ok #1 Build/A
            web #1    ✓ succeeded      Build/A
            web #1    → run            Build/C           attempt 1
        "#]],
    );
}

/// R15, R31: after a failure no later group starts, and the lock is held until the siblings ended.
#[test]
fn a_failed_stage_waits_for_its_siblings() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|B, C@2) Prod(approve P, D@2)
            start
            ok #1 Source/S
            fail #1 Build/A
            show
            ok #1 Build/B
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
            > show
              Build: #1 inside
              Prod: free
              Source: last Succeeded by #1
              #1 is not over
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    stage failed     Build
            web #1    failed
              effect conclude #1
        "#]],
    );
}

/// R33: each provider has its time, not a minute less.
#[test]
fn actions_time_out_by_provider() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|T=DeviceFarm|C=Commands) Prod(D=CodeDeploy|E=S3|F=CloudFormation|G=Lambda|H=StepFunctions|I=ElasticBeanstalk)
            start
            +59 minutes
            tick
            ok #1 Source/S
            +54 minutes
            tick
            ok #1 Build/C
            +425 minutes
            tick
            +1 minute
            tick
            +28 hours
            tick
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(A|T=DeviceFarm|C=Commands) Prod(D=CodeDeploy|E=S3|F=CloudFormation|G=Lambda|H=StepFunctions|I=ElasticBeanstalk)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > +59 minutes
            > tick
            > ok #1 Source/S
            web #1    ✓ succeeded      Source/S
            web #1    left             Source
            web #1    entered          Build
            web #1    → run            Build/A           attempt 1
            web #1    → run            Build/T           attempt 1
            web #1    → run            Build/C           attempt 1
            > +54 minutes
            > tick
            > ok #1 Build/C
            web #1    ✓ succeeded      Build/C
            > +425 minutes
            > tick
            > +1 minute
            > tick
            web #1    ✗ failed         Build/T           JobFailed: it did not end within 480 minutes
              effect cancel Build/T attempt 1
            > +28 hours
            > tick
            web #1    ✗ failed         Build/A           JobFailed: it did not end within 2160 minutes
            web #1    stage failed     Build
            web #1    failed
              effect cancel Build/A attempt 1
              effect conclude #1
        "#]],
    );
}

/// R33: a source has an hour, and the provider is told to stop.
#[test]
fn an_overdue_action_fails_and_is_cancelled() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Prod(E=S3|F=CloudFormation|D=CodeDeploy|G=Lambda|H=StepFunctions)
            start
            +60 minutes
            tick
            start
            ok #2 Source/S
            +90 minutes
            tick
            +2 days
            tick
            +1 day
            tick
            +2 days
            tick
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Prod(E=S3|F=CloudFormation|D=CodeDeploy|G=Lambda|H=StepFunctions)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > +60 minutes
            > tick
            web #1    ✗ failed         Source/S          JobFailed: it did not end within 60 minutes
            web #1    stage failed     Source
            web #1    failed
              effect cancel Source/S attempt 1
              effect conclude #1
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
            > ok #2 Source/S
            web #2    ✓ succeeded      Source/S
            web #2    left             Source
            web #2    entered          Prod
            web #2    → run            Prod/E            attempt 1
            web #2    → run            Prod/F            attempt 1
            web #2    → run            Prod/D            attempt 1
            web #2    → run            Prod/G            attempt 1
            web #2    → run            Prod/H            attempt 1
            > +90 minutes
            > tick
            web #2    ✗ failed         Prod/E            JobFailed: it did not end within 90 minutes
              effect cancel Prod/E attempt 1
            > +2 days
            > tick
            web #2    ✗ failed         Prod/G            JobFailed: it did not end within 1440 minutes
              effect cancel Prod/G attempt 1
            > +1 day
            > tick
            web #2    ✗ failed         Prod/F            JobFailed: it did not end within 4320 minutes
              effect cancel Prod/F attempt 1
            > +2 days
            > tick
            web #2    ✗ failed         Prod/D            JobFailed: it did not end within 7200 minutes
              effect cancel Prod/D attempt 1
        "#]],
    );
}

/// R34: what an action left behind is kept with its success, which comes once.
#[test]
fn a_success_is_reported_once() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            ok #1 Source/S
            ok #1 Source/S
            fail #1 Source/S
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
            > ok #1 Source/S
              refused: the attempt ended already
            > fail #1 Source/S
              refused: the attempt ended already
        "#]],
    );
}

/// R35: late answers, and answers of older attempts, change nothing.
#[test]
fn late_reports_change_nothing() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(A|B)
            start
            ok #1 Source/S
            fail #1 Build/A
            ok #1 Build/A
            ok #1 Build/B
            ok #1 Build/A
            retry #1 Build FAILED_ACTIONS
            ok #1 Build/A attempt 1
            ok #1 Build/A attempt 3
            ok #1 Build/A attempt 2
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(A|B)
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
            > ok #1 Build/A
              refused: the attempt ended already
            > ok #1 Build/B
            web #1    ✓ succeeded      Build/B
            web #1    stage failed     Build
            web #1    failed
              effect conclude #1
            > ok #1 Build/A
              refused: the attempt ended already
            > retry #1 Build FAILED_ACTIONS
            web #1    resumed                            by ann
            web #1    stage resumed    Build             FAILED_ACTIONS
            web #1    → run            Build/A           attempt 2
            > ok #1 Build/A attempt 1
              refused: the attempt ended already
            > ok #1 Build/A attempt 3
              refused: the attempt ended already
            > ok #1 Build/A attempt 2
            web #1    ✓ succeeded      Build/A
            web #1    left             Build
            web #1    succeeded
              effect conclude #1
        "#]],
    );
}
