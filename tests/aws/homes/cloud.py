"""AWS, emulated: the deployed template, with the released programs behind it.

Whoever deploys here also shows that nobody lacks a permission: a call that was denied fails the test at its end.
"""

import pathlib
import sys
import tempfile

import api
import deploy
import page
import roles
import template
from collector import Collector
from emulator import Emulator

# A minute of the schedule, and of what queues keep back, takes this part of one.
HASTE = 20.0


class Cloud:
    """A home of pipelines. A scenario does not know in which it is told."""

    name = "an emulated AWS"

    def __init__(self, scenarios, name="cloud", haste=HASTE, change=None, prepare=None, **parameters):
        """`prepare` makes what must be there before the deployment, and returns parameters that name it."""
        self.scenarios = scenarios
        self.emulator = Emulator(name, enforces_permissions=True, haste=haste)
        self.change = change
        self.prepare = prepare
        self.parameters = parameters

    def __enter__(self):
        self.emulator.start()
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="site-", dir=self.emulator.place))
        if self.prepare:
            self.parameters |= self.prepare(self.emulator)
        self.deployed = deploy.deploy(self.emulator, change=self.change, **self.told())
        self.role = roles.make_pipeline_role(self.emulator, self.deployed)
        self.keys = roles.make_keeper(self.emulator)
        self.collector = Collector(self.emulator, self.deployed["BusName"])
        self.emulator.client("s3").create_bucket(Bucket="public")
        self.make_project("site")
        self.make_function("tell")
        for scenario in self.scenarios:
            page.make(self.place / scenario)
        places = {scenario: str(self.place / scenario) for scenario in self.scenarios}
        self.emulator.control("fakes/codecommit", repositories=places)
        self.client = self.a_client()
        return self

    def __exit__(self, kind, *_):
        denied = self.emulator.control("permissions")["denied"] if kind is None else []
        self.emulator.stop()
        if denied:
            sys.exit(f"FAILED  {self.emulator.name}: nobody is denied anything\n        {denied}")

    def told(self):
        who = f"Admin={roles.KEEPER_ARN},JobWorker={roles.FUNCTION_ROLE_ARN}"
        return {"Principals": who, **self.parameters}

    def a_client(self):
        return api.iam_client(self.emulator, self.deployed, self.keys)

    def make_project(self, name):
        """A project as one makes it for CodePipeline: source and artifacts are the pipeline's."""
        self.emulator.client("codebuild").create_project(
            name=name,
            source={"type": "CODEPIPELINE"},
            artifacts={"type": "CODEPIPELINE"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
            },
            serviceRole=self.role,
        )

    def make_function(self, name):
        """A function that somebody else wrote, and that answers to jobs."""
        told = {"API": api.plain(self.deployed["ApiIamEndpoint"]), "THROUGH": self.emulator.endpoint}
        self.emulator.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Handler="job_function.handler",
            Role=roles.make_function_role(self.emulator),
            Code={"ZipFile": template.zipped(page.HERE / "job_function.py", "job_function.py")},
            Environment={"Variables": told},
            Timeout=30,
        )

    def gate(self, name):
        return self.place / f"gate-{name}"

    def store(self):
        return {"roleArn": self.role, "artifactStore": {"type": "S3", "location": self.deployed["ArtifactBucket"]}}

    def commit(self, scenario, version):
        return page.commit(self.place / scenario, version)

    def push(self, scenario, version):
        """Commits, and CodeCommit says so."""
        commit = self.commit(scenario, version)
        self.emulator.control("fakes/codecommit", pushed={"repository": scenario, "branch": "main"})
        return commit

    def events(self):
        """Returns what was said so far."""
        return self.collector.read()

    def published(self, scenario):
        """Returns what is deployed of a scenario's page, or none."""
        s3 = self.emulator.client("s3")
        try:
            return s3.get_object(Bucket="public", Key=f"{scenario}/page.html")["Body"].read().decode()
        except s3.exceptions.NoSuchKey:
            return None
