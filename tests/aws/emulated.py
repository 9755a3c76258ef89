"""Holds the emulated AWS to what AWS does, where the other parts rest on it and it is ours.

A part that fails here explains failures everywhere else. Functions are small scripts that speak to the Runtime API.
"""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

import deploy
import template
from emulator import HERE, Emulator

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report, until  # noqa: E402

ROLE = "arn:aws:iam::000000000000:role/worker"
# Refuses what says so, by its number in the stream or the queue; answers with its environment where asked.
WORKER = (
    """#!%s
import http.client, json, os
api = os.environ["AWS_LAMBDA_RUNTIME_API"]
def call(method, path, body=None):
    connection = http.client.HTTPConnection(api)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.getheader("Lambda-Runtime-Aws-Request-Id"), answer.read()
while True:
    request, body = call("GET", "/2018-06-01/runtime/invocation/next")
    event = json.loads(body)
    refused = []
    for record in event.get("Records", []):
        print("got", record.get("body") or record["dynamodb"]["Keys"]["PK"]["S"], flush=True)
        if "poison" in json.dumps(record):
            refused.append({"itemIdentifier": record.get("messageId") or record["dynamodb"]["SequenceNumber"]})
    told = {"batchItemFailures": refused, "environment": dict(os.environ)}
    call("POST", f"/2018-06-01/runtime/invocation/{request}/response", json.dumps(told))
"""
    % sys.executable
)


def main():
    report = Report("emulated")
    with Emulator("emulated", haste=30.0) as emulator:
        worker = emulator.place / "worker"
        worker.write_text(WORKER)
        for chapter in (children, streams, queues, events, builds, stacks, deployments, weather, kills):
            try:
                chapter(emulator, report, worker)
            except Exception as error:  # The next chapter rests on nothing of this one.
                report.failed(f"{chapter.__name__} goes on to its end", f"{type(error).__name__}: {error}")
    orphan(report)
    report.finish()


def make(emulator, name, worker):
    emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Handler="bootstrap",
        Role=ROLE,
        Timeout=10,
        Code={"ZipFile": template.zipped(worker)},
        Environment={"Variables": {"TOLD": "yes"}},
    )


def got(emulator, name):
    """Returns what a function says that it got, in order."""
    logs = emulator.client("logs")
    try:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"].split()[1] for event in events if event["message"].startswith("got ")]


def children(emulator, report, worker):
    make(emulator, "child", worker)
    answer = emulator.client("lambda").invoke(FunctionName="child", Payload=b"{}")["Payload"].read()
    environment = json.loads(answer)["environment"]
    stray = [name for name in environment if name in ("HOME", "TMPDIR", "GATEWAY_PORT", "PYTHONPATH", "AUTH")]
    report.check(not stray, "a function sees nothing of the machine", stray)
    report.check(environment.get("TOLD") == "yes", "and all that it was told")


