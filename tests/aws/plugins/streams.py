"""A table's stream reaches its function as on AWS: in order, and what the function refuses comes again.

The emulator reads no partial failures, never gives up, and invokes on the thread that also looks after all
queues. Here the shard waits for one batch at a time on a thread of its own, `ReportBatchItemFailures`
moves the start to the first refused record, `BisectBatchOnFunctionError` halves, and a record that was
tried often enough goes to the on-failure destination.
"""

import contextlib
import threading

import seam

# By mapping: how often the batch that starts at a position was tried, and how many records to read next.
tries = {}
sizes = {}
# Lambda looks into a shard four times a second, and at once again while there is something. Here it looks whenever
# anything happens, unless a test asks for a rest after each look that found nothing; by mapping, until when.
rest_seconds = 0.0
rests_until = {}


def rest(seconds):
    global rest_seconds
    rest_seconds = seconds


def install():
    seam.part("services.lambda_svc", "_dynamodb_stream_positions")
    seam.replace("services.lambda_svc", "_poll_dynamodb_streams", poll)


def poll():
    took = False
    for account, region, mapping in seam.part("services.lambda_svc", "_iter_all_esms")():
        with scope(account, region):
            if mapping.get("Enabled", True) and "/stream/" in mapping.get("EventSourceArn", ""):
                took = poll_mapping(mapping) or took
    return took


@contextlib.contextmanager
def scope(account, region):
    account_id = seam.part("services.lambda_svc", "_request_account_id")
    region_name = seam.part("services.lambda_svc", "_request_region")
    tokens = account_id.set(account), region_name.set(region)
    try:
        yield
    finally:
        account_id.reset(tokens[0])
        region_name.reset(tokens[1])


def poll_mapping(mapping):
    lambdas = "services.lambda_svc"
    name = mapping["UUID"]
    in_flight = seam.part(lambdas, "_esm_inflight")
    now = seam.part(lambdas, "time").time()
    if in_flight.get(name) or seam.part(lambdas, "_esm_backoff_until").get(name, 0) > now:
        return False
    if rests_until.get(name, 0) > now:
        return False
    function, _ = seam.part(lambdas, "_get_func_record_for_qualifier")(
        mapping["FunctionName"], mapping.get("Qualifier")
    )
    table = mapping["EventSourceArn"].split("/stream/")[0].rsplit("/", 1)[-1]
    tables = seam.part("services.dynamodb", "_tables")
    if function is None or table not in tables:
        return False
    position = start_of(mapping, table)
    wanted = sizes.get(name, mapping.get("BatchSize", 100))
    records = seam.part("services.dynamodb", "stream_records_since")(table, position, wanted)
    if not records:
        if rest_seconds:
            rests_until[name] = now + rest_seconds
            # What comes while it rests is found when the rest is over, and not only when something else happens.
            timer = threading.Timer(rest_seconds, seam.part(lambdas, "_esm_wake").set)
            timer.daemon = True
            timer.start()
        return False
    chosen = seam.part(lambdas, "_apply_filter_criteria")(records, mapping)
    if not chosen:
        move(mapping, position + len(records))
        return True
    seam.part(lambdas, "_dispatch_esm_batch")(name, run, mapping, function, position, records, chosen)
    return True


def start_of(mapping, table):
    positions = seam.part("services.lambda_svc", "_dynamodb_stream_positions")
    horizon = seam.part("services.dynamodb", "stream_start_position")(table)
    if mapping["UUID"] not in positions:
        is_latest = mapping.get("StartingPosition", "LATEST") == "LATEST"
        end = seam.part("services.dynamodb", "stream_end_position")(table)
        positions[mapping["UUID"]] = end if is_latest else horizon
    positions[mapping["UUID"]] = max(positions[mapping["UUID"]], horizon)
    return positions[mapping["UUID"]]


def move(mapping, position):
    seam.part("services.lambda_svc", "_dynamodb_stream_positions")[mapping["UUID"]] = position
    tries.pop(mapping["UUID"], None)
    sizes.pop(mapping["UUID"], None)


def run(mapping, function, position, records, chosen):
    result = seam.part("services.lambda_svc", "_execute_function")(function, {"Records": chosen})
    done = len(records) if not result.get("error") else 0
    if done and "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", []):
        done = first_refused(result.get("body"), records)
    if done == len(records):
        move(mapping, position + done)
        return
    if done:
        move(mapping, position + done)
    refuse(mapping, function, position + done, records[done:], result)


def first_refused(answer, records):
    """Returns how many records come before the first that the function names."""
    failures = answer.get("batchItemFailures", []) if isinstance(answer, dict) else []
    refused = {failure.get("itemIdentifier") for failure in failures}
    for index, record in enumerate(records):
        if record.get("dynamodb", {}).get("SequenceNumber") in refused:
            return index
    return len(records)


def refuse(mapping, function, position, records, result):
    name = mapping["UUID"]
    tries[name] = tries.get(name, 0) + 1
    tries_max = mapping.get("MaximumRetryAttempts", -1)
    is_last = tries_max >= 0 and tries[name] > tries_max
    if mapping.get("BisectBatchOnFunctionError") and len(records) > 1:
        sizes[name] = max(len(records) // 2, 1)
        tries[name] = 0
    elif is_last:
        tell = seam.part("services.lambda_svc", "_send_ddb_stream_failure_record")
        tell(mapping, function, records, mapping["EventSourceArn"], result, "RetryAttemptsExhausted")
        move(mapping, position + len(records))
        return
    pause = seam.part("services.lambda_svc", "_ESM_BACKOFF_SECONDS")
    until = seam.part("services.lambda_svc", "time").time() + pause
    seam.part("services.lambda_svc", "_esm_backoff_until")[name] = until
