"""What goes along when one role is taken on out of the session of another: transitive tags and the source identity.

On AWS both stay for the whole chain, and neither can be said anew. Each role on the way must let them in: whoever asks
needs sts:TagSession and sts:SetSourceIdentity, and so does the trust policy of the role. The emulator forgets both at
the second role, and asks no trust policy for the source identity. Who took on what, and with what, is kept for tests.
"""

import contextvars
import re
import threading
import urllib.parse

import seam

TAG_KEY = re.compile(r"Tags\.member\.\d+\.Key")
TRANSITIVE = re.compile(r"TransitiveTagKeys\.member\.\d+")

current = contextvars.ContextVar("towpath_chain", default=None)
lock = threading.Lock()
taken = []


class Link:
    """One request to take on a role, and what its caller's session hands on to it."""

    def __init__(self, asked):
        before = session_before()
        self.asked = asked
        self.caller = before.get("Arn", "")
        self.inherited = inherited_tags(before)
        self.tags = {asked[name]: asked.get(f"{name[:-4]}.Value", "") for name in asked if TAG_KEY.fullmatch(name)}
        self.transitive = {*self.inherited, *(asked[name] for name in asked if TRANSITIVE.fullmatch(name))}
        self.source_identity = before.get("_source_identity") or asked.get("SourceIdentity", "")
        self.refused_action = None

    def conflict(self):
        """Returns what was said anew and may not be, or none."""
        again = sorted({*self.tags} & {*self.inherited})
        if again:
            return f"The tag {again[0]} is a transitive tag of the calling session"
        if self.asked.get("SourceIdentity", self.source_identity) != self.source_identity:
            return "The source identity of the calling session cannot be changed"
        return None

    def keep(self, is_taken):
        told = {
            "role": self.asked.get("RoleArn", ""),
            "caller": self.caller,
            "external_id": self.asked.get("ExternalId", ""),
            "source_identity": self.source_identity,
            "tags": {**self.inherited, **self.tags},
            "transitive": sorted(self.transitive),
            "said": sorted(self.tags),
            "is_taken": is_taken,
        }
        with lock:
            taken.append(told)


def install():
    handlers = seam.part("app", "SERVICE_HANDLERS")
    handle = handlers["sts"]

    async def answer(method, path, headers, body, query):
        asked = dict(urllib.parse.parse_qsl(body.decode("utf-8", errors="replace")))
        if asked.get("Action") != "AssumeRole":
            return await handle(method, path, headers, body, query)
        link = Link(asked)
        if conflict := link.conflict():
            link.keep(False)
            return seam.part("services.sts", "_error")(400, "InvalidParameterValue", conflict, ns="sts")
        current.set(link)
        status, told, text = await handle(method, path, headers, with_inherited(body, link), query)
        link.keep(status == 200)
        if link.refused_action:
            text = text.replace(b"perform: sts:AssumeRole", f"perform: {link.refused_action}".encode())
        return status, told, text

    handlers["sts"] = answer
    mark_sessions()
    ask_trust_policies()
    tell_policies()


def session_before():
    """Returns the session that asks, before its signature is checked and after."""
    signed = seam.part("core.iam_evaluator", "_signed_request").get()
    key = signed.access_key_id if signed else seam.part("core.iam_evaluator", "_verified_key").get()
    return seam.part("services.sts", "_sessions").get(key) or {}


def inherited_tags(session):
    kept = session.get("_transitive", ())
    return {tag["Key"]: tag["Value"] for tag in session.get("SessionTags") or [] if tag["Key"] in kept}


def with_inherited(body, link):
    """Says what is inherited as if it were asked for: the emulator asks the trust policy for that."""
    number = len(link.tags)
    more = {}
    for place, (key, value) in enumerate(link.inherited.items(), number + 1):
        more |= {f"Tags.member.{place}.Key": key, f"Tags.member.{place}.Value": value}
    return body + (f"&{urllib.parse.urlencode(more)}".encode() if more else b"")


def mark_sessions():
    register = seam.part("services.sts", "register_session")

    def register_marked(access_key, session):
        if link := current.get():
            session = {**session, "_transitive": link.transitive, "_source_identity": link.source_identity}
        register(access_key, session)

    seam.replace("services.sts", "register_session", register_marked)


def ask_trust_policies():
    allows = seam.part("core.iam_evaluator", "evaluate_trust_policy")

    def allows_all(document, caller, context=None):
        link = current.get()
        if not link or context is None or context.action != "sts:AssumeRole" or not link.source_identity:
            return allows(document, caller, context)
        context.service_context["sts:sourceidentity"] = link.source_identity
        if not allows(document, caller, context):
            return False
        context.action = "sts:SetSourceIdentity"
        is_allowed = allows(document, caller, context)
        context.action = "sts:AssumeRole"
        link.refused_action = None if is_allowed else "sts:SetSourceIdentity"
        return is_allowed

    seam.replace("core.iam_evaluator", "evaluate_trust_policy", allows_all)


def tell_policies():
    """What is inherited is part of the request: permissions.py asks whether the caller may hand it on."""
    tell = seam.part("core.iam_actions", "request_tag_context")

    def context(service, action, body, parameters):
        told = tell(service, action, body, parameters)
        before = session_before() if action == "sts:AssumeRole" else {}
        if inherited := inherited_tags(before):
            told = {**told, "aws:TagKeys": [*told.get("aws:TagKeys", []), *inherited]}
            told |= {f"aws:requesttag/{key}".lower(): value for key, value in inherited.items()}
        if before.get("_source_identity"):
            told = {**told, "sts:sourceidentity": before["_source_identity"]}
        return told

    seam.replace("core.iam_actions", "request_tag_context", context)


def tally():
    """Tells a test which roles were taken on, by whom and with what."""
    with lock:
        return list(taken)
