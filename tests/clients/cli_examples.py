"""Runs the examples of the AWS CLI's own help, as they are printed, against a world that they assume."""

import json
import re
import subprocess
import zipfile

import boto3

import declarations
import examples_read
import repository
import server
from report import Report, until
from wires import seen_file

CORPUS = server.ROOT.parent / "shared" / "corpus" / "cli-examples"
CLI = server.TARGET / "cli" / "bin" / "aws"
ARCHIVE = "aws-codepipeline-s3-aws-codedeploy_linux.zip"
BUCKETS = ("awscodepipeline-demo-bucket", "awscodepipeline-demo-bucket2")

# A page that comes before what it needs is put off; the others follow each other as in a life.
ORDER = [
    "create-custom-action-type",
    "list-action-types",
    "create-pipeline",
    "get-pipeline",
    "list-pipelines",
    "get-pipeline-state",
    "start-pipeline-execution",
    "disable-stage-transition",
    "stop-pipeline-execution",
    "enable-stage-transition",
    "update-pipeline",
    "list-action-executions",
    "list-pipeline-executions",
    "retry-stage-execution",
    "tag-resource",
    "list-tags-for-resource",
    "untag-resource",
    "put-webhook",
    "list-webhooks",
    "deregister-webhook-with-third-party",
    "delete-webhook",
    "poll-for-jobs",
    "get-job-details",
    "acknowledge-job",
    "delete-custom-action-type",
    "delete-pipeline",
]

# What a page shows and the API's model does not have there, or not for this command.
NOT_OF_THE_MODEL = {
    "list-tags-for-resource": {"tags", "Project", "IscontainerBased"},
    "put-webhook": {"tags"},
    # Shown for an S3 source and a deployment at AWS; there is no console here to link to.
    "get-pipeline-state": {"entityUrl", "externalExecutionUrl", "externalExecutionId", "summary"},
    "list-action-executions": {"externalExecutionUrl"},
}


