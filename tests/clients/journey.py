"""Sets the scene for one stock client's journey, and runs it: `journey.py boto3|boto3-cbor|cli-1|cli-2|javascript`.

Every client tells the same story. It creates a pipeline (Git source, CodeBuild build, approval, CodeDeploy and S3
deployments), approves, lists, holds a transition, starts twice with one token, stops, retries a failed stage,
updates, tags and deletes; and each time it looks at the files that were deployed.
"""

import json
import os
import pathlib
import subprocess
import sys

import declarations
import repository
import server
from report import Report
from wires import seen_file

HERE = pathlib.Path(__file__).resolve().parent
TARGET = server.TARGET
PYTHON = sys.executable

# The command of each journey. The clients are where `run` put them.
JOURNEYS = {
    "boto3": [PYTHON, HERE / "journey_boto3.py"],
    "boto3-cbor": [PYTHON, HERE / "journey_boto3.py"],
    "cli-1": ["sh", HERE / "journey.sh"],
    "cli-2": ["sh", HERE / "journey.sh"],
    "javascript": [os.environ.get("NODE", "node"), HERE / "journey.mjs"],
}

# How a shell calls each AWS CLI.
CLIS = {
    "cli-1": str(TARGET / "cli" / "bin" / "aws"),
    "cli-2": str(TARGET / "debian" / "aws"),
}


def main():
    client = sys.argv[1]
    report = Report(f"journey {client}")
    if client == "cli-2" and not pathlib.Path(CLIS[client]).exists():
        print("skipped: there is no Debian package of the AWS CLI 2 on this machine")
        report.finish()
    place = server.fresh_place(f"journey-{client}")
    repository.make(place / "repository")
    gate = place / "gate"
    pipeline = declarations.journey("journey", str(gate))
    if client == "cli-2":
        # Debian's is older than pipelines of type V2.
        pipeline = {name: value for name, value in pipeline.items() if name not in ("pipelineType", "executionMode")}
    tags = [{"key": "team", "value": "locks"}]
    (place / "pipeline.json").write_text(json.dumps({"pipeline": pipeline, "tags": tags}))
    site = [("repository", "site", place / "repository")]
    for flag, name in (("host", "fleet"), ("bucket", "public")):
        (place / name).mkdir()
        site.append((flag, name, place / name))
    with server.Server(f"journey-{client}", site) as running:
        environment = running.environment() | {
            "PLACE": str(place),
            "PIPELINE_JSON": str(place / "pipeline.json"),
            "GATE": str(gate),
            "PAGE": str(place / "fleet" / "srv" / "site" / "page.html"),
            "PUBLIC_PAGE": str(place / "public" / "page.html"),
            "COMMIT": f"{PYTHON} {HERE / 'repository.py'} {place / 'repository'}",
            "AWS": f"{CLIS.get(client)} --endpoint-url {running.endpoint}",
            "ENDPOINT": running.endpoint,
            "NODE_MODULES": str(TARGET / "node"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SEEN": str(seen_file()),
        }
        if client.endswith("-cbor"):
            environment["AWS_DATA_PATH"] = str(cbor_model(place))
        done = subprocess.run(JOURNEYS[client], env=environment, stdin=subprocess.DEVNULL, check=False)
        report.check(done.returncode == 0, "the whole story", f"exit status {done.returncode}")
        report.check(running.is_alive(), "the server is alive after it")
    report.finish()


def cbor_model(place):
    """Writes botocore's model again, without JSON among its protocols: that makes botocore speak CBOR."""
    import botocore.loaders

    model = botocore.loaders.create_loader().load_service_model("codepipeline", "service-2")
    model["metadata"]["protocols"] = ["smithy-rpc-v2-cbor"]
    version = place / "models" / "codepipeline" / "2015-07-09"
    version.mkdir(parents=True)
    (version / "service-2.json").write_text(json.dumps(model))
    return place / "models"


if __name__ == "__main__":
    main()
