"""STS answers in JSON whoever asks for it, as on AWS; the emulator answers everybody in XML."""

import json
import re

import seam


def install():
    handlers = seam.part("app", "SERVICE_HANDLERS")
    handle = handlers["sts"]

    async def answer(method, path, headers, body, query):
        status, told, text = await handle(method, path, headers, body, query)
        if status != 200 or "application/json" not in headers.get("accept", "") or b"<GetCallerIdentity" not in text:
            return status, told, text
        return status, {**told, "Content-Type": "application/json"}, json.dumps(identity(text.decode())).encode()

    handlers["sts"] = answer


def identity(xml):
    members = {
        name: re.search(f"<{name}>([^<]*)</{name}>", xml)[1] for name in ("Account", "Arn", "UserId", "RequestId")
    }
    request = {"RequestId": members.pop("RequestId")}
    return {"GetCallerIdentityResponse": {"GetCallerIdentityResult": members, "ResponseMetadata": request}}
