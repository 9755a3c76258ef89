//! How executions begin (R1–R10, R92).

use expect_test::expect;

use super::check;

/// R1, R92: numbers count up, events count from 1, and attempts from 1.
#[test]
fn executions_are_numbered_in_the_order_of_their_starts() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
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
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    waits            Source
            > show
              Build: free
              Prod: free
              Source: #1 inside, #2 waits
              #1 is not over
              #2 is not over
        "#]],
    );
}

/// R2, R10: the cause is kept, and so is the declaration's version.
#[test]
fn a_start_tells_its_cause_and_is_pinned_to_the_version() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start by WebhookV2
            ok #1 Source/S
            ok #1 Build/B
            ok #1 Prod/D
            update SUPERSEDED: Source(S) Build(B) Live(L)
            start by CloudWatchEvent
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > start by WebhookV2
            web #1    started          v1                WebhookV2 ann
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
            > ok #1 Prod/D
            web #1    ✓ succeeded      Prod/D
            web #1    left             Prod
            web #1    succeeded
              effect conclude #1
            > update SUPERSEDED: Source(S) Build(B) Live(L)
            web       defined          v2                SUPERSEDED by ann
            > start by CloudWatchEvent
            web #2    started          v2                CloudWatchEvent ann
            web #2    entered          Source
            web #2    → run            Source/S          attempt 1
        "#]],
    );
}

/// R3: creating starts an execution, which is recorded as refused when a required variable is missing; an update starts nothing.
#[test]
fn a_new_pipeline_starts_at_once_if_it_can() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) variables Target
            start by CreatePipeline
            update SUPERSEDED: Source(S) Build(B) variables Target=beta
            start by CreatePipeline
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) variables Target
            web       defined          v1                SUPERSEDED by ann
            > start by CreatePipeline
            web       refused          CreatePipeline    variable Target has no default; give it a value
            > update SUPERSEDED: Source(S) Build(B) variables Target=beta
            web       defined          v2                SUPERSEDED by ann
            > start by CreatePipeline
            web #1    started          v2                CreatePipeline ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
        "#]],
    );
}

/// R4: every source runs in every execution.
#[test]
fn all_sources_run_whichever_changed() {
    check(
        "
            pipeline SUPERSEDED: Source(App|Config) Build(B)
            start by CloudWatchEvent
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(App|Config) Build(B)
            web       defined          v1                SUPERSEDED by ann
            > start by CloudWatchEvent
            web #1    started          v1                CloudWatchEvent ann
            web #1    entered          Source
            web #1    → run            Source/App        attempt 1
            web #1    → run            Source/Config     attempt 1
        "#]],
    );
}

/// R5: the same start again starts nothing; an id that may be old is looked for first.
#[test]
fn a_repeated_start_starts_nothing() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            start
            start again #1
            start
            ok #1 Source/S
            fail #1 Build/B
            start again #1
            show
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) Prod(D)
            web       defined          v1                SUPERSEDED by ann
            > start
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > start again #1
            > start
            web #2    started          v1                StartPipelineExecution ann
            web #2    waits            Source
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
            > start again #1
              refused: #1 may have been started before
            > show
              Build: last Failed by #1
              Prod: free
              Source: #2 inside
              #2 is not over
        "#]],
    );
}

/// R6: values must be of declared variables and not empty, and required ones must be there.
#[test]
fn variables_are_checked_at_the_start() {
    check(
        "
            pipeline SUPERSEDED: Source(S) Build(B) variables Branch=main Target
            start Target=beta
            start
            start Target=beta Colour=red
            start Target=
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S) Build(B) variables Branch=main Target
            web       defined          v1                SUPERSEDED by ann
            > start Target=beta
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            > start
              refused: variable Target has no default; give it a value
            > start Target=beta Colour=red
              refused: the pipeline declares no variable Colour; declare it or leave it out
            > start Target=
              refused: variable Target must not be empty
        "#]],
    );
}

/// R7: a revision fits its source action, and is given once.
#[test]
fn revisions_are_checked_at_the_start() {
    check(
        "
            pipeline SUPERSEDED: Source(S, Image=ECR) Build(B)
            start revision S COMMIT_ID=abc
            start revision S IMAGE_DIGEST=sha256:1
            start revision Build COMMIT_ID=abc
            start revision Image IMAGE_DIGEST=
            start revision S COMMIT_ID=abc revision S COMMIT_ID=def
        ",
        &expect![[r#"
            > pipeline SUPERSEDED: Source(S, Image=ECR) Build(B)
            web       defined          v1                SUPERSEDED by ann
            > start revision S COMMIT_ID=abc
            web #1    started          v1                StartPipelineExecution ann
            web #1    entered          Source
            web #1    → run            Source/S          attempt 1
            web #1    → run            Source/Image      attempt 1
            > start revision S IMAGE_DIGEST=sha256:1
              refused: the revision for source action S cannot be used: CodeCommit takes COMMIT_ID, not IMAGE_DIGEST
            > start revision Build COMMIT_ID=abc
              refused: the revision for source action Build cannot be used: the pipeline has no such source action
            > start revision Image IMAGE_DIGEST=
              refused: the revision for source action Image cannot be used: the value is empty
            > start revision S COMMIT_ID=abc revision S COMMIT_ID=def
              refused: the revision for source action S cannot be used: COMMIT_ID is given twice
        "#]],
    );
}
