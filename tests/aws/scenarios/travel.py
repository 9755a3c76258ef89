"""A commit travels from the source to the public: built, approved, published."""

from story import Story, approval, build, publish


def tell(home, report):
    story = Story(home, report, "travel")
    first = story.create(build(), approval(), publish("travel"))
    story.approve(first)
    report.check(story.ends(first) == "SUCCEEDED", "travel: the commit arrives")
    story.holds(
        first,
        """
        pipeline STARTED
        stage    Source          STARTED
        action   Source/Commit   STARTED
        action   Source/Commit   SUCCEEDED
        stage    Source          SUCCEEDED
        stage    Build           STARTED
        action   Build/Compile   STARTED
        action   Build/Compile   SUCCEEDED
        stage    Build           SUCCEEDED
        stage    Approve         STARTED
        action   Approve/Release STARTED
        action   Approve/Release SUCCEEDED
        stage    Approve         SUCCEEDED
        stage    Publish         STARTED
        action   Publish/Bucket  STARTED
        action   Publish/Bucket  SUCCEEDED
        stage    Publish         SUCCEEDED
        pipeline SUCCEEDED
        """,
        "it goes through every stage in order",
    )
    page = home.published("travel")
    report.check("Version 1" in (page or ""), "travel: what was built is published", page)
