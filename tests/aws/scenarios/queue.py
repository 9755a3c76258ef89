"""In QUEUED mode nobody gives way: all pass, in the order in which they came."""

from story import Story, approval


def tell(home, report):
    story = Story(home, report, "queue")
    first = story.create(approval(), executionMode="QUEUED")
    story.says(first, "action", "Approve/Release", "STARTED")
    second, third = story.start(), story.start()
    entered = []
    for execution in (first, second, third):
        story.approve(execution)
        report.check(story.ends(execution) == "SUCCEEDED", "queue: each passes")
        events = home.events().of(execution)
        entered.append(next(e["detail"]["start-time"] for e in events if e["detail"].get("stage") == "Approve"))
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
            "and waits before it enters, not inside",
        )
    report.check(entered == sorted(entered), "queue: they enter in order", entered)
