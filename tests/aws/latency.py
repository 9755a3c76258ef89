"""How long it takes from a completion event to the start of the next action, warm.

Next to it, in the same run, the bare loop: the same hops (rule, queue, function, queue, function) through
functions that do nothing. What lies between the two is what we do: looking, deciding, committing.
"""

import json
import statistics
import sys

import deploy
import roles
import template
from homes.cloud import Cloud
from story import Story, action, commit

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report, until  # noqa: E402

LOOPS = 40
BUILDS = 4
WARM_UP = 5
TIMES_MAX = 2.0


def main():
    report = Report("latency")
    # Nobody hurries here: what is measured is measured as it is.
    with Cloud(("latency",), "latency", haste=1.0) as home:
        # What is told on the bus is told beside the way that is measured. Lambda looks into the table's stream four
        # times a second. Looked into at once, it would take its time from this way, since all services are one process;
        # ten times a second it is looked into before the next event comes.
        home.emulator.control("streams", seconds=0.1)
        ours = measure_ours(home, report)
        bare = measure_bare(home)
    show("event to next start", ours)
    show("bare loop", bare)
    times = statistics.median(ours) / statistics.median(bare)
    # Told and not judged: a busy machine is not a slow program.
    print(f"{times:.2f} times the bare loop at p50; at most {TIMES_MAX} are wanted")
    report.finish()


def measure_ours(home, report):
    """Runs a pipeline of short builds; each starts when the one before is said to have ended."""
    # A build takes longer than the invocation that starts it needs to note that it did. Without that, its end would
    # be followed side by side with its own start, which no build does that is worth its name.
    buildspec = "version: 0.2\nphases: {build: {commands: [sleep 0.2]}}\n"
    project = {"type": "CODEPIPELINE", "buildspec": buildspec}
    home.emulator.client("codebuild").update_project(name="site", source=project)
    story = Story(home, report, "latency")
    builds = [
        {
            "name": f"Build{number}",
            "actions": [action("Run", "Build", "CodeBuild", {"ProjectName": "site"}, inputs=["Code"])],
        }
        for number in range(BUILDS)
    ]
    story.ends(story.create(*builds, source=commit("latency")))
    found = []
    for _ in range(LOOPS + WARM_UP):
        home.emulator.control("timeline")
        report.check(story.ends(story.start()) == "SUCCEEDED", "the pipeline ends")
        marks = home.emulator.control("timeline", keep=False)["marks"]
        found.append(between(marks))
    for number in range(1, BUILDS):
        print(f"the last one, to build {number + 1}: " + ", ".join(steps(marks, number)))
    return [millis for one in found[WARM_UP:] for millis in one]


def between(marks):
    """Returns the milliseconds from each event that ends a build to the call that starts the next."""
    return [(start - end) * 1000 for end, start in (ends_of(marks, number) for number in range(1, BUILDS))]


def ends_of(marks, number):
    """Returns when the build before this one was said to have ended, and when this one was asked for."""
    starts = [at for at, kind, name in marks if kind == "call" and name.endswith(".StartBuild")]
    events = [at for at, kind, name in marks if kind == "event" and name.startswith("CodeBuild")]
    # Each build says that it goes on, and that it ended.
    return events[2 * number - 1], starts[number]


def steps(marks, number):
    """Returns what happened between, and when: where the time goes."""
    begin, end = ends_of(marks, number)
    return [
        f"{(at - begin) * 1000:.0f} {name.rsplit('.', 1)[-1].removeprefix('towpath-')}"
        for at, kind, name in marks
        if begin <= at <= end and name
    ]


def measure_bare(home):
    """The same hops: a rule, a queue, a function that hands the message on, a queue, a function that drops it."""
    emulator = home.emulator
    second = bare(emulator, "bare-two")
    first = bare(emulator, "bare-one", BARE_NEXT_QUEUE=second[0])
    rules = emulator.client("events")
    rules.put_rule(Name="bare", EventPattern=json.dumps({"detail-type": ["Bare"]}))
    rules.put_targets(Rule="bare", Targets=[{"Id": "1", "Arn": first[1]}])
    return [loop(emulator) for _ in range(LOOPS + WARM_UP)][WARM_UP:]


def bare(emulator, name, **told):
    """Makes a queue with a function behind it, and returns the queue's URL and ARN."""
    sqs, functions = emulator.client("sqs"), emulator.client("lambda")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    roles.let_rules_put(emulator, url, arn)
    role = roles.make_bare_role(emulator, name)
    functions.create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Handler="bootstrap",
        Role=role,
        Code={"ZipFile": template.zipped(deploy.program("relay"))},
        Environment={"Variables": told},
        MemorySize=256,
    )
    functions.create_event_source_mapping(
        EventSourceArn=arn, FunctionName=name, BatchSize=1, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    return url, arn


def loop(emulator):
    """Returns the milliseconds from an event to the end of the second function's invocation."""
    emulator.control("timeline")
    emulator.control("event", **{"source": "aws.bare", "detail-type": "Bare", "detail": {}})
    marks = []

    def is_done():
        marks.extend(emulator.control("timeline")["marks"])
        return ["end", "bare-two"] in [mark[1:] for mark in marks]

    until("the loop is closed", is_done, every_seconds=0.05)
    began = next(at for at, kind, name in marks if (kind, name) == ("event", "Bare"))
    return (next(at for at, kind, name in marks if (kind, name) == ("end", "bare-two")) - began) * 1000


def show(name, millis):
    ordered = sorted(millis)
    tail = ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]
    print(f"{name:20} p50 {statistics.median(ordered):7.1f} ms   p99 {tail:7.1f} ms   of {len(ordered)}")


if __name__ == "__main__":
    main()
