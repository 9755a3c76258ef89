"""A job worker, as people write them with boto3: it asks for jobs, takes them, moves artifacts, and reports."""

import io
import zipfile

import boto3
import botocore.config
import botocore.exceptions

from report import until
from wires import seen_file

PATHS = botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2})


def client_for(running, keys=None, seen=None):
    """Returns a boto3 client of the API. What it is answered is kept in `seen`, where that is given: workers
    are the ones who may see secrets."""
    access_key, secret = keys or running.keys()
    client = boto3.client(
        "codepipeline",
        endpoint_url=running.endpoint,
        region_name=running.region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
    )
    if seen is not None:
        client.meta.events.register(
            "before-parse.codepipeline", lambda response_dict, **_: seen.write(response_dict["body"] + b"\n")
        )
    return client


def keep_answers():
    """Opens the file of answers in which no secret may be."""
    return open(seen_file(), "ab")


def code_of(call, **members):
    """Returns the code of the error that a call gets, or `none`."""
    try:
        call(**members)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return "none"


class Worker:
    """Somebody with a key who does jobs of one type."""

    def __init__(self, running, type_id, keys=None):
        self.running, self.type_id = running, type_id
        self.client = client_for(running, keys)

    def poll(self, project, count=1):
        asked = {"actionTypeId": self.type_id, "maxBatchSize": count, "queryParam": {"ProjectName": project}}
        return self.client.poll_for_jobs(**asked)["jobs"]

    def wait(self, project):
        """Waits for a job of a project."""
        return until(f"a job of {project}", lambda: self.poll(project))[0]

    def take(self, project):
        """Waits for a job of a project and acknowledges it."""
        job = self.wait(project)
        taken = self.client.acknowledge_job(jobId=job["id"], nonce=job["nonce"])
        assert taken["status"] == "InProgress", taken
        return job

    def succeed(self, job, **more):
        self.client.put_job_success_result(jobId=job["id"], **more)

    def fail(self, job, kind="JobFailed", message="The lock is stuck."):
        self.client.put_job_failure_result(jobId=job["id"], failureDetails={"type": kind, "message": message})

    def artifacts(self, data):
        """Returns a client of S3 that has the job's own credentials and no others."""
        credentials = data["artifactCredentials"]
        return boto3.client(
            "s3",
            endpoint_url=self.running.endpoint,
            region_name=self.running.region,
            config=PATHS,
            aws_access_key_id=credentials["accessKeyId"],
            aws_secret_access_key=credentials["secretAccessKey"],
            aws_session_token=credentials["sessionToken"],
        )


def place_of(artifact):
    """Returns where an artifact lies, as S3 is asked for it."""
    location = artifact["location"]["s3Location"]
    return {"Bucket": location["bucketName"], "Key": location["objectKey"]}


def zipped(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def unzipped(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if not name.endswith("/")}
