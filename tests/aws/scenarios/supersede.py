"""The newer of two that wait takes the place of the older; the one inside finishes."""

from story import Story, approval


def tell(home, report):
    story = Story(home, report, "supersede")
    first = story.create(approval())
    story.says(first, "action", "Approve/Release", "STARTED")
    home.commit("supersede", "2")
    second = story.start()
    story.says(second, "stage", "Source", "SUCCEEDED")
    home.commit("supersede", "3")
    third = story.start()
    report.check(story.ends(second) == "SUPERSEDED", "supersede: the second gives way")
    story.approve(first)
    report.check(story.ends(first) == "SUCCEEDED", "supersede: the first finishes")
    story.approve(third)
    report.check(story.ends(third) == "SUCCEEDED", "supersede: the third finishes")
    story.holds(
        second,
        """
        pipeline STARTED
        stage    Source        STARTED
        action   Source/Commit STARTED
        action   Source/Commit SUCCEEDED
        stage    Source        SUCCEEDED
        pipeline SUPERSEDED
        """,
        "it is replaced at the door, and no stage is told of it",
    )
