"""A rule hands events over as AWS does: to a function with two retries, to a queue if its policy says so.

What could not be handed over goes to the dead-letter queue. The emulator invokes once and forgets, and asks no queue's
policy. An event carries the time that its entry names; the emulator takes the moment of the request. Also here: what
makes the emulator itself say something on the default bus, where `PutEvents` rightly refuses a source that begins
with `aws.`.
"""

import contextvars
import json

import seam
from plugins import permissions, timeline

# The time of the entry that is being put.
entry_time = contextvars.ContextVar("entry_time", default=None)


def install():
    keep_times()
    seam.replace("services.eventbridge", "_dispatch_to_lambda", to_lambda)
    invoke = seam.part("services.eventbridge", "_invoke_target")

    def invoke_target(target, event, rule, view=None):
        dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if is_missing_function(target.get("Arn", "")) or not may_put(rule, target.get("Arn", "")):
            if dead_letters and may_put(rule, dead_letters):
                view = view or seam.part("services.eventbridge", "_pattern_event_view")(event)
                queue = seam.part("core.arn", "parse_arn")(dead_letters)
                seam.part("services.eventbridge", "_dispatch_to_sqs")(queue, json.dumps(view.event_with_detail()))
            return None
        return invoke(target, event, rule, view)

    seam.replace("services.eventbridge", "_invoke_target", invoke_target)


def keep_times():
    now = seam.part("services.eventbridge", "_now_ts")
    put = seam.part("services.eventbridge", "_put_events")

    def put_events(data, allow_aws_source=False):
        entries = data.get("Entries", [])
        if len(entries) > 10 or not any("Time" in entry for entry in entries):
            return put(data, allow_aws_source)
        answers = [put_at(put, entry, allow_aws_source) for entry in entries]
        results = [result for answer in answers for result in answer["Entries"]]
        failed = sum(answer["FailedEntryCount"] for answer in answers)
        whole = {"FailedEntryCount": failed, "Entries": results}
        return seam.part("services.eventbridge", "json_response")(whole)

    seam.replace("services.eventbridge", "_now_ts", lambda: entry_time.get() or now())
    seam.replace("services.eventbridge", "_put_events", put_events)


def put_at(put, entry, allow_aws_source):
    token = entry_time.set(entry.get("Time"))
    try:
        _, _, body = put({"Entries": [entry]}, allow_aws_source)
        return json.loads(body)
    finally:
        entry_time.reset(token)


def to_lambda(arn, payload):
    try:
        event = json.loads(payload)
    except ValueError:
        event = {"body": payload}
    function, config, name = seam.part("services.lambda_svc", "_get_func_record_for_ref")(arn)
    if not function or not config:
        raise LookupError(f"there is no function {name}")
    record = seam.part("services.lambda_svc", "_execution_record_for_config")(function, config)
    seam.part("services.lambda_svc", "invoke_async_with_retry")(record, event)


def may_put(rule, target):
    """Whether a rule may put something into a queue; what is no queue is asked elsewhere."""
    if ":sqs:" not in target or not seam.part("app", "AUTH"):
        return True
    return permissions.may_put("events.amazonaws.com", rule["Arn"], target)


def is_missing_function(arn):
    return ":lambda:" in arn and not seam.part("services.lambda_svc", "_get_func_record_for_ref")(arn)[0]


def emit(source, detail_type, detail, resources=()):
    """Puts an event of AWS's own on the default bus of the account and Region that the thread works for."""
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": list(resources),
    }
    timeline.mark("event", detail_type)
    seam.part("services.eventbridge", "_put_events")({"Entries": [entry]}, allow_aws_source=True)
