"""A function that a pipeline invokes, as people write them for CodePipeline: it answers to the job.

The one difference is where it answers: at the API of the deployment, signed for the function URL that AWS checks.
"""

import os

import boto3
from botocore.config import Config


def client():
    made = boto3.client(
        "codepipeline",
        endpoint_url=os.environ["API"],
        region_name="us-east-1",
        config=Config(proxies={"http": os.environ["THROUGH"]}),
    )

    def sign(request, **_):
        request.context.setdefault("signing", {})["signing_name"] = "lambda"

    made.meta.events.register("before-sign.codepipeline", sign)
    return made


def handler(event, _context):
    job = event["CodePipeline.job"]
    told = job["data"]["actionConfiguration"]["configuration"]
    if told.get("UserParameters") == "fail":
        failure = {"type": "JobFailed", "message": "The lock is stuck."}
        client().put_job_failure_result(jobId=job["id"], failureDetails=failure)
    else:
        client().put_job_success_result(jobId=job["id"], outputVariables={"Told": "everybody"})
