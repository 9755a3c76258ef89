"""CodeBuild that builds: the emulator keeps the projects, and a build is run for real by build_run.py.

Here are the operations that a pipeline uses: overrides of sources and artifacts, the token that makes a start
repeatable for five minutes, and stopping. Who counts how often something was built reads `builds`.
"""

import contextvars
import copy
import json
import threading
import time
import uuid

import seam
from plugins import build_run, rules

TOKEN_SECONDS = 5 * 60
ENDED = {"SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED"}

builds = {}
tokens = {}
lock = threading.Lock()


def install():
    for name, operation in (
        ("_start_build", start_build),
        ("_batch_get_builds", batch_get_builds),
        ("_stop_build", stop_build),
        ("_list_builds_for_project", list_builds_for_project),
    ):
        seam.replace("services.codebuild", name, operation)
    name_projects_in_policies()


def name_projects_in_policies():
    """What is asked of a build is asked of its project. The emulator asks for permission to do it to all of them."""
    resource_of = seam.part("core.iam_actions", "extract_resource_arn")

    def resource(service, method, path, headers, body, query, region, account):
        found = resource_of(service, method, path, headers, body, query, region, account)
        if service != "codebuild" or found != "*":
            return found
        asked = json.loads(body or b"{}")
        identity = (asked.get("ids") or [asked.get("id") or ""])[0].rsplit(":build/", 1)[-1]
        return f"arn:aws:codebuild:{region}:{account}:project/{identity.split(':')[0]}" if identity else found

    seam.replace("core.iam_actions", "extract_resource_arn", resource)


def respond(answer):
    return seam.part("services.codebuild", "json_response")(answer)


def refuse(code, message):
    return seam.part("services.codebuild", "error_response_json")(code, message, 400)


def start_build(asked):
    project = seam.part("services.codebuild", "_projects").get(asked.get("projectName", ""))
    if project is None:
        return refuse("ResourceNotFoundException", f"Project cannot be found: {asked.get('projectName')}")
    with lock:
        key = project["arn"], asked.get("idempotencyToken")
        began, identity = tokens.get(key, (0, None))
        if key[1] and time.monotonic() - began < TOKEN_SECONDS:
            return respond({"build": shown(builds[identity])})
        build = record(project, asked)
        builds[build["id"]] = build
        tokens[key] = time.monotonic(), build["id"]
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(perform, build), daemon=True).start()
    return respond({"build": shown(build)})


def record(project, asked):
    """Returns a build as it stands at its start. Members whose names begin with an underscore are ours."""
    identity = f"{project['name']}:{uuid.uuid4()}"
    source = dict(project["source"])
    if asked.get("sourceTypeOverride"):
        source |= {"type": asked["sourceTypeOverride"], "location": asked.get("sourceLocationOverride", "")}
    if asked.get("buildspecOverride"):
        source["buildspec"] = asked["buildspecOverride"]
    secondary = asked.get("secondaryArtifactsOverride") or project.get("secondaryArtifacts") or []
    variables = list((project.get("environment") or {}).get("environmentVariables") or [])
    return {
        "id": identity,
        "arn": seam.part("services.codebuild", "_build_arn")(identity),
        "buildNumber": sum(one["projectName"] == project["name"] for one in builds.values()) + 1,
        "startTime": time.time(),
        "currentPhase": "SUBMITTED",
        "buildStatus": "IN_PROGRESS",
        "buildComplete": False,
        "projectName": project["name"],
        "phases": [],
        "source": source,
        "secondarySources": asked.get("secondarySourcesOverride") or project.get("secondarySources") or [],
        "sourceVersion": asked.get("sourceVersion", ""),
        "artifacts": asked.get("artifactsOverride") or project["artifacts"],
        "secondaryArtifacts": secondary,
        "environment": {
            **(project.get("environment") or {}),
            "environmentVariables": variables + (asked.get("environmentVariablesOverride") or []),
        },
        "initiator": "towpath",
        "timeoutInMinutes": project.get("timeoutInMinutes", 60),
        "logs": {"groupName": f"/aws/codebuild/{project['name']}", "streamName": identity.split(":")[1]},
        "_token": asked.get("idempotencyToken", ""),
    }


def shown(build):
    return {name: copy.deepcopy(value) for name, value in build.items() if not name.startswith("_")}


def perform(build):
    tell(build)
    status = build_run.run(build)
    with lock:
        if build["buildStatus"] in ENDED:
            return
        end(build, status)
    tell(build)


def end(build, status):
    build.update(buildStatus=status, currentPhase="COMPLETED", endTime=time.time(), buildComplete=True)


def tell(build):
    detail = {
        "build-status": build["buildStatus"],
        "project-name": build["projectName"],
        "build-id": build["arn"],
        "current-phase": build["currentPhase"],
        "version": "1",
        "additional-information": {
            "build-complete": build["buildComplete"],
            "initiator": build["initiator"],
            "build-number": float(build["buildNumber"]),
            "environment": {"environment-variables": build["environment"]["environmentVariables"]},
        },
    }
    rules.emit("aws.codebuild", "CodeBuild Build State Change", detail, [build["arn"]])


def named(identity):
    """Finds a build by its id or its ARN."""
    return builds.get(identity.rsplit(":build/", 1)[-1])


def batch_get_builds(asked):
    asked_for = {identity: named(identity) for identity in asked.get("ids", [])}
    found = [shown(build) for build in asked_for.values() if build]
    return respond({"builds": found, "buildsNotFound": [one for one, build in asked_for.items() if not build]})


def stop_build(asked):
    build = named(asked.get("id", ""))
    if build is None:
        return refuse("ResourceNotFoundException", f"Build cannot be found: {asked.get('id')}")
    with lock:
        is_running = build["buildStatus"] not in ENDED
        if is_running:
            end(build, "STOPPED")
    build_run.stop(build)
    if is_running:
        tell(build)
    return respond({"build": shown(build)})


def list_builds_for_project(asked):
    name = asked.get("projectName", "")
    if name not in seam.part("services.codebuild", "_projects"):
        return refuse("ResourceNotFoundException", f"Project cannot be found: {name}")
    ids = [one["id"] for one in builds.values() if one["projectName"] == name]
    return respond({"ids": ids if asked.get("sortOrder") == "ASCENDING" else ids[::-1]})


def tally():
    """Tells a test which builds there were."""
    with lock:
        return json.loads(json.dumps([{**shown(one), "token": one["_token"]} for one in builds.values()]))