class Examples:
    """The world that the pages assume."""

    def __init__(self, running, place, report):
        self.running, self.place, self.report = running, place, report
        environment = running.environment()
        session = boto3.Session(*running.keys(), region_name=running.region)
        self.client = session.client("codepipeline", endpoint_url=running.endpoint)
        self.environment = environment
        self.real = {}
        self.seen = open(seen_file(), "ab")

    def before(self, name):
        """Makes what a page takes for granted."""
        prepare = getattr(self, "before_" + name.replace("-", "_"), None)
        if prepare is not None:
            prepare()

    def finished(self, pipeline):
        def look():
            found = self.client.list_pipeline_executions(pipelineName=pipeline)["pipelineExecutionSummaries"]
            return found and found[0]["status"] in ("Succeeded", "Failed") and found[0]

        return until(f"{pipeline} ends", look)

    def before_list_action_types(self):
        self.client.create_custom_action_type(**declarations.custom_type("MyJenkinsProviderName"))

    def before_create_pipeline(self):
        """The page of get-pipeline shows the pipeline that all others speak of."""
        page = examples_read.read(CORPUS / "get-pipeline.rst")[0]
        self.client.create_pipeline(pipeline=page.output["pipeline"])
        self.finished("MyFirstPipeline")

    def before_stop_pipeline_execution(self):
        started = self.client.start_pipeline_execution(name="MyFirstPipeline")["pipelineExecutionId"]
        self.real["d-EXAMPLE"] = started

        def is_held():
            state = self.client.get_pipeline_state(name="MyFirstPipeline")["stageStates"][1]
            return state.get("inboundExecution", {}).get("pipelineExecutionId") == started

        until("the execution is held before Beta", is_held)

    def before_list_action_executions(self):
        source = declarations.source("my-repo", "production")
        source["actions"][0]["namespace"] = "SourceVariables"
        deploy = declarations.action(
            "Deploy",
            "Deploy",
            "CodeDeploy",
            {"ApplicationName": "my-application", "DeploymentGroupName": "my-deployment-group"},
            inputs=["Code"],
            namespace="DeployVariables",
        )
        stages = {"stages": [source, {"name": "Deploy", "actions": [deploy]}]}
        self.client.create_pipeline(pipeline=declarations.pipeline("myPipeline", **stages))
        self.finished("myPipeline")

    def before_list_pipeline_executions(self):
        deploy = declarations.action(
            "Deploy",
            "Deploy",
            "CodeDeploy",
            {"ApplicationName": "my-application", "DeploymentGroupName": "no-such-group"},
            inputs=["Code"],
        )
        self.client.create_pipeline(
            pipeline=declarations.pipeline("MyPipeline", {"name": "Deploy", "actions": [deploy]})
        )
        failed = self.finished("MyPipeline")
        self.real["b59babff-5f34-EXAMPLE"] = failed["pipelineExecutionId"]
        arn = self.client.get_pipeline(name="MyPipeline")["metadata"]["pipelineArn"]
        self.real["arn:aws:codepipeline:us-east-1:123456789012:MyPipeline"] = arn

    def before_put_webhook(self):
        configuration = {
            "Owner": "keeper",
            "Repo": "site",
            "Branch": "main",
            "OAuthToken": "none",
            "PollForSourceChanges": "false",
        }
        pipeline = declarations.pipeline("pipeline_name", declarations.approval())
        pipeline["stages"][0]["actions"] = [
            declarations.action("source_action_name", "Source", "GitHub", configuration, "ThirdParty", outputs=["Code"])
        ]
        self.client.create_pipeline(pipeline=pipeline)

    def before_poll_for_jobs(self):
        test = declarations.action(
            "MyJenkinsTest-Action",
            "Test",
            "MyJenkinsProviderName",
            {"ProjectName": "MyJenkinsTestProject"},
            "Custom",
            inputs=["Code"],
        )
        pipeline = declarations.pipeline("Tested", {"name": "Testing", "actions": [test]})
        self.client.create_pipeline(pipeline=pipeline)

        def is_there():
            state = self.client.get_pipeline_state(name="Tested")["stageStates"][1]["actionStates"][0]
            return state.get("latestExecution", {}).get("status") == "InProgress"

        until("a job is queued", is_there)

    def after_poll_for_jobs(self, printed):
        self.real["f4f4ff82-2d11-EXAMPLE"] = printed["jobs"][0]["id"]
        self.real["3"] = printed["jobs"][0]["nonce"]

    def run(self, example):
        """Runs one command line, with real names where the page has invented ones."""
        words = [self.real.get(word, word) for word in example.words]
        sentence = f"aws codepipeline {' '.join(example.words)}"
        if example.input_name:
            (self.place / example.input_name).write_text(json.dumps(example.input))
        command = [CLI, "codepipeline", *words, "--output", "json"]
        done = subprocess.run(
            command, cwd=self.place, env=self.environment, capture_output=True, text=True, check=False
        )
        self.seen.write((done.stdout + done.stderr).encode())
        if done.returncode != 0:
            self.report.failed(sentence, done.stderr.strip())
            return
        printed = json.loads(done.stdout) if done.stdout.strip() else {}
        after = getattr(self, "after_" + example.name.replace("-", "_"), None)
        if after is not None:
            after(printed)
        ignored = NOT_OF_THE_MODEL.get(example.name, set())
        lacking = list(examples_read.missing(example.output, printed, ignored))
        lacking += sorted(example.output_names - examples_read.names_in(printed) - ignored)
        self.report.check(not lacking, sentence, {"lacking": lacking, "printed": printed})


def main():
    report = Report("cli_examples")
    if not CORPUS.is_dir():
        print(f"skipped: there is no corpus at {CORPUS}")
        report.finish()
    pages = {path.stem: path for path in CORPUS.glob("*.rst")}
    report.check(set(pages) == set(ORDER), "every page of the examples is run", sorted(set(pages) ^ set(ORDER)))
    place = server.fresh_place("cli_examples")
    with server.Server("cli_examples", make_site(place)) as running:
        examples = Examples(running, place, report)
        for name in ORDER:
            try:
                examples.before(name)
                for example in examples_read.read(pages[name]):
                    examples.run(example)
            except Exception as error:  # What a page assumes cannot be made: the others are tried all the same.
                report.failed(name, repr(error))
        report.check(running.is_alive(), "the server is alive after them")
    report.finish()


def make_site(place):
    """Makes what the pages' pipelines read and where they deploy to."""
    repository.make(place / "repository")
    repository.git(place / "repository", "branch", "production")
    site = [("repository", name, place / "repository") for name in ("site", "my-repo", "keeper/site")]
    for name in BUCKETS:
        (place / name).mkdir()
        with zipfile.ZipFile(place / name / ARCHIVE, "w") as archive:
            for file in ("appspec.yml", "page.html"):
                archive.writestr(file, repository.FILES[file])
        site.append(("bucket", name, place / name))
    for group in ("CodePipelineDemoFleet", "my-deployment-group"):
        (place / re.sub("[^a-z]", "", group.lower())).mkdir()
        site.append(("host", group, place / re.sub("[^a-z]", "", group.lower())))
    return site


if __name__ == "__main__":
    main()
