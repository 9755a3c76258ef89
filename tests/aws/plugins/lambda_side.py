"""What Lambda itself does in a function's name needs the function's role, as on AWS.

The emulator takes messages from a queue, reads a stream and writes a log for a function without asking whether its
role may. A permission that nothing asks for could never be shown to be needed.
"""

import time

import seam

READS = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"),
}
LOG_WRITES = ("logs:CreateLogStream", "logs:PutLogEvents")
# To look into policies at every turn of the poller would slow everything down.
REMEMBERED_SECONDS = 0.2

remembered = {}


def install():
    if not seam.part("app", "AUTH"):
        return
    every = seam.part("services.lambda_svc", "_iter_all_esms")

    def permitted():
        for account, region, mapping in every():
            if may_read(account, mapping):
                yield account, region, mapping

    seam.replace("services.lambda_svc", "_iter_all_esms", permitted)
    emit = seam.part("services.lambda_svc", "_emit_lambda_logs")

    def emit_logs(function, *more, **named):
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        account = config["FunctionArn"].split(":")[4]
        region = config["FunctionArn"].split(":")[3]
        arn = f"arn:aws:logs:{region}:{account}:log-group:{group}:*"
        if may(account, config["Role"], LOG_WRITES, arn):
            emit(function, *more, **named)

    seam.replace("services.lambda_svc", "_emit_lambda_logs", emit_logs)


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
    name = role_arn.rsplit("/", 1)[-1]
    key = account, name, actions, resource
    known, at = remembered.get(key, (False, 0.0))
    if time.monotonic() - at < REMEMBERED_SECONDS:
        return known
    known = all(is_allowed(account, name, action, resource) for action in actions)
    remembered[key] = known, time.monotonic()
    return known


def is_allowed(account, role, action, resource):
    policies = seam.part("core.iam_evaluator", "_gather_role_policies")(role, account)
    context = seam.part("core.iam_evaluator", "EvalContext")(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{role}/lambda",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3],
    )
    return seam.part("core.iam_evaluator", "evaluate")(context, policies).decision == "Allow"
