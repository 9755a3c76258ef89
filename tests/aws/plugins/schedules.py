"""A schedule acts under its role, as on AWS: to begin what it is for, and to keep what could not be begun.

The emulator invokes the target of a schedule without asking, and has no dead letters of schedules.
"""

import seam
from plugins import permissions


def install():
    invoke = seam.part("services.eventbridge", "_invoke_target")
    is_enforced = seam.part("app", "AUTH")

    def invoke_target(target, event, rule, view=None):
        if event.get("Source") != "aws.scheduler" or not is_enforced:
            return invoke(target, event, rule, view)
        account, role = event["Account"], target["RoleArn"]
        exists = seam.part("services.lambda_svc", "_get_func_record_for_ref")(target["Arn"])[0]
        if exists and permissions.may(account, role, "lambda:InvokeFunction", target["Arn"]):
            return invoke({**target, "DeadLetterConfig": None}, event, rule, view)
        dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if dead_letters and permissions.may(account, role, "sqs:SendMessage", dead_letters):
            queue = seam.part("core.arn", "parse_arn")(dead_letters)
            seam.part("services.eventbridge", "_dispatch_to_sqs")(queue, target.get("Input") or "{}")
        return None

    seam.replace("services.eventbridge", "_invoke_target", invoke_target)
