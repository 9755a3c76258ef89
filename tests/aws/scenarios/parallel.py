"""In PARALLEL mode executions do not know of each other: the second passes the first."""

from story import Story, approval


def tell(home, report):
    story = Story(home, report, "parallel")
    first = story.create(approval(), executionMode="PARALLEL")
    second = story.start()
    for execution in (first, second):
        story.says(execution, "action", "Approve/Release", "STARTED")
    for execution in (second, first):
        story.approve(execution)
        report.check(story.ends(execution) == "SUCCEEDED", "parallel: each passes when it is let")
        story.holds(
            execution,
            """
            pipeline STARTED
            stage    Source          STARTED
            action   Source/Commit   STARTED
            action   Source/Commit   SUCCEEDED
            stage    Source          SUCCEEDED
            stage    Approve         STARTED
            action   Approve/Release STARTED
            action   Approve/Release SUCCEEDED
            stage    Approve         SUCCEEDED
            pipeline SUCCEEDED
            """,
            "each has events of its own",
        )
