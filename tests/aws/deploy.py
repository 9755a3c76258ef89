"""Deploys the template of Towpath as it is into the emulated account, with the programs as they are released."""

import os
import pathlib
import sys
import time

import yaml

import template
from emulator import ACCOUNT, ROOT

STACK = "towpath"
PROGRAMS = pathlib.Path(os.environ.get("TOWPATH_BOOTSTRAPS", ROOT / "target" / "function"))
CODE_BUCKET = "towpath-code"
DEPLOYED_WITHIN_SECONDS = 120
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


def program(name):
    found = PROGRAMS / name
    if not found.exists():
        sys.exit(
            f"{found} does not exist: cargo build --profile function -p {name}, or name another place in TOWPATH_BOOTSTRAPS"
        )
    return found


def deploy(emulator, programs=program, change=None, **parameters):
    """Returns the outputs of the stack. `change` may alter the packaged template, to show that a test sees it."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=CODE_BUCKET)

    def upload(name, body):
        s3.put_object(Bucket=CODE_BUCKET, Key=name, Body=body)
        return CODE_BUCKET, name

    packed = template.packaged(ROOT / "template.yaml", programs, upload)
    if change:
        change(packed)
    text = yaml.safe_dump(packed, sort_keys=False).encode()
    upload("template.yaml", text)
    cloudformation = emulator.client("cloudformation")
    told = {"Architecture": "x86_64", **parameters}
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"https://s3.amazonaws.com/{CODE_BUCKET}/template.yaml",
        Capabilities=CAPABILITIES,
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in told.items()],
    )
    return outputs(wait(cloudformation))


def wait(cloudformation):
    last = time.monotonic() + DEPLOYED_WITHIN_SECONDS
    while True:
        stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return stack
        if not stack["StackStatus"].endswith("IN_PROGRESS") or time.monotonic() > last:
            sys.exit(f"the stack is {stack['StackStatus']}\n" + "\n".join(failures(cloudformation)))
        time.sleep(0.05)


def outputs(stack):
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def failures(cloudformation):
    for stack in cloudformation.describe_stacks()["Stacks"]:
        yield f"{stack['StackName']}: {stack['StackStatus']} {stack.get('StackStatusReason', '')}"
        for event in cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]:
            if "FAILED" in event["ResourceStatus"]:
                reason = event.get("ResourceStatusReason", "")
                yield f"  {event['LogicalResourceId']} {event['ResourceType']}: {reason}"


def resources(emulator):
    """Returns physical ids by logical id, those of nested stacks included."""
    cloudformation = emulator.client("cloudformation")
    found = {}
    for stack in cloudformation.describe_stacks()["Stacks"]:
        for resource in cloudformation.describe_stack_resources(StackName=stack["StackId"])["StackResources"]:
            found[resource["LogicalResourceId"]] = resource["PhysicalResourceId"]
    return found


def pipeline_role(name="towpath-pipeline"):
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"
