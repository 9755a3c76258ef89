"""One build: brings its sources, runs the phases of its buildspec in a shell, and packs what it made.

Images, caches, reports and fleets are not here. The buildspec in a test is ours, so what is read of it is
what a pipeline relies on: commands, variables, exported variables, artifacts and secondary artifacts.
"""

import glob
import io
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import zipfile

import boto3
import yaml

PHASES = ("install", "pre_build", "build", "post_build")
# A phase after one that failed is left out; post_build is not left out when build failed.
FATAL = {"install", "pre_build"}


def run(build):
    """Returns the status in which the build ends."""
    with tempfile.TemporaryDirectory(prefix="build-") as place:
        try:
            return run_at(build, pathlib.Path(place))
        except Exception as error:  # Whatever goes wrong with a build is the build's end, not the server's.
            phase(build, "DOWNLOAD_SOURCE", "FAILED", time.time(), repr(error)[:300])
            return "FAULT"


def run_at(build, place):
    began = time.time()
    source = place / "source"
    source.mkdir()
    fetch(build["source"], source)
    variables = variables_of(build, place, source)
    for extra in build["secondarySources"]:
        directory = place / extra["sourceIdentifier"]
        directory.mkdir()
        fetch(extra, directory)
        variables[f"CODEBUILD_SRC_DIR_{extra['sourceIdentifier']}"] = str(directory)
    phase(build, "DOWNLOAD_SOURCE", "SUCCEEDED", began)
    specification = buildspec_of(build, source)
    environment = specification.get("env") or {}
    variables = {**{name: str(value) for name, value in (environment.get("variables") or {}).items()}, **variables}
    status = run_phases(build, specification, place, source, variables)
    wanted = environment.get("exported-variables") or []
    build["exportedEnvironmentVariables"] = [
        {"name": name, "value": variables[name]} for name in wanted if name in variables
    ]
    if status == "SUCCEEDED":
        upload(build, specification.get("artifacts") or {}, source)
    return status


def client():
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], **keys)


def fetch(source, directory):
    if source.get("type") != "S3":
        return
    bucket, key = source["location"].removeprefix("arn:aws:s3:::").split("/", 1)
    archive = client().get_object(Bucket=bucket, Key=key)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        opened.extractall(directory)


def buildspec_of(build, source):
    written = build["source"].get("buildspec") or "buildspec.yml"
    text = written if "\n" in written else (source / written).read_text()
    return yaml.safe_load(text)


def variables_of(build, place, source):
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "AWS_REGION": "us-east-1",
        "CODEBUILD_BUILD_ID": build["id"],
        "CODEBUILD_BUILD_ARN": build["arn"],
        "CODEBUILD_BUILD_NUMBER": str(build["buildNumber"]),
        "CODEBUILD_INITIATOR": build["initiator"],
        "CODEBUILD_SRC_DIR": str(source),
    }
    for variable in build["environment"]["environmentVariables"]:
        variables[variable["name"]] = variable["value"]
    return variables


def run_phases(build, specification, place, directory, variables):
    status = "SUCCEEDED"
    for name in PHASES:
        commands = ((specification.get("phases") or {}).get(name) or {}).get("commands") or []
        build["currentPhase"] = name.upper()
        began = time.time()
        code, said, directory = run_commands(build, commands, place, directory, variables)
        message = f"Error while executing command. Reason: exit status {code}: {said[-300:]}" if code else ""
        phase(build, name.upper(), "FAILED" if code else "SUCCEEDED", began, message)
        if code:
            status = "FAILED"
            if name in FATAL:
                break
    return status


def run_commands(build, commands, place, directory, variables):
    """Runs commands in one shell, and carries its variables and its directory on."""
    left = place / "left"
    # What a command sets is there for later phases, and to be exported, whether the shell exports it or not.
    script = "set -ae\n" + "\n".join(commands) + f"\nenv -0 > {left}\n"
    process = subprocess.Popen(
        ["bash", "-c", script],
        cwd=directory,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    build["_process"] = process
    said = process.communicate()[0].decode(errors="replace")
    if left.exists():
        variables.update(pair.split("=", 1) for pair in left.read_text().split("\0") if "=" in pair)
        directory = pathlib.Path(variables.get("PWD", directory))
        left.unlink()
    return process.returncode, said, directory


def stop(build):
    process = build.get("_process")
    if process and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def phase(build, name, status, began, message=""):
    contexts = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": message}] if message else []
    ended = time.time()
    build["phases"].append(
        {"phaseType": name, "phaseStatus": status, "startTime": began, "endTime": ended, "contexts": contexts}
    )


def upload(build, wanted, source):
    if build["artifacts"].get("type") == "S3":
        put(build["artifacts"], pack(wanted, source))
    parts = wanted.get("secondary-artifacts") or {}
    for place in build["secondaryArtifacts"]:
        put(place, pack(parts.get(place["artifactIdentifier"]) or {}, source))


def pack(wanted, source):
    base = source / (wanted.get("base-directory") or ".")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for pattern in wanted.get("files") or []:
            for found in sorted(glob.glob(str(base / pattern), recursive=True)):
                if os.path.isfile(found):
                    archive.write(found, os.path.relpath(found, base))
    return packed.getvalue()


def put(place, body):
    bucket = place["location"].removeprefix("arn:aws:s3:::")
    key = "/".join(part.strip("/") for part in (place.get("path"), place.get("name")) if part)
    client().put_object(Bucket=bucket, Key=key, Body=body)
