"""How a service that the emulator has not is put beside those that it has.

Such a service speaks AWS's JSON protocol, is found by the prefix of `X-Amz-Target`, and stands behind the
emulator's own check of signatures and permissions: to a function it is as real as the others. A test
scripts what it does through the launcher's door, never from inside of the product.
"""

import asyncio
import json

import seam

# By service: what a test may tell it, and what it tells a test.
CONTROLS = {}


class Refusal(Exception):
    """A typed error, such as `Refusal("DeploymentDoesNotExistException", "There is no d-1.")`."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def install(name, target_prefix, operations, control):
    """`operations` are functions by name, each from a request to an answer; `control` is one from what a
    test posts to what it is told."""

    async def handle(_method, _path, headers, body, _query):
        operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        # Off the loop: what is done may ask the emulator itself for something.
        return await asyncio.to_thread(answer, operations, operation, body)

    patterns = seam.part("core.router", "SERVICE_PATTERNS")
    patterns[name] = {"target_prefixes": [target_prefix], "credential_scope": name}
    seam.part("core.iam_actions", "SERVICE_TO_IAM_NAMESPACE")[name] = name
    seam.part("app", "SERVICE_HANDLERS")[name] = handle
    CONTROLS[name] = control


def answer(operations, operation, body):
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    try:
        if operation not in operations:
            raise Refusal("UnknownOperationException", f"{operation} is not made here")
        found = operations[operation](json.loads(body or b"{}"))
        return 200, headers, json.dumps(found).encode()
    except Refusal as refusal:
        return 400, headers, json.dumps({"__type": refusal.code, "message": str(refusal)}).encode()
