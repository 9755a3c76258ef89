"""The launcher's own door, `POST /_test/<what>`: what a test may do to the world, and ask of it.

It is no part of what is emulated. A function that asked here would be found out, since only what a test
needs is here.
"""

import json

import seam
from fakes import service
from plugins import (
    builds,
    chains,
    deliveries,
    invocations,
    lambda_side,
    mail,
    meter,
    permissions,
    rules,
    stacks,
    streams,
    timeline,
)
from weather import Weather


def answer(what, told):
    """Returns what a test is told."""
    name, _, rest = what.partition("/")
    if name == "fakes":
        return service.CONTROLS[rest](told)
    return DOORS[name](told)


def set_weather(told):
    """Takes the members of `Weather`, and `queues`: which queues it reaches, by part of their name."""
    before = dict(deliveries.SKY.counts)
    deliveries.queues.clear()
    deliveries.queues.update(told.pop("queues", ()))
    deliveries.SKY.set(Weather(**told))
    return before


def say_event(told):
    rules.emit(told["source"], told["detail-type"], told["detail"], told.get("resources", ()))
    return {}


def kill(told):
    invocations.kill_from_now_on(told["number"], told["share"], told["seed"], told.get("spare", ()))
    return {}


def tell_state(_):
    """What is under way: a test waits for quiet on this, and never for a time."""
    queues = seam.part("services.sqs", "_queues")
    waiting = {}
    for url, queue in list(queues._data.items()):
        name = (url[-1] if isinstance(url, tuple) else url).rsplit("/", 1)[-1]
        waiting[name] = len(queue["messages"])
    return {"invocations": invocations.tally(), "queues": waiting, "weather": deliveries.SKY.counts}


def tell_stacks(_):
    return {"begun": [[*key, number] for key, number in stacks.begun.items()]}


def tell_meter(told):
    found = meter.tally()
    if told.get("clear"):
        meter.clear()
    return found


def tell_builds(_):
    return {"builds": builds.tally()}


def tell_permissions(told):
    """Tells who was let do what; from then on anew, and by policies as they are now, where asked to forget."""
    found = permissions.tally(told)
    if told.get("forget"):
        lambda_side.forget()
    return found


def rest_streams(told):
    streams.rest(told["seconds"])
    return {}


def tell_timeline(told):
    """Begins anew where asked, and tells what was noted until then."""
    return {"marks": timeline.take(told.get("keep", True))}


DOORS = {
    "weather": set_weather,
    "event": say_event,
    "kill": kill,
    "state": tell_state,
    "stacks": tell_stacks,
    "meter": tell_meter,
    "builds": tell_builds,
    "streams": rest_streams,
    "timeline": tell_timeline,
    "permissions": tell_permissions,
    "traces": lambda _: lambda_side.tally(),
    "sessions": lambda _: {"taken": chains.tally()},
    "mail": lambda _: {"letters": mail.tally()},
}


def respond(what, body):
    """Returns a status and the answer's text."""
    try:
        return 200, json.dumps(answer(what, json.loads(body or b"{}"))).encode()
    except (KeyError, TypeError, ValueError) as error:
        return 400, json.dumps({"error": repr(error)}).encode()
