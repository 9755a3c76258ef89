"""Who may do what in the emulated account: the role that pipelines run with, and the person who asks."""

import json

from emulator import ACCOUNT

PIPELINE_ROLE = "towpath-pipeline"
KEEPER = "lock-keeper"
KEEPER_ARN = f"arn:aws:iam::{ACCOUNT}:user/{KEEPER}"
FUNCTION_ROLE = "job-function"
FUNCTION_ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{FUNCTION_ROLE}"
# What the providers of this issue do in a pipeline's name; a real role names its own resources.
PIPELINE_MAY = [
    "s3:*",
    "codecommit:*",
    "codebuild:*",
    "codedeploy:*",
    "cloudformation:*",
    "states:*",
    "lambda:*",
    "sns:Publish",
    "ssm:*",
    "iam:PassRole",
    "kms:Decrypt",
    "kms:GenerateDataKey",
]


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions, resource="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def make_pipeline_role(emulator, deployed):
    """Only the two functions that talk to providers may become it, and only with the deployment's own id."""
    iam = emulator.client("iam")
    trusted = {"AWS": [deployed["StartActionRoleArn"], deployed["ActionCompletionRoleArn"]]}
    with_id = {"StringEquals": {"sts:ExternalId": deployed["DeploymentId"]}}
    trust = document(
        {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole", "Condition": with_id},
        {"Effect": "Allow", "Principal": trusted, "Action": ["sts:TagSession", "sts:SetSourceIdentity"]},
    )
    arn = iam.create_role(RoleName=PIPELINE_ROLE, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=PIPELINE_ROLE, PolicyName="may", PolicyDocument=document(allow(PIPELINE_MAY)))
    return arn


def make_keeper(emulator):
    """Makes a person with keys who may ask, and nothing else. Returns the pair of keys."""
    iam = emulator.client("iam")
    iam.create_user(UserName=KEEPER)
    policy = document(allow(["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]))
    iam.put_user_policy(UserName=KEEPER, PolicyName="may", PolicyDocument=policy)
    made = iam.create_access_key(UserName=KEEPER)["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


def make_function_role(emulator):
    """A role for a function that answers to jobs, and may ask the API."""
    return make_role(emulator, FUNCTION_ROLE, ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction", "logs:*"])


def make_bare_role(emulator, name):
    """A role for a function that does nothing but hand messages on."""
    return make_role(emulator, name, ["sqs:*", "logs:*"])


def make_role(emulator, name, actions):
    iam = emulator.client("iam")
    trust = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=document(allow(actions)))
    return arn


def let_rules_put(emulator, queue_url, queue_arn):
    """Lets rules of the account put events into a queue."""
    may = allow("sqs:SendMessage", queue_arn, Principal={"Service": "events.amazonaws.com"})
    emulator.client("sqs").set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": document(may)})