def streams(emulator, report, worker):
    make(emulator, "stream", worker)
    table = emulator.client("dynamodb")
    made = table.create_table(
        TableName="Table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    dead = queue(emulator, "stream-dead")
    emulator.client("lambda").create_event_source_mapping(
        FunctionName="stream",
        EventSourceArn=made["LatestStreamArn"],
        StartingPosition="TRIM_HORIZON",
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": dead[1]}},
    )
    for key in ("1", "2", "poison", "3", "4"):
        table.put_item(TableName="Table", Item={"PK": {"S": key}})
    lost = until("the poison is told", lambda: emulator.client("sqs").receive_message(QueueUrl=dead[0]).get("Messages"))
    told = until("the rest is read", lambda: got(emulator, "stream").count("4") > 1 and got(emulator, "stream"))
    kept = [key for index, key in enumerate(told) if key not in told[:index]]
    report.check(kept == ["1", "2", "poison", "3", "4"], "a stream is told in order", told)
    report.check(told.count("1") == 1, "what was taken does not come again", told)
    report.check(1 < told.count("poison") <= 6, "what was refused comes again, and not for ever", told)
    report.check(len(lost) == 1 and "RetryAttemptsExhausted" in lost[0]["Body"], "and goes to the destination", lost)


def queue(emulator, name, **attributes):
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def queues(emulator, report, worker):
    make(emulator, "queue", worker)
    dead = queue(emulator, "dead")
    policy = json.dumps({"deadLetterTargetArn": dead[1], "maxReceiveCount": 3})
    url, arn = queue(emulator, "work", VisibilityTimeout="30", RedrivePolicy=policy)
    emulator.client("lambda").create_event_source_mapping(
        FunctionName="queue", EventSourceArn=arn, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    sqs = emulator.client("sqs")
    for body in ("1", "poison", "2"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    letters = until("the poison is a dead letter", lambda: sqs.receive_message(QueueUrl=dead[0]).get("Messages"))
    # The emulator may find the last line of a log only with the next invocation.
    sqs.send_message(QueueUrl=url, MessageBody="3")
    told = until("the log is whole", lambda: "3" in got(emulator, "queue") and got(emulator, "queue"))
    report.check(letters[0]["Body"] == "poison", "poison ends in the dead-letter queue", letters)
    report.check((told.count("poison"), told.count("1")) == (3, 1), "after three tries, and alone", told)
    began = time.monotonic()
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=20)
    until("the late one comes", lambda: "late" in got(emulator, "queue"))
    took = time.monotonic() - began
    report.check(1 < took < 10, "a delay is a tenth of itself in haste", took)


def builds(emulator, report, _):
    codebuild, s3 = emulator.client("codebuild"), emulator.client("s3")
    s3.create_bucket(Bucket="builds")
    codebuild.create_project(
        name="project",
        source={"type": "CODEPIPELINE"},
        artifacts={"type": "CODEPIPELINE"},
        serviceRole=ROLE,
        environment={"type": "LINUX_CONTAINER", "image": "-", "computeType": "BUILD_GENERAL1_SMALL"},
    )
    heard = heard_from(emulator, "aws.codebuild")
    s3.put_object(Bucket="builds", Key="source.zip", Body=template.zipped(__file__))
    specification = (
        "version: 0.2\nenv: {exported-variables: [FOUND]}\n"
        'phases:\n  build:\n    commands:\n      - FOUND=$(ls $CODEBUILD_SRC_DIR_Other)\n      - test -z "$FAIL"\n'
        "artifacts: {files: ['**/*']}\n"
    )
    asked = {
        "projectName": "project",
        "buildspecOverride": specification,
        "idempotencyToken": "once",
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": "builds/source.zip",
        "secondarySourcesOverride": [{"type": "S3", "location": "builds/source.zip", "sourceIdentifier": "Other"}],
        "artifactsOverride": {
            "type": "S3",
            "location": "builds",
            "path": "out",
            "name": "made.zip",
            "packaging": "ZIP",
        },
    }
    first = codebuild.start_build(**asked)["build"]["id"]
    again = codebuild.start_build(**asked)["build"]["id"]
    report.check(first == again, "the same token starts one build", [first, again])
    build = ended(codebuild, first)
    report.check(build["buildStatus"] == "SUCCEEDED", "a build runs its buildspec", build["phases"])
    report.check(
        build["exportedEnvironmentVariables"] == [{"name": "FOUND", "value": "bootstrap"}],
        "exports variables, and sees its secondary source",
        build["exportedEnvironmentVariables"],
    )
    report.check(s3.head_object(Bucket="builds", Key="out/made.zip"), "and stores what it made")
    fails = {"environmentVariablesOverride": [{"name": "FAIL", "value": "1"}], "idempotencyToken": "fails"}
    build = ended(codebuild, codebuild.start_build(**{**asked, **fails})["build"]["id"])
    report.check(build["buildStatus"] == "FAILED", "a command that fails fails the build", build["phases"])
    sleeps = {"buildspecOverride": "version: 0.2\nphases: {build: {commands: ['sleep 60']}}\n", "idempotencyToken": "s"}
    sleeper = codebuild.start_build(**{**asked, **sleeps})["build"]["id"]
    codebuild.stop_build(id=sleeper)
    report.check(ended(codebuild, sleeper)["buildStatus"] == "STOPPED", "a build can be stopped")
    states = until("all is said", lambda: len(said(emulator, heard)) >= 6 and said(emulator, heard))
    report.check(
        sorted({one["detail"]["build-status"] for one in states}) == ["FAILED", "IN_PROGRESS", "STOPPED", "SUCCEEDED"],
        "and each state is said on the bus",
        states,
    )


def ended(codebuild, identity):
    def look():
        build = codebuild.batch_get_builds(ids=[identity])["builds"][0]
        return build if build["buildComplete"] else None

    return until("the build ends", look)


HEARD = {}


def heard_from(emulator, source):
    name = source.replace(".", "-")
    url, arn = queue(emulator, f"heard-{name}")
    rules = emulator.client("events")
    rules.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))
    rules.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    return url


