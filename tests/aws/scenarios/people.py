"""Whoever subscribes to the topic is told: people in words, machines with the event, and nobody twice."""

import json

from people import Reader
from story import Story, approval, build, until


def tell(home, report):
    with Reader(home.emulator) as reader:
        reader.subscribe(home.deployed["TopicArn"])
        gate = home.gate("people")
        gate.touch()
        story = Story(home, report, "people")
        first = story.create(build(GATE=gate), approval())
        report.check(story.ends(first) == "FAILED", "people: a build fails")
        heard = until("a machine is told", lambda: of_state(reader, "FAILED"))
        report.check(heard["detail"]["execution-id"] == first, "people: a machine gets the event", heard)
        failed = until("somebody is told", lambda: letter(home, "fail"))
        report.check("people" in failed["subject"], "people: the subject names the pipeline", failed["subject"])
        report.check(len(failed["subject"]) <= 100, "people: the subject fits SNS", failed["subject"])
        report.check("Compile" in failed["text"], "people: the mail names what failed", failed["text"])
        gate.unlink()
        second = story.start()
        story.says(second, "action", "Approve/Release", "STARTED")
        asked = until("somebody is asked", lambda: letter(home, "approv"))
        report.check("Release?" in asked["text"], "people: what is asked is in the mail", asked["text"])
        story.approve(second)
        report.check(story.ends(second) == "SUCCEEDED", "people: it is approved")
        attributes = set().union(*(one.get("MessageAttributes") or {} for one in reader.notices))
        wanted = {"pipeline", "level", "state", "severity"}
        report.check(wanted <= attributes, "people: attributes to filter by", sorted(attributes))
        texts = [one["Message"] for one in reader.notices]
        report.check(len(texts) == len(set(texts)), "people: nothing is told twice", texts)


def of_state(reader, state):
    events = [json.loads(one["Message"]) for one in list(reader.notices)]
    return next((event for event in events if event["detail"]["state"] == state), None)


def letter(home, word):
    letters = home.emulator.control("mail")["letters"]
    # Those of other pipelines arrive in the same box.
    ours = (one for one in letters if (one["subject"] or "").startswith("[people]"))
    return next((one for one in ours if word in one["subject"].lower()), None)
