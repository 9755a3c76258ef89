"""A push starts the pipeline at the pushed commit, once, however often CodeCommit says so."""

from story import Story, approval, until


def tell(home, report):
    story = Story(home, report, "changes")
    first = story.create(approval())
    pushed = home.push("changes", "2")
    second = until("the push starts it", lambda: newest_after(story, first))
    found = story.executions()[0]
    report.check(found["sourceRevisions"][0]["revisionId"] == pushed, "changes: at the pushed commit", found)
    report.check(found["trigger"]["triggerType"] != "StartPipelineExecution", "changes: and says why", found["trigger"])
    for _ in range(3):
        home.emulator.control("fakes/codecommit", pushed={"repository": "changes", "branch": "main"})
    until("the changes are dealt with", lambda: is_quiet(home))
    report.check(len(story.executions()) == 2, "changes: said four times, started once", len(story.executions()))
    home.emulator.control("event", **forged())
    until("the forged event is dealt with", lambda: is_quiet(home))
    for execution in (first, second):
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
