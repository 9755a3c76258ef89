"""What one execution of a pipeline with 3 stages and 4 actions costs, counted at the emulated services.

Prices are read from the table in docs/cost.md, so that the page and the figures cannot disagree. An execution is
counted warm, from the push that starts it to the message that tells of its end, and with every state-change
event published; then again with those of executions alone.
"""

import collections
import re
import sys

import deploy
from homes.cloud import Cloud
from story import Story, action, build, commit, publish

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report, until  # noqa: E402

PAGE = deploy.ROOT / "docs" / "cost.md"
CENTS_MAX = {"pipeline,stage,action": 0.004, "pipeline": 0.002}
# What an execution writes and says is the same each time, but for a race that is lost now and then: two builds
# end at once.
EVENTS = {"pipeline,stage,action": 16, "pipeline": 2}
WRITE_UNITS_MAX = 15
MESSAGES_SENT_MAX = 1
EXECUTIONS = 5
CODEPIPELINE_V2_CENTS = 0.8


def main():
    report = Report("cost")
    prices = read_prices()
    for levels, cents_max in CENTS_MAX.items():
        counted = count(report, levels)
        cents = show(levels, counted, prices)
        events, writes = counted["bus-event"], counted["table-write"]
        sent = counted.get("(sqs:SendMessage)", 0)
        report.check(events == EVENTS[levels], f"{levels}: {EVENTS[levels]} events", events)
        report.check(writes <= WRITE_UNITS_MAX, f"{levels}: at most {WRITE_UNITS_MAX} write units", writes)
        report.check(sent <= MESSAGES_SENT_MAX, f"{levels}: at most {MESSAGES_SENT_MAX} messages", sent)
        # Told and not judged: a part of it is time, and a busy machine is no price.
        print(f"{levels}: {cents:.5f} US cents an execution; at most {cents_max} are wanted")
    report.finish()


def read_prices():
    """Reads `| what | unit | US dollars |` of the page: dollars for one of each."""
    prices = {}
    for line in PAGE.read_text().splitlines():
        found = re.match(r"\|\s*`([a-z-]+)`\s*\|[^|]*\|\s*([0-9.]+)\s*\|\s*([0-9,]+)\s*\|", line)
        if found:
            prices[found[1]] = float(found[2]) / float(found[3].replace(",", ""))
    return prices


def count(report, levels):
    with Cloud(("cost",), "cost", haste=1.0, EventLevels=levels) as home:
        story = Story(home, report, "cost")
        test = action("Test", "Test", "CodeBuild", {"ProjectName": "site"}, inputs=["Code"])
        stage = build()
        stage["actions"].append(test)
        first = story.create(stage, publish("cost"), source=commit("cost"))
        ends(home, story, first)
        home.emulator.control("meter", clear=True)
        spent = durations(home)
        for number in range(EXECUTIONS):
            ends(home, story, pushed(home, story, number))
        return tally(home, spent)


def pushed(home, story, number):
    """Pushes, and returns the execution that this starts."""
    known = len(story.executions())
    home.push("cost", str(number))
    until("a push starts it", lambda: len(story.executions()) > known, every_seconds=0.2)
    return story.executions()[0]["pipelineExecutionId"]


def ends(home, story, execution):
    """Waits by the API: with few levels published, events do not tell all."""

    def look():
        state = story.client.get_pipeline_execution(pipelineName=story.name, pipelineExecutionId=execution)
        return state["pipelineExecution"]["status"] == "Succeeded"

    until("it ends", look, every_seconds=0.5)
    until("the functions are quiet", lambda: not home.emulator.control("state")["invocations"]["running"])


def durations(home):
    return {
        name: len(known) for name, known in home.emulator.control("state")["invocations"]["durations_millis"].items()
    }


def tally(home, spent):
    """Returns how much of each priced thing one execution took. The API's own requests are the asker's and not
    the execution's, and what the emulated services do among themselves costs nothing."""
    counted = collections.Counter()
    metered = home.emulator.control("meter")
    for caller, service, operation, number in metered["requests"]:
        if caller.startswith("towpath-") and "-api" not in caller:
            kind = {"sqs": "sqs-request", "sns": "topic-request"}.get(service)
            if kind:
                counted[kind] += number
            counted[f"({service}:{operation})"] += number
    for caller, _, kind, number in metered["units"]:
        if caller.startswith("towpath-") and "-api" not in caller:
            counted["bus-event" if kind == "event" else f"table-{kind}"] += number
    functions = home.emulator.client("lambda")
    for name, known in home.emulator.control("state")["invocations"]["durations_millis"].items():
        if "-api" in name or not name.startswith("towpath-"):
            continue
        memory = functions.get_function_configuration(FunctionName=name)["MemorySize"] / 1024
        new = known[spent.get(name, 0) :]
        counted["invocation"] += len(new)
        counted["gb-second"] += sum(new) / 1000 * memory
        # Lambda takes a batch off a queue and deletes it: two requests for each invocation by a queue.
        if name.removeprefix("towpath-") in ("start-action", "action-completion", "source-change", "notify"):
            counted["sqs-request"] += 2 * len(new)
    return {kind: number / EXECUTIONS for kind, number in counted.items()}


def show(levels, counted, prices):
    print(f"\none execution, with events of {levels}:")
    dollars = 0.0
    for kind, number in sorted(counted.items()):
        price = prices.get(kind)
        spent = number * price if price is not None else 0.0
        dollars += spent
        print(f"  {kind:32} {number:9.3f}" + (f"  {spent * 100:.6f} cents" if price is not None else ""))
    print(f"  {'together':32} {'':9}  {dollars * 100:.6f} cents; CodePipeline V2: {CODEPIPELINE_V2_CENTS}")
    return dollars * 100


if __name__ == "__main__":
    main()
