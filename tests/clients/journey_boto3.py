"""The story, told by boto3, with every paginator that it has. Started by `journey.py`."""

import json
import os
import pathlib
import shlex
import subprocess

import boto3

from report import Report, until

NAME = "journey"
PAGE, PUBLIC_PAGE, GATE = (pathlib.Path(os.environ[name]) for name in ("PAGE", "PUBLIC_PAGE", "GATE"))
report = Report("boto3")
client = boto3.client("codepipeline")
seen = open(os.environ["SEEN"], "ab")
client.meta.events.register(
    "before-parse.codepipeline", lambda response_dict, **_: seen.write(response_dict["body"] + b"\n")
)


def commit(version):
    subprocess.run([*shlex.split(os.environ["COMMIT"]), version], check=True, stdout=subprocess.DEVNULL)


def stages():
    return {one["stageName"]: one for one in client.get_pipeline_state(name=NAME)["stageStates"]}


def approve(execution, answer="Approved"):
    """Waits until an execution asks, answers, and returns what was answered to that."""

    def token():
        state = stages()["Approve"]
        if state.get("latestExecution", {}).get("pipelineExecutionId") != execution:
            return None
        return state["actionStates"][0].get("latestExecution", {}).get("token")

    return client.put_approval_result(
        pipelineName=NAME,
        stageName="Approve",
        actionName="Release",
        result={"summary": "Go", "status": answer},
        token=until("an open approval", token),
    )


def status_of(execution):
    got = client.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=execution)
    return got["pipelineExecution"]["status"]


def wait_for(execution, status):
    until(f"{execution} is {status}", lambda: status_of(execution) == status)


def newest():
    found = client.list_pipeline_executions(pipelineName=NAME, maxResults=1)["pipelineExecutionSummaries"]
    return found[0]["pipelineExecutionId"] if found else None


def is_deployed(version):
    return all(page.exists() and f"Version {version}" in page.read_text() for page in (PAGE, PUBLIC_PAGE))


def refusal(call, **members):
    """Returns the code of the error that a call gets."""
    try:
        call(**members)
    except client.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return "none"


def create():
    made = client.create_pipeline(**json.loads(pathlib.Path(os.environ["PIPELINE_JSON"]).read_text()))
    report.check(made["pipeline"]["version"] == 1, "create-pipeline gives version 1", made)
    first = until("the first execution", newest)
    answered = approve(first)
    report.check("approvedAt" in answered, "put-approval-result says when", answered)
    wait_for(first, "Succeeded")
    report.check(is_deployed("1"), "version 1 is on the host and in the bucket")
    return first


def hold():
    place = {"pipelineName": NAME, "stageName": "Deploy", "transitionType": "Inbound"}
    client.disable_stage_transition(**place, reason="Low water.")
    commit("2")
    started = client.start_pipeline_execution(name=NAME, clientRequestToken="journey-2")
    again = client.start_pipeline_execution(name=NAME, clientRequestToken="journey-2")
    second = started["pipelineExecutionId"]
    report.check(again["pipelineExecutionId"] == second, "a token starts one execution, however often it is sent")
    approve(second)
    until(
        "the second waits", lambda: stages()["Deploy"].get("inboundExecution", {}).get("pipelineExecutionId") == second
    )
    reason = stages()["Deploy"]["inboundTransitionState"]["disabledReason"]
    report.check(reason == "Low water." and is_deployed("1"), "nothing passes a disabled transition", reason)
    client.enable_stage_transition(**place)
    wait_for(second, "Succeeded")
    report.check(is_deployed("2"), "version 2 is deployed once the transition is enabled")


def stop():
    third = client.start_pipeline_execution(name=NAME)["pipelineExecutionId"]
    until("the third is asked about", lambda: stages()["Approve"]["latestExecution"]["pipelineExecutionId"] == third)
    client.stop_pipeline_execution(pipelineName=NAME, pipelineExecutionId=third, abandon=True, reason="Enough.")
    wait_for(third, "Stopped")
    code = refusal(client.stop_pipeline_execution, pipelineName=NAME, pipelineExecutionId=third, abandon=True)
    report.check(code == "PipelineExecutionNotStoppableException", "what is stopped cannot be stopped", code)


