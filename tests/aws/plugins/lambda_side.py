"""What Lambda itself does in a function's name needs the function's role, as on AWS.

The emulator takes messages from a queue, reads a stream, writes a log and hands on what failed without asking whether
the function's role may, and sends no traces. A permission that nothing asks for could never be shown to be needed.
"""

import collections
import threading
import time

import seam
from plugins import permissions

READS = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"),
}
# What whoever makes a mapping is refused for, if the function's role may not.
TO_FIND = {"sqs": READS["sqs"], "dynamodb": (*READS["dynamodb"], "dynamodb:ListStreams")}
LOG_WRITES = ("logs:CreateLogStream", "logs:PutLogEvents")
TRACE_WRITES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
# To look into policies at every turn of the poller would slow everything down.
REMEMBERED_SECONDS = 0.2

remembered = {}
lock = threading.Lock()
# Traces sent, by function.
traces = collections.Counter()


def install():
    if not seam.part("app", "AUTH"):
        return
    every = seam.part("services.lambda_svc", "_iter_all_esms")

    def permitted():
        for account, region, mapping in every():
            if may_read(account, mapping):
                yield account, region, mapping

    seam.replace("services.lambda_svc", "_iter_all_esms", permitted)
    write_under_the_role()
    hand_on_under_the_role()
    refuse_mappings()


def write_under_the_role():
    emit = seam.part("services.lambda_svc", "_emit_lambda_logs")

    def emit_logs(function, *more, **named):
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        _, _, _, region, account, *_ = config["FunctionArn"].split(":")
        if may(account, config["Role"], LOG_WRITES, f"arn:aws:logs:{region}:{account}:log-group:{group}:*"):
            emit(function, *more, **named)
        if (config.get("TracingConfig") or {}).get("Mode") == "Active" and may(
            account, config["Role"], TRACE_WRITES, "*"
        ):
            with lock:
                traces[config["FunctionName"]] += 1

    seam.replace("services.lambda_svc", "_emit_lambda_logs", emit_logs)


def hand_on_under_the_role():
    tell_of_records = seam.part("services.lambda_svc", "_send_ddb_stream_failure_record")

    def send_failure_record(mapping, function, *more):
        destination = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        if destination and may_send(function.get("config") or function, destination):
            tell_of_records(mapping, function, *more)

    seam.replace("services.lambda_svc", "_send_ddb_stream_failure_record", send_failure_record)
    tell_of_event = seam.part("services.lambda_svc", "_route_async_failure")

    def route_failure(destination, name, *more):
        record = seam.part("services.lambda_svc", "_functions").get(name) or {}
        if record and may_send(record["config"], destination):
            tell_of_event(destination, name, *more)

    seam.replace("services.lambda_svc", "_route_async_failure", route_failure)


def may_send(config, destination):
    return permissions.may(config["FunctionArn"].split(":")[4], config["Role"], "sqs:SendMessage", destination)


def refuse_mappings():
    """A mapping that the function's role is too weak for is not made."""
    make = seam.part("services.lambda_svc", "_create_esm")

    def create(asked):
        function, config, _ = seam.part("services.lambda_svc", "_get_func_record_for_ref")(asked["FunctionName"])
        source = asked.get("EventSourceArn", "")
        if function and config:
            account = config["FunctionArn"].split(":")[4]
            for action in TO_FIND.get(source.split(":")[2], ()):
                if not permissions.may(account, config["Role"], action, source):
                    message = f"Cannot access {source}. Please ensure the role can perform {action}."
                    refuse = seam.part("core.responses", "error_response_json")
                    return refuse("InvalidParameterValueException", message, 400)
        return make(asked)

    seam.replace("services.lambda_svc", "_create_esm", create)


def may_read(account, mapping):
    function = seam.part("services.lambda_svc", "_functions")._data
    arn = mapping.get("FunctionArn", "")
    record = next(
        (one for key, one in function.items() if key[0] == account and key[-1] == mapping["FunctionName"]), None
    )
    source = mapping["EventSourceArn"]
    actions = READS.get(source.split(":")[2], ())
    return record is None or not arn or may(account, record["config"]["Role"], actions, source)


def may(account, role_arn, actions, resource):
    """Says whether a function's role may do all of these, as of just now."""
    key = account, role_arn, actions, resource
    known, at = remembered.get(key, (False, 0.0))
    if time.monotonic() - at < REMEMBERED_SECONDS:
        return known
    known = all([permissions.may(account, role_arn, action, resource) for action in actions])
    remembered[key] = known, time.monotonic()
    return known


def forget():
    """What was known of policies a moment ago is of no use to who has just changed one."""
    remembered.clear()


def tally():
    with lock:
        return dict(traces)
