"""What CloudFormation does for a pipeline: it says how a stack fares, and does once what is asked twice.

The emulator sends no "CloudFormation Stack Status Change", and starts an operation again when the same
`ClientRequestToken` comes a second time.
"""

import collections
import threading

import seam
from plugins import rules

# Who counts how often something was deployed looks here: operations begun, by stack and token.
begun = collections.Counter()
answers = {}
lock = threading.Lock()

OPERATIONS = {
    "CreateStack": "_create_stack",
    "UpdateStack": "_update_stack",
    "DeleteStack": "_delete_stack",
    "ExecuteChangeSet": "_execute_change_set",
}


def install():
    add = seam.part("services.cloudformation.stacks", "_add_event")

    def add_event(stack_id, stack, logical_id, kind, status, *more, **named):
        add(stack_id, stack, logical_id, kind, status, *more, **named)
        if kind == "AWS::CloudFormation::Stack" and logical_id == stack:
            tell(stack_id, status)

    seam.replace_everywhere("services.cloudformation", "_add_event", add_event)
    handlers = seam.part("services.cloudformation.handlers", "_ACTION_HANDLERS")
    for operation, name in OPERATIONS.items():
        if handlers[operation].__name__ != name:
            raise SystemExit(f"{operation} is no longer done by {name}")
        handlers[operation] = once(operation, handlers[operation])


def tell(stack_id, status):
    token = seam.part("services.cloudformation.stacks", "CLIENT_REQUEST_TOKEN").get()
    detail = {
        "stack-id": stack_id,
        "status-details": {"status": status, "status-reason": ""},
        "client-request-token": token,
    }
    rules.emit("aws.cloudformation", "CloudFormation Stack Status Change", detail, [stack_id])


def once(operation, perform):
    def perform_once(parameters):
        token = value_of(parameters, "ClientRequestToken")
        stack = value_of(parameters, "StackName") or value_of(parameters, "ChangeSetName")
        account = seam.part("services.lambda_svc", "get_account_id")()
        key = (account, operation, stack, token)
        with lock:
            if token and key in answers:
                return answers[key]
            answer = perform(parameters)
            if answer[0] == 200:
                begun[(account, stack, token)] += 1
                answers[key] = answer
            return answer

    return perform_once


def value_of(parameters, name):
    value = parameters.get(name, "")
    return value[0] if isinstance(value, list) else value
