"""Applies the weather to events of AWS's own and to messages of the deployment's queues.

What the functions say on their own bus is left alone on its way to the test's collector, and so are dead
letters: a test could otherwise not tell what was lost by us.
"""

import contextvars
import copy
import threading
import uuid

import seam
from weather import Sky

SKY = Sky()
# Which queues the weather reaches, by what their names contain; none unless a test says so.
queues = set()


def install():
    dispatch = seam.part("services.eventbridge", "_dispatch_event")

    def dispatch_event(event, view=None):
        if SKY.weather.is_fair or not event.get("Source", "").startswith("aws."):
            return dispatch(event, view)
        for seconds in SKY.fate():
            later(seconds, dispatch, dict(event))
        return None

    seam.replace("services.eventbridge", "_dispatch_event", dispatch_event)
    send = seam.part("services.sqs", "_act_send_message")

    def send_message(data, queue_url):
        url = data.get("QueueUrl", queue_url)
        if SKY.weather.is_fair or not is_exposed(url):
            return send(data, queue_url)
        queue = seam.part("services.sqs", "_get_q")(url)
        known = len(queue["messages"])
        answer = send(data, queue_url)
        expose(queue, known)
        return answer

    seam.replace("services.sqs", "_act_send_message", send_message)
    seam.part("services.sqs", "_HANDLERS")["SendMessage"] = send_message


def is_exposed(url):
    return any(word in url for word in queues) and "Dead" not in url


def expose(queue, known):
    """Lets the weather have the messages that came after the first `known`."""
    arrived = queue["messages"][known:]
    for message in arrived:
        fates = SKY.fate()
        if not fates:
            queue["messages"].remove(message)
            continue
        message["visible_at"] += fates[0]
        for seconds in fates[1:]:
            twin = copy.deepcopy(message)
            twin["id"] = str(uuid.uuid4())
            twin["visible_at"] += seconds
            queue["messages"].append(twin)


def later(seconds, function, *arguments):
    """Runs in the same account and Region, now or on a thread of its own."""
    if not seconds:
        function(*arguments)
        return
    context = contextvars.copy_context()
    timer = threading.Timer(seconds, context.run, (function, *arguments))
    timer.daemon = True
    timer.start()
