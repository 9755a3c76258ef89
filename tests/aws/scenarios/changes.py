"""A push starts the pipeline at the pushed commit, once, however often CodeCommit says so."""

from story import Story, approval, until


def tell(home, report):
    story = Story(home, report, "changes")
    first = story.create(approval())
    pushed = home.push("changes", "2")
    second = until("the push starts it", lambda: newest_after(story, first))
    found = until(
        "its revision is known", lambda: story.executions()[0].get("sourceRevisions") and story.executions()[0]
    )
    report.check(found["sourceRevisions"][0]["revisionId"] == pushed, "changes: at the pushed commit", found)
    report.check(found["trigger"]["triggerType"] != "StartPipelineExecution", "changes: and says why", found["trigger"])
    # The same event, delivered twice: each push is one event, and one start.
    home.emulator.control("weather", duplicate=1.0)
    home.push("changes", "3")
    third = until("the next push starts it", lambda: newest_after(story, second))
    until("the changes are dealt with", lambda: is_quiet(home))
    home.emulator.control("weather")
    report.check(len(story.executions()) == 3, "changes: said twice, started once", len(story.executions()))
    report.check(story.ends(second) == "SUPERSEDED", "changes: the newer takes the place of the older")
    home.emulator.control("event", **forged())
    until("the forged event is dealt with", lambda: is_quiet(home))
    for execution in (first, third):
        story.approve(execution)
        report.check(story.ends(execution) == "SUCCEEDED", "changes: a forged completion changes nothing")


def newest_after(story, first):
    newest = story.executions()[0]["pipelineExecutionId"]
    return newest if newest != first else None


def is_quiet(home):
    state = home.emulator.control("state")
    waiting = {name: number for name, number in state["queues"].items() if number and "Changes" in name}
    return not waiting and not state["invocations"]["running"]


def forged():
    build = "arn:aws:codebuild:us-east-1:000000000000:build/site:00000000-0000-0000-0000-000000000000"
    return {
        "source": "aws.codebuild",
        "detail-type": "CodeBuild Build State Change",
        "detail": {"build-status": "SUCCEEDED", "project-name": "site", "build-id": build},
        "resources": [build],
    }
