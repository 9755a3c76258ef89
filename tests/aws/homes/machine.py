"""One machine: `towpath up`, with its events in a file."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients"))

import page  # noqa: E402
import server  # noqa: E402
import worker  # noqa: E402
from transcript import Events  # noqa: E402

# What stands for the function of job_function.py: it reads the job, and its answer is what it prints last.
FUNCTION = """grep -q '"UserParameters":"fail"' \\
  && echo '{"failureDetails": {"type": "JobFailed", "message": "The lock is stuck."}}' \\
  || echo '{"outputVariables": {"Told": "everybody"}}'"""
ROLE = "arn:aws:iam::000000000000:role/towpath-pipeline"


class Machine:
    """A home of pipelines. A scenario does not know in which it is told."""

    name = "one machine"

    def __init__(self, scenarios):
        self.scenarios = scenarios

    def __enter__(self):
        self.place = server.fresh_place("aws-machine")
        self.file = self.place / "events.jsonl"
        self.public = self.place / "public"
        self.public.mkdir()
        site = [("bucket", "public", self.public), ("bucket", "artifacts", self.place / "artifacts")]
        (self.place / "artifacts").mkdir()
        site.append(("function", "tell", FUNCTION))
        for scenario in self.scenarios:
            page.make(self.place / scenario)
            site.append(("repository", scenario, self.place / scenario))
        self.server = server.Server("aws-machine", site, ["--events", self.file])
        self.server.start()
        self.client = worker.client_for(self.server)
        return self

    def __exit__(self, *_):
        self.server.stop()

    def gate(self, name):
        return self.place / f"gate-{name}"

    def store(self):
        return {"roleArn": ROLE, "artifactStore": {"type": "S3", "location": "artifacts"}}

    def commit(self, scenario, version):
        return page.commit(self.place / scenario, version)

    def events(self):
        """Returns what was said so far."""
        events = Events()
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        for line in lines:
            if line.endswith("}"):
                events.add(json.loads(line))
        return events

    def published(self, scenario):
        """Returns what is deployed of a scenario's page, or none."""
        found = self.public / scenario / "page.html"
        return found.read_text() if found.exists() else None
