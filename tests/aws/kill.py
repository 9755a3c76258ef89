"""Functions are killed at random moments, events get lost and come twice: everything ends, and nothing is done twice.

500 times a process is killed with SIGKILL while it works, across as many executions of the demo pipeline as that
takes. A tenth of all events and messages is lost on the way and a fifth comes twice, with a seed that is
printed. Then the weather clears and the rest is waited for. At the end it is counted, at the services and not
in our own books, how often each thing was done.
"""

import collections
import json
import os
import sys
import time

import deploy
import demo
from homes.cloud import Cloud
from transcript import ENDED

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report, until  # noqa: E402

KILLS = int(os.environ.get("TOWPATH_LAMBDA_KILLS", "500"))
SEED = int(os.environ.get("TOWPATH_SEED", str(int(time.time()))))
PIPELINES = 8
SHARE = 0.2
STORM = {"drop": 0.1, "duplicate": 0.2, "delay": 0.2, "delay_seconds": 0.5}
# Those of the deployment that carry what it lives on. What people are told is lost with the message.
EXPOSED = ["Changes", "Completions", "Hints"]
STORM_SECONDS_MAX = 400
CALM_SECONDS_MAX = 120
POISON = "this is no hint"


def main():
    report = Report("kill")
    print(f"seed {SEED}")
    with Cloud(("kill",), "kill", haste=100.0) as home:
        demo.script(home)
        stories = dict(demo.create(home, report, f"kill-{number}", "kill") for number in range(PIPELINES))
        poison(home, POISON)
        storm(home, report, list(stories))
        calm(home, report, list(stories))
        judge(home, report)
    report.finish()


def poison(home, body):
    home.emulator.client("sqs").send_message(QueueUrl=deploy.resources(home.emulator)["Hints"], MessageBody=body)


def storm(home, report, stories):
    home.emulator.control("weather", seed=SEED, queues=EXPOSED, **STORM)
    home.emulator.control("kill", number=KILLS, share=SHARE, seed=SEED, spare=["api"])
    last = time.monotonic() + STORM_SECONDS_MAX
    began = time.monotonic()
    round_number = 0
    while home.emulator.control("state")["invocations"]["kills_left"] > 0 and time.monotonic() < last:
        approve_all(stories)
        story = stories[round_number % len(stories)]
        if len(open_of(home, story)) < 3:
            story.start()
        round_number += 1
    state = home.emulator.control("state")
    kills = state["invocations"]["kills"]
    print(f"killed {sum(kills.values())} in {time.monotonic() - began:.0f} s: {kills}")
    print(f"weather {state['weather']}")
    report.check(sum(kills.values()) >= KILLS, f"{KILLS} processes are killed", kills)


def calm(home, report, stories):
    """No more kills and a fair sky: what was begun ends."""
    home.emulator.control("kill", number=0, share=0, seed=0)
    home.emulator.control("weather")

    def all_ended():
        approve_all(stories)
        return not [one for story in stories for one in open_of(home, story)]

    try:
        until("everything ends", all_ended, seconds_max=CALM_SECONDS_MAX, every_seconds=0.5)
    except TimeoutError as error:
        report.failed("everything ends", str(error))
        for story in stories:
            for execution in open_of(home, story):
                report.failed(f"{story.name} {execution} ends", story.transcript(execution)[-4:])


def open_of(home, story):
    """Returns the executions of a pipeline that have not ended, by what the API says."""
    return [one["pipelineExecutionId"] for one in story.executions() if one["status"] in ("InProgress", "Stopping")]


def approve_all(stories):
    """Approves whatever asks. Somebody else's answer, or an end, between looking and answering is no matter."""
    for story in stories:
        state = story.client.get_pipeline_state(name=story.name)["stageStates"]
        asking = next(one for one in state if one["stageName"] == "Approve")["actionStates"][0]
        token = asking.get("latestExecution", {}).get("token")
        if not token:
            continue
        try:
            story.client.put_approval_result(
                pipelineName=story.name,
                stageName="Approve",
                actionName="Release",
                token=token,
                result={"status": "Approved", "summary": "As agreed"},
            )
        except (
            story.client.exceptions.InvalidApprovalTokenException,
            story.client.exceptions.ApprovalAlreadyCompletedException,
        ):
            pass


def judge(home, report):
    # Also the poison must be dead by then.
    until("the functions are quiet", lambda: is_quiet(home), seconds_max=180)
    events = home.events()
    states = collections.Counter(events.state(execution) for execution in events.heard)
    print(f"{len(events.heard)} executions: {dict(states)}; {events.copies} events came more than once")
    unended = [one for one in events.heard if events.state(one) not in ENDED]
    report.check(not unended, "every execution ended, and said so", unended[:5])
    gaps = {one: events.gaps(one) for one in events.heard if events.gaps(one)}
    report.check(not gaps, "no event number is missing", gaps)
    failed = [one for one in events.heard if events.state(one) == "FAILED"]
    report.check(not failed, "nothing failed for being killed", [events.transcript(one)[-6:] for one in failed[:3]])
    judge_builds(home, report)
    judge_deployments(home, report, events)
    judge_stacks(home, report, events)
    judge_dead_letters(home, report)