def events(emulator, report, _):
    url = heard_from(emulator, "ours")
    entry = {"Source": "ours", "DetailType": "T", "Detail": "{}"}
    at = datetime.datetime(2026, 1, 24, 22, 3, 44, tzinfo=datetime.timezone.utc)
    answer = emulator.client("events").put_events(Entries=[{**entry, "Time": at}, entry])
    report.check((answer["FailedEntryCount"], len(answer["Entries"])) == (0, 2), "events are put", answer)
    until("both came", lambda: len(said(emulator, url)) == 2)
    times = sorted(one["time"] for one in said(emulator, url))
    report.check(times[0] == "2026-01-24T22:03:44Z" < times[1], "an event carries the time that it was given", times)


def said(emulator, url):
    sqs = emulator.client("sqs")
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            HEARD.setdefault(url, []).append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return HEARD.get(url, [])


def stacks(emulator, report, _):
    heard = heard_from(emulator, "aws.cloudformation")
    cloudformation = emulator.client("cloudformation")
    body = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    asked = {"StackName": "stack", "TemplateBody": body, "ClientRequestToken": "token-1"}
    first = cloudformation.create_stack(**asked)["StackId"]
    again = cloudformation.create_stack(**asked)["StackId"]
    report.check(first == again, "the same token makes one stack", [first, again])
    begun = [one for one in emulator.control("stacks")["begun"] if one[1] == "stack"]
    report.check(begun and begun[0][3] == 1, "and begins one operation", begun)

    def complete():
        return [one for one in said(emulator, heard) if one["detail"]["status-details"]["status"] == "CREATE_COMPLETE"]

    event = until("the stack's end is said", complete)[0]
    report.check(event["detail"]["stack-id"] == first, "a stack says that it is complete", event)
    report.check(event["detail"]["client-request-token"] == "token-1", "with the token", event)


def deployments(emulator, report, _):
    emulator.control(
        "fakes/codedeploy", good={"outcome": "Succeeded"}, full={"refuse": "DeploymentLimitExceededException"}
    )
    codedeploy = emulator.client("codedeploy")
    made = codedeploy.create_deployment(applicationName="good", deploymentGroupName="g", description="run-1")[
        "deploymentId"
    ]

    def status():
        return codedeploy.get_deployment(deploymentId=made)["deploymentInfo"]["status"]

    report.check(until("it ends", lambda: status() == "Succeeded"), "a deployment ends as scripted")
    report.check(codedeploy.list_deployments(applicationName="good")["deployments"] == [made], "and is found again")
    for application, code in (
        ("full", "DeploymentLimitExceededException"),
        ("none", "ApplicationDoesNotExistException"),
    ):
        try:
            codedeploy.create_deployment(applicationName=application, deploymentGroupName="g")
            report.failed(f"{application} is refused")
        except codedeploy.exceptions.ClientError as error:
            report.check(error.response["Error"]["Code"] == code, f"{application} is refused, typed", str(error))


def weather(emulator, report, _):
    url = heard_from(emulator, "aws.weather")
    emulator.control("weather", drop=0.3, duplicate=0.3, seed=3)
    for number in range(40):
        emulator.control("event", **{"source": "aws.weather", "detail-type": "W", "detail": {"number": number}})
    counts = emulator.control("weather")
    expected_number = 40 - counts["dropped"] + counts["duplicated"]
    until("all that comes came", lambda: len(said(emulator, url)) == expected_number)
    numbers = [one["detail"]["number"] for one in said(emulator, url)]
    report.check(len(set(numbers)) == 40 - counts["dropped"] < 40, "events get lost", [counts, sorted(numbers)])
    report.check(len(numbers) > len(set(numbers)), "and come twice", counts)


def kills(emulator, report, worker):
    functions = emulator.client("lambda")
    emulator.control("kill", number=5, share=1.0, seed=1)
    tries = 0
    while emulator.control("state")["invocations"]["kills_left"] and tries < 100:
        functions.invoke(FunctionName="child", Payload=b"{}")
        tries += 1
    killed = sum(emulator.control("state")["invocations"]["kills"].values())
    report.check(killed == 5, "processes are killed while they work, and no more than asked for", killed)
    answer = functions.invoke(FunctionName="child", Payload=b"{}")
    report.check("FunctionError" not in answer, "the next invocation gets another process")


def orphan(report):
    """Whoever starts the emulator may be killed: nothing is left running."""
    script = "import sys; from emulator import Emulator; e = Emulator('orphan'); e.start(); print(e.process.pid, flush=True); sys.stdin.read()"
    starter = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    emulator = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    gone = pathlib.Path(f"/proc/{emulator}")
    report.check(until("it is gone", lambda: not gone.exists(), seconds_max=10), "an orphan stops by itself")


if __name__ == "__main__":
    main()
