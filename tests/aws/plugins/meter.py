"""Counts what AWS would bill: requests by service, operation and caller, and units of the table.

Units follow DynamoDB's published rule: a write takes one unit for each started KiB of the item as it is
after the write, or before if that is larger; a strongly consistent read one for each started 4 KiB.
"""

import base64
import collections
import json
import math
import re
import threading

import seam

lock = threading.Lock()
requests = collections.Counter()
units = collections.Counter()
bytes_sent = collections.Counter()
# Access keys of sessions of functions, by key.
callers = {}


def install():
    give = seam.part("services.lambda_svc", "execution_credentials")

    def credentials(config):
        given = give(config)
        callers[given["AWS_ACCESS_KEY_ID"]] = config.get("FunctionName", "")
        return given

    seam.replace_everywhere("services.lambda_svc", "execution_credentials", credentials)


def note(headers, body, answer):
    """Takes a request and its answer's body into account."""
    authorization = headers.get("authorization", "")
    signed = re.search(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/", authorization)
    if not signed:
        return
    caller, service = callers.get(signed[1], "test"), signed[2]
    target = headers.get("x-amz-target", "")
    operation = target.rsplit(".", 1)[-1] if target else operation_of(body)
    with lock:
        requests[(caller, service, operation)] += 1
        if operation == "PutEvents":
            # Each is billed by itself, however many come at once.
            units[(caller, operation, "event")] += len(json.loads(body)["Entries"])
        bytes_sent[(caller, service, operation)] += len(body)
        if service == "dynamodb":
            for kind, number in table_units(operation, body, answer).items():
                units[(caller, operation, kind)] += number


def operation_of(body):
    found = re.match(rb"(?:.*&)?Action=([A-Za-z]+)", body[:2000])
    return found[1].decode() if found else "-"


def table_units(operation, body, answer):
    asked = json.loads(body or b"{}")
    told = json.loads(answer or b"{}") if answer[:1] == b"{" else {}
    if operation == "PutItem":
        return {"write": writes(item_bytes(asked["Item"]))}
    if operation == "DeleteItem":
        return {"write": writes(item_bytes(told.get("Attributes") or asked["Key"]))}
    if operation == "UpdateItem":
        return {"write": writes(max(item_bytes(stored(asked)), item_bytes(asked["Key"])))}
    if operation in ("TransactWriteItems", "BatchWriteItem"):
        return {"write": 2 * writes(len(body))}
    items = told.get("Items") or [told["Item"]] if "Item" in told or told.get("Items") else []
    share = 1 if asked.get("ConsistentRead") else 0.5
    return {"read": max(share * math.ceil(sum(map(item_bytes, items)) / 4096), share)}


def writes(size):
    return max(math.ceil(size / 1024), 1)


def stored(asked):
    """Returns an item as it is in the table now."""
    table = seam.part("services.dynamodb", "_tables").get(asked["TableName"].rsplit("/", 1)[-1]) or {}
    for items in (table.get("items") or {}).values():
        found = items.values() if isinstance(items, dict) and "S" not in items else [items]
        for item in found:
            if isinstance(item, dict) and all(item.get(name) == value for name, value in asked["Key"].items()):
                return item
    return asked["Key"]


def item_bytes(item):
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def value_bytes(value):
    kind, content = next(iter(value.items()))
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content.strip("-0.")) // 2 + 2
    if kind == "B":
        return len(base64.b64decode(content))
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + value_bytes(one) for name, one in content.items())
    if kind == "L":
        return 3 + sum(1 + value_bytes(one) for one in content)
    return 3 + sum(len(str(one)) + 1 for one in content)


def clear():
    with lock:
        requests.clear()
        units.clear()
        bytes_sent.clear()


def tally():
    with lock:
        return {
            "requests": [[*key, number] for key, number in sorted(requests.items())],
            "units": [[*key, number] for key, number in sorted(units.items())],
            "bytes": [[*key, number] for key, number in sorted(bytes_sent.items())],
        }
