"""The whole way through AWS, in every weather: S3, CodeBuild, approval, CloudFormation, S3, Step Functions.

Completion events come in time, late, twice, in another order and not at all. The transcript is the same: an
event says where to look, and what is concluded comes from looking.
"""

import json

import page
from story import Story, action, approval, build, publish, until

WEATHERS = {
    "fair": {},
    "late": {"delay": 1.0, "delay_seconds": 2.0},
    "twice": {"duplicate": 1.0},
    "shuffled": {"delay": 0.5, "delay_seconds": 1.0, "duplicate": 0.5, "seed": 7},
    "lost": {"drop": 1.0},
}
MACHINE = {"StartAt": "Tell", "States": {"Tell": {"Type": "Pass", "Result": {"told": True}, "End": True}}}
ARRIVES = """
    pipeline STARTED
    stage    Source          STARTED
    action   Source/Object   STARTED
    action   Source/Object   SUCCEEDED
    stage    Source          SUCCEEDED
    stage    Build           STARTED
    action   Build/Compile   STARTED
    action   Build/Compile   SUCCEEDED
    stage    Build           SUCCEEDED
    stage    Approve         STARTED
    action   Approve/Release STARTED
    action   Approve/Release SUCCEEDED
    stage    Approve         SUCCEEDED
    stage    Stack           STARTED
    action   Stack/Release   STARTED
    action   Stack/Release   SUCCEEDED
    stage    Stack           SUCCEEDED
    stage    Publish         STARTED
    action   Publish/Bucket  STARTED
    action   Publish/Bucket  SUCCEEDED
    stage    Publish         SUCCEEDED
    stage    Tell            STARTED
    action   Tell/Everybody  STARTED
    action   Tell/Everybody  SUCCEEDED
    stage    Tell            SUCCEEDED
    pipeline SUCCEEDED
    """


def tell(home, report):
    machine = prepare(home)
    for weather, told in WEATHERS.items():
        # What is there before the pipeline is must not be told of after it.
        upload(home, f"whole-{weather}")
        until("that was told", lambda: is_quiet(home))
        home.emulator.control("weather", **told)
        travel(home, report, machine, weather)
        home.emulator.control("weather")


def is_quiet(home):
    state = home.emulator.control("state")
    return not state["invocations"]["running"] and not any(
        number for name, number in state["queues"].items() if "Changes" in name
    )


def prepare(home):
    s3 = home.emulator.client("s3")
    s3.create_bucket(Bucket="sources")
    s3.put_bucket_versioning(Bucket="sources", VersioningConfiguration={"Status": "Enabled"})
    notify = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket="sources", NotificationConfiguration=notify)
    made = home.emulator.client("stepfunctions").create_state_machine(
        name="tell", definition=json.dumps(MACHINE), roleArn=home.role
    )
    return made["stateMachineArn"]


def travel(home, report, machine, weather):
    story = Story(home, report, f"whole-{weather}")
    first = story.create(
        build(), approval(), stack(home, story.name), publish(story.name), everybody(machine), source=source(story.name)
    )
    follow(story, first)
    if weather == "lost":
        return
    # A second object: the event says that there is one, and which version of it is meant.
    upload(home, story.name)
    second = until("the new object starts it", lambda: newer(story, first))
    follow(story, second)
    revision = story.executions()[0]["sourceRevisions"][0]["revisionId"]
    versions = home.emulator.client("s3").list_object_versions(Bucket="sources", Prefix=story.name)["Versions"]
    report.check(
        revision in [one["VersionId"] for one in versions if one["IsLatest"]],
        f"{story.name}: the revision is the version that was written",
        [revision, versions],
    )
    count = len(story.executions())
    report.check(count == 2, f"{story.name}: one object starts one execution", count)


def follow(story, execution):
    story.approve(execution)
    story.report.check(story.ends(execution) == "SUCCEEDED", f"{story.name}: it arrives")
    story.holds(execution, ARRIVES, "through every service, in order")
    released = story.home.emulator.client("ssm").get_parameter(Name=f"/{story.name}")["Parameter"]["Value"]
    story.report.check(released == "1", f"{story.name}: the stack has the version that was built", released)


def newer(story, first):
    newest = story.executions()[0]["pipelineExecutionId"]
    return newest if newest != first else None


def upload(home, name):
    home.emulator.client("s3").put_object(Bucket="sources", Key=f"{name}.zip", Body=page.archive(home.place / "travel"))


def source(name):
    configuration = {"S3Bucket": "sources", "S3ObjectKey": f"{name}.zip", "PollForSourceChanges": "false"}
    return {
        "name": "Source",
        "actions": [action("Object", "Source", "S3", configuration, outputs=["Code"], namespace="Source")],
    }


def stack(home, name):
    overrides = {"Version": "#{Build.SITE_VERSION}", "Name": f"/{name}"}
    configuration = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": name,
        "TemplatePath": "Page::stack.json",
        "ParameterOverrides": json.dumps(overrides),
        "RoleArn": home.role,
    }
    release = action("Release", "Deploy", "CloudFormation", configuration, inputs=["Page"])
    return {"name": "Stack", "actions": [release]}


def everybody(machine):
    configuration = {"StateMachineArn": machine, "InputType": "Literal", "Input": '{"released": true}'}
    return {"name": "Tell", "actions": [action("Everybody", "Invoke", "StepFunctions", configuration)]}
