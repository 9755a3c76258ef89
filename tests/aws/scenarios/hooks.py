"""A host of code tells a webhook of a push: it starts the pipeline at that commit, once, however often it is told."""

import uuid

import github
from scenarios.changes import is_quiet, newest_after
from story import Story, approval, until


def tell(home, report):
    story = Story(home, report, "hooks")
    first = story.create(approval())
    url = home.client.put_webhook(webhook=github.webhook("hooks"))["webhook"]["url"]
    pushed = home.commit("hooks", "2")
    # The branch goes on before anybody reads the event.
    home.commit("hooks", "3")
    body, delivery = github.push(pushed), str(uuid.uuid4())
    home.emulator.control("weather", duplicate=1.0)
    for _ in range(2):
        status, said = github.deliver(home.emulator, url, body, delivery)
        report.check(status == 202 and said["accepted"], "hooks: a delivery is accepted", [status, said])
    second = until("the push starts it", lambda: newest_after(story, first))
    until("the deliveries are dealt with", lambda: is_quiet(home))
    home.emulator.control("weather")
    report.check(len(story.executions()) == 2, "hooks: delivered twice, started once", story.executions())
    found = until(
        "its revision is known", lambda: story.executions()[0].get("sourceRevisions") and story.executions()[0]
    )
    report.check(found["sourceRevisions"][0]["revisionId"] == pushed, "hooks: at the pushed commit", found)
    trigger = found["trigger"]
    report.check(trigger["triggerType"] == "Webhook", "hooks: and says that a webhook was the cause", trigger)
    report.check(trigger["triggerDetail"].endswith(":webhook:hooks"), "hooks: and which", trigger)
    for what, expected, sent in (
        ("another secret", 403, {"body": body, "secret": "another"}),
        ("another branch", 200, {"body": github.push(pushed, "next")}),
    ):
        status, said = github.deliver(home.emulator, url, **sent)
        report.check((status, said["started"]) == (expected, False), f"hooks: {what} is answered", [status, said])
    home.client.delete_webhook(name="hooks")
    status, said = github.deliver(home.emulator, url, github.push(home.commit("hooks", "4")))
    report.check(status == 404, "hooks: a webhook that is gone takes nothing", [status, said])
    until("nothing more is to be dealt with", lambda: is_quiet(home))
    report.check(len(story.executions()) == 2, "hooks: none of that starts anything", story.executions())
    for execution in (first, second):
        story.approve(execution)
        report.check(story.ends(execution) == "SUCCEEDED", "hooks: what was started goes its way")
