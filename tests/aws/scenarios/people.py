"""Whoever subscribes to the topic is told what a person would want to know, and nothing twice."""

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
        failed = until("somebody is told", lambda: about(reader, "fail"))
        report.check("people" in failed["Subject"], "people: the subject names the pipeline", failed["Subject"])
        report.check(len(failed["Subject"]) <= 100, "people: the subject fits SNS", failed["Subject"])
        report.check("Compile" in failed["Message"], "people: the message names what failed", failed["Message"])
        gate.unlink()
        second = story.start()
        story.says(second, "action", "Approve/Release", "STARTED")
        asked = until("somebody is asked", lambda: about(reader, "approv"))
        report.check("Release?" in asked["Message"], "people: what is asked is in the message", asked["Message"])
        report.check(len(asked["Message"].encode()) <= 256 * 1024, "people: the message fits SNS")
        story.approve(second)
        report.check(story.ends(second) == "SUCCEEDED", "people: it is approved")
        attributes = asked.get("MessageAttributes") or {}
        wanted = {"pipeline", "level", "state", "severity"}
        report.check(wanted <= set(attributes), "people: attributes to filter by", sorted(attributes))
        texts = [one["Message"] for one in reader.notices]
        report.check(len(texts) == len(set(texts)), "people: nothing is told twice", texts)


def about(reader, word):
    found = [one for one in reader.notices if word in (one.get("Subject") or "").lower()]
    return found[0] if found else None
