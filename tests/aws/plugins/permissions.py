"""Asks for permissions where AWS does and the emulator does not, and keeps who was let do what, and who was not.

The emulator asks about each request of a function. It passes over what comes with one: tags and the source identity
of a session, the key that an object is sealed with. On AWS that is the key that a request to write names, or the
bucket's; the object's own, where it is read; and the key's policy has a say in whichever account and Region the key
lies, while the emulator looks only where the request was made. And it asks for nothing where a service acts under a
role by itself, which lambda_side.py and schedules.py put right with `may`.

Nobody is denied anything in a deployment as it is: each part of the tests ends by asking for `tally`.
"""

import collections
import contextvars
import threading

import seam

# What reading and writing an object takes where its bucket has a key of one's own.
KEY_ACTIONS = {
    "s3:GetObject": "kms:Decrypt",
    "s3:GetObjectVersion": "kms:Decrypt",
    "s3:PutObject": "kms:GenerateDataKey",
}
# What becoming a role takes beside, by the condition key that says that the request has it.
SESSION_ACTIONS = {"aws:tagkeys": "sts:TagSession", "sts:sourceidentity": "sts:SetSourceIdentity"}

KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"

# What was refused of what else a request needs, with its resource: the answer names that.
refused_beside = contextvars.ContextVar("towpath_refused_beside", default=None)
lock = threading.Lock()
# By role or service, action and resource.
allowed = collections.Counter()
denied = collections.Counter()
# By role and action, whatever is forgotten.
ever_allowed = set()


def install():
    enforce = seam.part("core.iam_evaluator", "enforce")

    def enforce_all(access_key, action, service, region, resource_arn="*", service_context=None):
        asked = [(action, service, resource_arn, service_context)]
        asked += beside(action, resource_arn, service_context or {}, region)
        for one, of_service, resource, context in asked:
            refused = enforce(access_key, one, of_service, region, resource_arn=resource, service_context=context)
            note(access_key, one, resource, refused)
            if refused:
                refused_beside.set(None if one == action else (one, resource))
                return refused
        return None

    seam.replace("core.iam_evaluator", "enforce", enforce_all)
    ask_each_key_where_it_lies()
    name_what_was_refused()


def ask_each_key_where_it_lies():
    policy_of = seam.part("services.kms", "key_policy_for_arn")

    def policy_there(key):
        _, _, _, region, account, _ = key.split(":", 5)
        with seam.part("core.responses", "request_scope")(account, region):
            return policy_of(key)

    seam.replace("services.kms", "key_policy_for_arn", policy_there)


def name_what_was_refused():
    answer = seam.part("core.iam_actions", "access_denied_response")

    def answer_by_name(service, action, principal, request, **more):
        if (refused := refused_beside.get()) and not more.get("message"):
            named, resource = refused
            more["message"] = f"User: {principal} is not authorized to perform: {named} on resource: {resource}"
        return answer(service, action, principal, request, **more)

    seam.replace("core.iam_actions", "access_denied_response", answer_by_name)


def beside(action, resource, context, region):
    """Returns what else a request needs: action, service, resource and context of each."""
    known = {name.lower(): value for name, value in context.items()}
    if action == "sts:AssumeRole":
        return [(one, "sts", resource, context) for name, one in SESSION_ACTIONS.items() if known.get(name)]
    if action in KEY_ACTIONS and not is_head() and (key := key_of(action, resource)):
        region = key.split(":")[3] if key.startswith("arn:") else region
        return [(KEY_ACTIONS[action], "kms", key, {"kms:ViaService": f"s3.{region}.amazonaws.com"})]
    return []


def is_head():
    """To ask what an object is opens none."""
    signed = signed_request()
    return signed is not None and signed.method == "HEAD"


def signed_request():
    return seam.part("core.iam_evaluator", "_signed_request").get()


def key_of(action, object_arn):
    """Returns the key that an object is sealed with or, if it is written, will be."""
    bucket, _, name = object_arn.split(":::", 1)[-1].partition("/")
    owner = seam.part("services.s3", "_bucket_owner_account")(bucket)
    if owner is None:
        return None
    if action != "s3:PutObject":
        found = seam.part("services.s3", "_buckets").get_scoped(owner, None, bucket)["objects"].get(name) or {}
        return seam.part("services.s3", "_stored_sse_headers")(found).get(KEY_HEADER)
    signed = signed_request()
    if signed is not None and (named := signed.headers.get(KEY_HEADER)):
        return named
    with seam.part("core.responses", "request_scope")(owner, "us-east-1"):
        return seam.part("services.s3", "_bucket_default_sse_headers")(bucket).get(KEY_HEADER)


def note(access_key, action, resource, refused):
    """Keeps what was asked for by roles. Keys that are not known are refused too, and are no matter of permissions."""
    if refused is None:
        session = seam.part("services.sts", "_sessions").get(access_key) or {}
        keep(allowed, session.get("Arn", ""), action, resource)
    elif hasattr(refused, "decision"):
        keep(denied, refused.principal_arn, action, resource)


def keep(counter, principal, action, resource):
    if ":assumed-role/" in principal:
        keep_of(counter, principal.split("/")[1], action, resource)


def keep_of(counter, who, action, resource):
    with lock:
        counter[(who, action, resource)] += 1
        if counter is allowed:
            ever_allowed.add((who, action))


def may(account, role_arn, action, resource):
    """Says whether a service may do something under a role, and keeps what it was told."""
    role = role_arn.rsplit("/", 1)[-1]
    principal = f"arn:aws:sts::{account}:assumed-role/{role}/service"
    policies = seam.part("core.iam_evaluator", "_gather_role_policies")(role, account)
    context = seam.part("core.iam_evaluator", "EvalContext")(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region="us-east-1",
    )
    is_allowed = seam.part("core.iam_evaluator", "evaluate")(context, policies).decision == "Allow"
    keep(allowed if is_allowed else denied, principal, action, resource)
    return is_allowed


def may_put(service, source, queue):
    """Says whether a queue's policy lets a service put something there for a resource, and keeps what it was told."""
    account = source.split(":")[4]
    is_allowed = seam.part("services.sqs", "queue_policy_allows")(queue, service, source, account)
    keep_of(allowed if is_allowed else denied, service, "sqs:SendMessage", queue)
    return is_allowed


def tally(told):
    """Tells who was let do what, and who was not, and forgets it where asked to: all but who was ever let do what."""
    with lock:
        found = {
            "allowed": [[*key, number] for key, number in allowed.items()],
            "denied": [[*key, number] for key, number in denied.items()],
            "ever_allowed": sorted(ever_allowed),
        }
        if told.get("forget"):
            allowed.clear()
            denied.clear()
    return found
