"""What scenarios say of themselves: the pipelines they tell of, and how they wait.

Nothing waits for a time. What is waited for is named, and is there or was not within a minute.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))

from declarations import action, approval  # noqa: E402, F401
from report import until  # noqa: E402
from transcript import ENDED, lines  # noqa: E402


def commit(scenario):
    configuration = {"RepositoryName": scenario, "BranchName": "main", "PollForSourceChanges": "false"}
    read = action("Commit", "Source", "CodeCommit", configuration, outputs=["Code"], namespace="Source")
    return {"name": "Source", "actions": [read]}


def build(**variables):
    """A stage that builds the page; variables steer it, see page.py."""
    configuration = {"ProjectName": "site"}
    if variables:
        told = [{"name": name, "value": str(value), "type": "PLAINTEXT"} for name, value in variables.items()]
        configuration["EnvironmentVariables"] = json.dumps(told)
    compile_page = action(
        "Compile", "Build", "CodeBuild", configuration, inputs=["Code"], outputs=["Page"], namespace="Build"
    )
    return {"name": "Build", "actions": [compile_page]}


def publish(scenario):
    configuration = {"BucketName": "public", "Extract": "true", "ObjectKey": scenario}
    return {"name": "Publish", "actions": [action("Bucket", "Deploy", "S3", configuration, inputs=["Page"])]}


class Story:
    """A pipeline of one scenario, and what is asked of it."""

    def __init__(self, home, report, name):
        self.home, self.report, self.name, self.client = home, report, name, home.client

    def create(self, *stages, source=None, **more):
        """Creates the pipeline, and returns the execution that this starts."""
        pipeline = {
            "name": self.name,
            "pipelineType": "V2",
            "executionMode": "SUPERSEDED",
            "stages": [source or commit(self.name), *stages],
            **self.home.store(),
            **more,
        }
        self.client.create_pipeline(pipeline=pipeline)
        found = until(f"{self.name} starts", lambda: self.executions(), every_seconds=0.05)
        return found[0]["pipelineExecutionId"]

    def executions(self):
        """Returns the executions, newest first."""
        return self.client.list_pipeline_executions(pipelineName=self.name)["pipelineExecutionSummaries"]

    def start(self):
        return self.client.start_pipeline_execution(name=self.name)["pipelineExecutionId"]

    def says(self, execution, *words):
        """Waits until a line with these words was said of an execution."""
        until(
            f"{self.name}: {' '.join(words)}",
            lambda: any(all(word in line.split() for word in words) for line in self.transcript(execution)),
        )

    def transcript(self, execution):
        return self.home.events().transcript(execution)

    def ends(self, execution):
        """Waits until an execution ended, and returns how."""

        def look():
            state = self.home.events().state(execution)
            return state if state in ENDED else None

        return until(f"{self.name} ends", look)

    def approve(self, execution, answer="Approved", stage="Approve", name="Release"):
        """Answers an execution's approval, as somebody would who was not sent the token."""
        self.client.put_approval_result(
            pipelineName=self.name,
            stageName=stage,
            actionName=name,
            token=until(f"{self.name} asks", lambda: self.token(execution, name)),
            result={"status": answer, "summary": "As agreed"},
        )

    def token(self, execution, name):
        """Returns the token of an open approval, by the list of action executions: in PARALLEL mode the
        pipeline's state shows no stages."""
        asked = {"pipelineName": self.name, "filter": {"pipelineExecutionId": execution}}
        for run in self.client.list_action_executions(**asked)["actionExecutionDetails"]:
            if run["status"] == "Failed":
                raise AssertionError(f"{run['actionName']} failed: {run['output'].get('executionResult')}")
            if run["actionName"] == name and run["status"] == "InProgress":
                return run["output"].get("executionResult", {}).get("externalExecutionId")
        return None

    def holds(self, execution, text, sentence):
        """Holds the transcript of an execution against what stands in the scenario."""
        told = self.transcript(execution)
        self.report.check(told == lines(text), f"{self.name}: {sentence}", "\n        ".join(["", *told]))
        gaps = self.home.events().gaps(execution)
        self.report.check(not gaps, f"{self.name}: no event number is missing", gaps)
