"""Stopped: what runs is waited for, or given up and ended outside as well."""

from story import Story, approval, build, until


def tell(home, report):
    wait(home, report)
    abandon(home, report)


def wait(home, report):
    story = Story(home, report, "stop")
    hold = home.gate("stop")
    hold.touch()
    first = story.create(build(HOLD=hold), approval())
    story.says(first, "action", "Build/Compile", "STARTED")
    story.client.stop_pipeline_execution(pipelineName=story.name, pipelineExecutionId=first, reason="High water")
    story.says(first, "pipeline", "STOPPING")
    hold.unlink()
    report.check(story.ends(first) == "STOPPED", "stop: it stops when the build has ended")
    story.holds(
        first,
        """
        pipeline STARTED
        stage    Source        STARTED
        action   Source/Commit STARTED
        action   Source/Commit SUCCEEDED
        stage    Source        SUCCEEDED
        stage    Build         STARTED
        action   Build/Compile STARTED
        pipeline STOPPING
        stage    Build         STOPPING
        action   Build/Compile SUCCEEDED
        stage    Build         STOPPED
        pipeline STOPPED
        """,
        "the build is not taken away from under it",
    )


def abandon(home, report):
    story = Story(home, report, "abandon")
    hold = home.gate("abandon")
    hold.touch()
    first = story.create(build(HOLD=hold), approval())
    until("the build runs", hold.with_name(f"{hold.name}.seen").exists)
    story.client.stop_pipeline_execution(pipelineName=story.name, pipelineExecutionId=first, abandon=True)
    report.check(story.ends(first) == "STOPPED", "abandon: it stops at once")
    story.holds(
        first,
        """
        pipeline STARTED
        stage    Source        STARTED
        action   Source/Commit STARTED
        action   Source/Commit SUCCEEDED
        stage    Source        SUCCEEDED
        stage    Build         STARTED
        action   Build/Compile STARTED
        pipeline STOPPING
        stage    Build         STOPPING
        action   Build/Compile ABANDONED
        stage    Build         STOPPED
        pipeline STOPPED
        """,
        "the build is given up",
    )
    hold.unlink()
