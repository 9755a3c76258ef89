"""Starts the emulator with what it lacks for a pipeline, and stops it when whoever started it is gone.

Started by emulator.py, which gives it an environment without anything of the machine, a port of its own and a
directory for what it keeps. The order of what follows matters: the emulator reads its environment when it
is imported.
"""

import asyncio
import os
import re
import sys
import threading
import time
import urllib.parse

import seam

ROOT_ACCOUNT = "000000000000"


def main():
    seam.check_version()
    stop_with_the_parent()
    for module in ("app", "core.lambda_runtime", "services.lambda_svc", "services.cloudformation.handlers"):
        __import__(f"ministack.{module}")
    import_services()
    from fakes import codecommit, codedeploy
    from plugins import (
        builds,
        chains,
        children,
        conditions,
        deliveries,
        function_urls,
        identity,
        invocations,
        lambda_side,
        mail,
        meter,
        permissions,
        rules,
        schedules,
        speed,
        stacks,
        streams,
        templates,
    )

    speed.install(float(os.environ["TOWPATH_TEST_HASTE"]))
    for plugin in (
        children,
        conditions,
        permissions,
        rules,
        schedules,
        streams,
        templates,
        stacks,
        builds,
        deliveries,
        function_urls,
        identity,
        chains,
        lambda_side,
        mail,
        invocations,
        meter,
    ):
        plugin.install()
    for fake in (codecommit, codedeploy):
        fake.install()
    inner = seam.part("app", "app")
    seam.replace("app", "app", front(inner))
    sys.exit(seam.part("app", "main")())


def import_services():
    """Plug-ins replace names; a module that is imported later would bring the old ones back."""
    used = ("codebuild", "dynamodb", "eventbridge", "kms", "scheduler", "sns", "sqs", "stepfunctions", "sts", "s3")
    for name in used:
        __import__(f"ministack.services.{name}")
    __import__("ministack.services.cloudformation.provisioners")
    __import__("ministack.services.cloudformation.changesets")


def stop_with_the_parent():
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(0.2)
        # Functions wait for the Runtime API, which is gone with us, and end by themselves.
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def front(inner):
    """Returns the application that stands before the emulator's own."""
    import control
    from plugins import meter, timeline

    async def application(scope, receive, send):
        if scope["type"] != "http":
            return await inner(scope, receive, send)
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        scope = over_tls(with_plain_path(scope))
        if scope["path"].startswith("/_test/"):
            work_as(headers)
            body = await whole(receive)
            # Off the loop: what a test asks for may ask the emulator for something.
            status, text = await asyncio.to_thread(control.respond, scope["path"].removeprefix("/_test/"), body)
            return await tell(send, status, text)
        return await metered(inner, scope, receive, send, headers, meter, timeline)

    return application


async def metered(inner, scope, receive, send, headers, meter, timeline):
    body, answer = bytearray(), bytearray()
    timeline.mark("call", headers.get("x-amz-target", ""))

    async def listen():
        message = await receive()
        body.extend(message.get("body", b""))
        return message

    async def say(message):
        if message["type"] == "http.response.body":
            answer.extend(message.get("body", b""))
        await send(message)

    await inner(scope, listen, say)
    meter.note(headers, bytes(body), bytes(answer))


def with_plain_path(scope):
    """A client that takes us for its proxy names the whole URL, so that a function's URL needs no name server."""
    if not scope["path"].startswith(("http://", "https://")):
        return scope
    raw = urllib.parse.urlsplit(scope.get("raw_path", scope["path"].encode()).decode("latin-1")).path or "/"
    return {**scope, "path": urllib.parse.unquote(raw), "raw_path": raw.encode("latin-1")}


def over_tls(scope):
    """Policies ask for TLS. It ends before us, as it would at a load balancer, which says so in this header."""
    return {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}


def work_as(headers):
    """Takes account and Region from the signature, as the emulator does for its own services."""
    found = re.search(r"Credential=(\d{12})/\d+/([^/]+)/", headers.get("authorization", ""))
    seam.part("core.responses", "set_request_account_id")(found[1] if found else ROOT_ACCOUNT)
    seam.part("core.responses", "set_request_region")(found[2] if found else "us-east-1")


async def whole(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def tell(send, status, text):
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


if __name__ == "__main__":
    main()
