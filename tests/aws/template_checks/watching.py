"""Whatever can fail is watched, and who is told can act."""

import json

from .deliveries import named_dead, queues
from .project import leaves, pointed_at

ALARMS = "infra/alarms.yaml"


def alarms(project):
    for name, resource in project.nested[ALARMS]["Resources"].items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            yield name, resource["Properties"]


def watched(project, metric):
    """Returns which queues, functions and tables have an alarm on a metric."""
    found = set()
    for _, alarm in alarms(project):
        if alarm.get("MetricName") == metric:
            found |= set(leaves(alarm["Dimensions"]))
    return found


def every_queue_is_watched(project):
    depth = watched(project, "ApproximateNumberOfMessagesVisible")
    age = watched(project, "ApproximateAgeOfOldestMessage")
    handed = project.properties("Watch").get("Parameters", {})
    for name in queues(project):
        if pointed_at(handed.get(name)) != name:
            yield f"{name} is not handed to {ALARMS}"
        if named_dead(name) and name not in depth:
            yield f"nobody is told that something lies in {name}"
        if not named_dead(name) and name not in age:
            yield f"nobody is told that {name} is not read"


def the_stream_the_sweep_and_the_doors_are_watched(project):
    for metric, function in (
        ("IteratorAge", "publish"),
        ("Invocations", "sweep"),
        ("Errors", "api"),
        ("Errors", "api-iam"),
        ("Errors", "webhook"),
        ("Throttles", "api"),
        ("Throttles", "api-iam"),
        ("Throttles", "webhook"),
    ):
        if f"${{Deployment}}-{function}" not in watched(project, metric):
            yield f"there is no alarm on {metric} of {function}"
    for name, alarm in alarms(project):
        if alarm.get("MetricName") == "Invocations" and alarm.get("TreatMissingData") != "breaching":
            yield f"{name} takes silence for health"


def every_alarm_tells_somebody_what_to_do(project):
    for name, alarm in alarms(project):
        if "AlarmTopicArn" not in leaves(alarm.get("AlarmActions", [])):
            yield f"{name} tells nobody"
        if len(alarm.get("AlarmDescription", "")) < 40:
            yield f"{name} does not say what it means"


def the_dashboard_shows_what_matters(project):
    bodies = [
        resource["Properties"]["DashboardBody"]["Fn::Sub"]
        for resource in project.nested[ALARMS]["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Dashboard"
    ]
    if len(bodies) != 1:
        yield "there must be one dashboard"
    for body in bodies:
        json.loads(body)
        for metric in ("PipelineDuration", "FailedPipelineExecutions", "WaitingExecutions", "ApproximateNumberOfMessagesVisible"):
            if metric not in body:
                yield f"the dashboard does not show {metric}"


CHECKS = [
    every_queue_is_watched,
    the_stream_the_sweep_and_the_doors_are_watched,
    every_alarm_tells_somebody_what_to_do,
    the_dashboard_shows_what_matters,
]
