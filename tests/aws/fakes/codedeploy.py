"""CodeDeploy: deployments that take as long, and end, as a test says.

A deployment is scripted by its application: `outcome` is Succeeded, Failed or Ready, `seconds` how long it
takes, `refuse` an error code of CreateDeployment. Nothing is deployed to anywhere.
"""

import contextvars
import threading
import time
import uuid

import seam
from fakes import service
from plugins import rules

ENDED = {"Succeeded", "Failed", "Stopped"}
STATES = {"InProgress": "START", "Succeeded": "SUCCESS", "Failed": "FAILURE", "Stopped": "STOP", "Ready": "READY"}

scripts = {}
deployments = {}
lock = threading.Lock()


def install():
    operations = {
        "CreateDeployment": create_deployment,
        "GetDeployment": get_deployment,
        "BatchGetDeployments": batch_get_deployments,
        "StopDeployment": stop_deployment,
        "ListDeployments": list_deployments,
        "GetApplicationRevision": get_application_revision,
        "RegisterApplicationRevision": lambda _: {},
        "GetDeploymentConfig": lambda asked: {
            "deploymentConfigInfo": {"deploymentConfigName": asked["deploymentConfigName"]}
        },
    }
    service.install("codedeploy", "CodeDeploy_20141006", operations, control)


def control(told):
    """Takes scripts by application, and tells all deployments."""
    scripts.update(told)
    with lock:
        return {"deployments": [dict(one) for one in deployments.values()]}


def create_deployment(asked):
    application = asked.get("applicationName", "")
    script = scripts.get(application)
    if script is None:
        raise service.Refusal("ApplicationDoesNotExistException", f"No application found for name: {application}")
    if refused := script.get("refuse"):
        raise service.Refusal(refused, f"CodeDeploy refuses {application}.")
    deployment = {
        **asked,
        "deploymentId": "d-" + uuid.uuid4().hex[:9].upper(),
        "status": "Created",
        "createTime": time.time(),
    }
    with lock:
        deployments[deployment["deploymentId"]] = deployment
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(deploy, deployment, script), daemon=True).start()
    return {"deploymentId": deployment["deploymentId"]}


def deploy(deployment, script):
    become(deployment, "InProgress")
    last = time.monotonic() + script.get("seconds", 0.05)
    while time.monotonic() < last and deployment["status"] not in ENDED:
        time.sleep(0.02)
    become(deployment, script.get("outcome", "Succeeded"))


def become(deployment, status):
    with lock:
        if deployment["status"] in ENDED:
            return
        deployment["status"] = status
        if status in ENDED:
            deployment["completeTime"] = time.time()
        if status == "Failed":
            message = "The overall deployment failed because too many individual instances failed deployment."
            deployment["errorInformation"] = {"code": "HEALTH_CONSTRAINTS", "message": message}
    region, account = (seam.part("core.responses", name)() for name in ("get_region", "get_account_id"))
    application = deployment["applicationName"]
    detail = {
        "application": application,
        "deploymentId": deployment["deploymentId"],
        "deploymentGroup": deployment.get("deploymentGroupName"),
        "instanceGroupId": "",
        "state": STATES[status],
        "region": region,
    }
    arn = f"arn:aws:codedeploy:{region}:{account}:application:{application}"
    rules.emit("aws.codedeploy", "CodeDeploy Deployment State-change Notification", detail, [arn])


def find(asked):
    found = deployments.get(asked.get("deploymentId"))
    if found is None:
        message = f"The deployment {asked.get('deploymentId')} could not be found"
        raise service.Refusal("DeploymentDoesNotExistException", message)
    return found


def get_deployment(asked):
    with lock:
        return {"deploymentInfo": dict(find(asked))}


def batch_get_deployments(asked):
    with lock:
        found = [dict(deployments[one]) for one in asked.get("deploymentIds", []) if one in deployments]
    return {"deploymentsInfo": found}


def stop_deployment(asked):
    if find(asked)["status"] in ENDED:
        raise service.Refusal("DeploymentAlreadyCompletedException", "The deployment is already complete.")
    become(find(asked), "Stopped")
    return {"status": "Succeeded", "statusMessage": "Stopped"}


def list_deployments(asked):
    wanted = asked.get("includeOnlyStatuses") or []
    with lock:
        found = [
            name
            for name, one in reversed(deployments.items())
            if asked.get("applicationName") in (None, one["applicationName"])
            and asked.get("deploymentGroupName") in (None, one.get("deploymentGroupName"))
            and (not wanted or one["status"] in wanted)
        ]
    return {"deployments": found}


def get_application_revision(asked):
    return {"applicationName": asked.get("applicationName"), "revision": asked.get("revision")}
