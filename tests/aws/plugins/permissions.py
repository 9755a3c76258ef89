"""Asks for permissions where AWS does and the emulator does not, and keeps who was let do what, and who was not.

The emulator asks about each request of a function. It passes over what comes with one: tags and the source identity
of a session, the key that an artifact is sealed with. And it asks for nothing where a service acts under a role by
itself, which lambda_side.py and schedules.py put right with `may`.

Nobody is denied anything in a deployment as it is: each part of the tests ends by asking for `tally`.
"""

import collections
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
                return refused
        return None

    seam.replace("core.iam_evaluator", "enforce", enforce_all)


def beside(action, resource, context, region):
    """Returns what else a request needs: action, service, resource and context of each."""
    known = {name.lower(): value for name, value in context.items()}
    if action == "sts:AssumeRole":
        return [(one, "sts", resource, context) for name, one in SESSION_ACTIONS.items() if known.get(name)]
    if action in KEY_ACTIONS and not is_head() and (key := key_of(resource)):
        return [(KEY_ACTIONS[action], "kms", key, {"kms:ViaService": f"s3.{region}.amazonaws.com"})]
    return []


def is_head():
    """To ask what an object is opens none."""
    signed = seam.part("core.iam_evaluator", "_signed_request").get()
    return signed is not None and signed.method == "HEAD"


def key_of(object_arn):
    bucket = object_arn.split(":::", 1)[-1].split("/", 1)[0]
    sealed = seam.part("services.s3", "_bucket_default_sse_headers")(bucket)
    return sealed.get("x-amz-server-side-encryption-aws-kms-key-id")


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