def is_quiet(home):
    state = home.emulator.control("state")
    waiting = [
        name for name, number in state["queues"].items() if number and "Dead" not in name and name != "towpath-heard"
    ]
    return not state["invocations"]["running"] and not waiting


def judge_builds(home, report):
    done = collections.Counter()
    for build in home.emulator.control("builds")["builds"]:
        told = {one["name"]: one["value"] for one in build["environment"]["environmentVariables"]}
        done[(told["EXECUTION"], told["ACTION"])] += 1
    twice = {key: number for key, number in done.items() if number > 1}
    report.check(not twice, f"none of {len(done)} builds ran twice", {str(key): twice[key] for key in twice})


def judge_deployments(home, report, events):
    deployments = home.emulator.control("fakes/codedeploy")["deployments"]
    done = collections.Counter(one.get("description", "") for one in deployments)
    twice = {key: number for key, number in done.items() if number > 1}
    report.check(not twice, f"none of {len(done)} deployments was made twice", twice)
    wanted = started(events, "Host")
    report.check(len(deployments) <= wanted, "no more deployments than were asked for", [len(deployments), wanted])


def judge_stacks(home, report, events):
    begun = [one for one in home.emulator.control("stacks")["begun"] if one[1].startswith("kill-")]
    twice = [one for one in begun if one[3] > 1]
    report.check(not twice, f"none of {len(begun)} stack operations was begun twice", twice)
    wanted = started(events, "Stack")
    report.check(len(begun) <= wanted, "no more stack operations than were asked for", [len(begun), wanted])


def started(events, name):
    """Returns how often an action was started, by the events."""
    return sum(
        event["detail"].get("action") == name and event["detail"]["state"] == "STARTED"
        for execution in events.heard
        for event in events.of(execution)
    )


def judge_dead_letters(home, report):
    """There is nothing but the poison that was put there; sent back, it comes again and does no harm."""
    poison_dies(home, report, "that was put there")
    state = home.emulator.control("state")
    dead = {name: number for name, number in state["queues"].items() if number and "Dead" in name}
    # A sweep is not tried again: that one was killed is told there, and the next one does its work.
    sweeps = state["invocations"]["kills"].get("towpath-sweep", 0)
    told = sum(dead.pop(name) for name in list(dead) if "SweepDead" in name)
    report.check(told <= sweeps, "no sweep is missed but those that were killed", [told, sweeps])
    lying = [name for name in dead if "HintsDead" not in name]
    report.check(not lying and depth(home, "HintsDead") == 1, "dead-letter queues hold the poison alone", dead)
    before = begun(home)
    sqs, url = home.emulator.client("sqs"), deploy.resources(home.emulator)["HintsDead"]
    message = until("the poison is found", lambda: found(sqs, url, report), seconds_max=60)
    poison(home, message["Body"])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    for hint in hints_of_the_past(home):
        poison(home, json.dumps(hint))
    poison_dies(home, report, "that was sent back")
    until("the functions are quiet", lambda: is_quiet(home), seconds_max=60)
    report.check(begun(home) == before, "what is sent back starts nothing", [before, begun(home)])


def begun(home):
    """Returns how much was begun at the services."""
    return [
        len(home.emulator.control("builds")["builds"]),
        len(home.emulator.control("fakes/codedeploy")["deployments"]),
        len(home.emulator.control("stacks")["begun"]),
    ]


def hints_of_the_past(home):
    """Returns what might lie among dead letters, of an execution that is over: redrive must do no harm with it."""
    events = home.events()
    execution = next(one for one in events.heard if events.state(one) == "SUCCEEDED")
    pipeline = events.of(execution)[0]["detail"]["pipeline"]
    of_run = {"pipeline": pipeline, "execution": execution, "stage": "Build", "action": "Compile", "attempt": 1}
    yield from ({"hint": hint, **of_run} for hint in ("Start", "Ask", "Cancel"))
    yield {"hint": "Conclude", "pipeline": pipeline, "execution": execution}
    yield {"hint": "Sweep", "pipeline": pipeline}


def poison_dies(home, report, which):
    # It is handed over five times, and each time it stays hidden for as long as somebody might work on it.
    until(f"poison {which} is dead", lambda: depth(home, "HintsDead"), seconds_max=180, every_seconds=0.5)
    report.ok(f"poison {which} ends among the dead letters")


def found(sqs, url, report):
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    if any(one["Body"] != POISON for one in messages):
        report.failed("what is dead is the poison", json.dumps(messages)[:600])
    return next((one for one in messages if one["Body"] == POISON), None)


def depth(home, word):
    return sum(number for name, number in home.emulator.control("state")["queues"].items() if word in name)


if __name__ == "__main__":
    main()