def retry():
    GATE.write_text("shut\n")
    fourth = client.start_pipeline_execution(name=NAME)["pipelineExecutionId"]
    wait_for(fourth, "Failed")
    GATE.unlink()
    place = {"pipelineName": NAME, "stageName": "Build", "pipelineExecutionId": fourth}
    retried = client.retry_stage_execution(**place, retryMode="FAILED_ACTIONS")
    report.check(retried["pipelineExecutionId"] == fourth, "a retry keeps the execution's id", retried)
    approve(fourth)
    wait_for(fourth, "Succeeded")
    report.ok("a failed build succeeds when it is retried")
    fifth = client.start_pipeline_execution(name=NAME)["pipelineExecutionId"]
    approve(fifth, "Rejected")
    wait_for(fifth, "Failed")
    report.ok("a rejected approval fails its execution")


def all_of(operation, member, page_size, **members):
    """Reads a listing through its paginator, page by page."""
    pages = client.get_paginator(operation).paginate(**members, PaginationConfig={"PageSize": page_size})
    return [one for page in pages for one in page[member]]


def list_all(first):
    executions = all_of("list_pipeline_executions", "pipelineExecutionSummaries", 1, pipelineName=NAME)
    statuses = [one["status"] for one in executions]
    expected = ["Failed", "Succeeded", "Stopped", "Succeeded", "Succeeded"]
    report.check(statuses == expected, "executions are listed newest first, one a page", statuses)
    actions = all_of("list_action_executions", "actionExecutionDetails", 2, pipelineName=NAME)
    whole = client.list_action_executions(pipelineName=NAME)["actionExecutionDetails"]
    ids = [one["actionExecutionId"] for one in actions]
    report.check(ids == [one["actionExecutionId"] for one in whole], "pages of two hold what one page holds", ids)
    # 5 actions each of three that succeeded, 3 of the stopped, 3 of the rejected, and the failed build's own.
    report.check(len(set(ids)) == 22, "every attempt of every action is listed once", len(ids))
    mine = {"pipelineExecutionId": first}
    filtered = all_of("list_action_executions", "actionExecutionDetails", 1, pipelineName=NAME, filter=mine)
    built = next(one for one in filtered if one["actionName"] == "Compile")
    report.check(len(filtered) == 5, "a filter leaves one execution's actions", len(filtered))
    report.check(built["output"]["outputVariables"]["SITE_VERSION"] == "1", "a build's variables are shown", built)
    host = next(one for one in filtered if one["actionName"] == "Host")
    targets = all_of(
        "list_deploy_action_execution_targets",
        "targets",
        1,
        pipelineName=NAME,
        actionExecutionId=host["actionExecutionId"],
    )
    report.check(isinstance(targets, list), "deployment targets are a list", targets)
    rules = all_of("list_rule_executions", "ruleExecutionDetails", 1, pipelineName=NAME)
    report.check(rules == [], "no rule was executed", rules)
    types = all_of("list_action_types", "actionTypes", None)
    report.check(len(types) > 10, "action types are listed", len(types))
    names = [one["name"] for one in all_of("list_pipelines", "pipelines", 1)]
    report.check(names == [NAME], "the pipeline is listed", names)
    report.check(all_of("list_webhooks", "webhooks", 1) == [], "there are no webhooks")


def update():
    pipeline = client.get_pipeline(name=NAME)["pipeline"]
    pipeline["stages"][2]["actions"][0]["configuration"]["CustomData"] = "Really?"
    updated = client.update_pipeline(pipeline=pipeline)["pipeline"]
    old = client.get_pipeline(name=NAME, version=1)["pipeline"]
    report.check(
        updated["version"] == 2 and old["version"] == 1, "an update makes version 2, and 1 can be read", updated
    )


def tag():
    arn = client.get_pipeline(name=NAME)["metadata"]["pipelineArn"]
    client.tag_resource(resourceArn=arn, tags=[{"key": "water", "value": "high"}])
    client.untag_resource(resourceArn=arn, tagKeys=["team"])
    tags = all_of("list_tags_for_resource", "tags", None, resourceArn=arn)
    report.check(tags == [{"key": "water", "value": "high"}], "tags come and go", tags)


def delete():
    client.delete_pipeline(name=NAME)
    code = refusal(client.get_pipeline, name=NAME)
    report.check(code == "PipelineNotFoundException", "a deleted pipeline is gone", code)


if __name__ == "__main__":
    protocol = client.meta.service_model.resolved_protocol
    print(f"        boto3 speaks {protocol}")
    first_execution = create()
    hold()
    stop()
    retry()
    list_all(first_execution)
    update()
    tag()
    delete()
    report.finish()
