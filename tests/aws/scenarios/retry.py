"""A build that failed is tried again, in the same execution, and the commit arrives after all."""

from story import Story, build, publish


def tell(home, report):
    story = Story(home, report, "retry")
    gate = home.gate("retry")
    gate.touch()
    first = story.create(build(GATE=gate), publish("retry"))
    report.check(story.ends(first) == "FAILED", "retry: the build fails while the gate is shut")
    gate.unlink()
    story.client.retry_stage_execution(
        pipelineName=story.name, stageName="Build", pipelineExecutionId=first, retryMode="FAILED_ACTIONS"
    )
    story.says(first, "stage", "Build", "RESUMED")
    report.check(story.ends(first) == "SUCCEEDED", "retry: it passes when the gate is open")
    story.holds(
        first,
        """
        pipeline STARTED
        stage    Source         STARTED
        action   Source/Commit  STARTED
        action   Source/Commit  SUCCEEDED
        stage    Source         SUCCEEDED
        stage    Build          STARTED
        action   Build/Compile  STARTED
        action   Build/Compile  FAILED
        stage    Build          FAILED
        pipeline FAILED
        pipeline RESUMED
        stage    Build          RESUMED
        action   Build/Compile  STARTED
        action   Build/Compile  SUCCEEDED
        stage    Build          SUCCEEDED
        stage    Publish        STARTED
        action   Publish/Bucket STARTED
        action   Publish/Bucket SUCCEEDED
        stage    Publish        SUCCEEDED
        pipeline SUCCEEDED
        """,
        "one execution, two attempts",
    )
    attempts = {event["detail"]["pipeline-execution-attempt"] for event in home.events().of(first)}
    report.check(attempts == {1, 2}, "retry: events say which attempt they tell of", sorted(attempts))
