"""Each permission of each function is needed: without it, something that a test sees does not happen.

One deployment, with permissions enforced, and nobody hurries: a sweep that came every second would do the work of
whoever lost a permission. Statement by statement is taken from its role, a chapter in which that role
matters is told anew, and must fail; then the statement is put back.
"""

import hashlib
import hmac
import json
import sys
import uuid

import api
import deploy
import people
from homes.cloud import Cloud
from story import Story, action, approval, build, commit, publish

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report, until  # noqa: E402

# Statements about which nobody asks here, each with the reason; check_template.py holds all of them to a table.
UNASKED = {
    "SendTraces": "no traces are sent here",
    "FindTheLog": "the emulator has no list of streams to ask for",
    "SayWhatFailed": "the destination of what failed is written to without asking",
    "SayForWhom": "the emulator asks only for sts:AssumeRole",
    "BeginSweeps": "a schedule's role is not asked",
    "OpenWhatTheyStored": "stands there only with a key of one's own",
    "OpenAndSealArtifacts": "stands there only with a key of one's own",
}
# Where one would notice that a role lost something.
CHAPTERS = {
    "SourceChange": ("push",),
    "ActionCompletion": ("travel",),
    "StartAction": ("travel",),
    "Publish": ("travel",),
    "Notify": ("travel",),
    "Sweep": ("sweep",),
    "Webhook": ("webhook",),
    "Api": ("ask_as_they_are", "work_as_they_are"),
    "ApiIam": ("ask_natively", "work_natively"),
    "JobArtifacts": ("work_natively",),
}
SECONDS_MAX = 10


def main():
    report = Report("permissions")
    with Cloud(("permissions",), "permissions", haste=1.0) as home, people.Reader(home.emulator) as reader:
        reader.subscribe(home.deployed["TopicArn"])
        pause_sweep(home.emulator)
        tale = Tale(home, reader)
        every = tuple(dict.fromkeys(chapter for chapters in CHAPTERS.values() for chapter in chapters))
        broken = tale.tell("", every)
        report.check(broken is None, "with every permission, all of it happens", broken)
        for role, statement, without, restore in statements(home):
            if statement in UNASKED or role not in CHAPTERS:
                print(f"        {role:18} {statement:24} {UNASKED.get(statement, 'no function has this role')}")
                continue
            without()
            broken = tale.tell(role, CHAPTERS[role])
            restore()
            report.check(broken is not None, f"{role:18} {statement:24} {broken or 'nothing is missing without it'}")
    report.finish()


def pause_sweep(emulator):
    """A sweep that comes at the right moment does the work of whoever lost a permission. It is called here."""
    scheduler = emulator.client("scheduler")
    for schedule in scheduler.list_schedules()["Schedules"]:
        known = scheduler.get_schedule(Name=schedule["Name"])
        kept = {name: known[name] for name in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
        scheduler.update_schedule(**kept, State="DISABLED")


def statements(home):
    """Yields each statement of each role, with what takes it away and what brings it back."""
    iam = home.emulator.client("iam")
    for logical, role in deploy.resources(home.emulator).items():
        if not logical.endswith("Role"):
            continue
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            whole = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]

            def put(document, role=role, policy=policy):
                if not document["Statement"]:
                    iam.delete_role_policy(RoleName=role, PolicyName=policy)
                    return
                iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))

            for index, statement in enumerate(whole["Statement"]):
                rest = [one for at, one in enumerate(whole["Statement"]) if at != index]
                yield (
                    logical.removesuffix("Role"),
                    statement.get("Sid", str(index)),
                    lambda rest=rest, whole=whole, put=put: put({**whole, "Statement": rest}),
                    lambda whole=whole, put=put: put(whole),
                )


class Tale:
    """What every function does, chapter by chapter, and how one would notice that it did not."""

    def __init__(self, home, reader):
        self.home, self.reader, self.number = home, reader, 0
        self.emulator = home.emulator
        self.stock = api.stock_client(self.emulator, home.deployed, home.keys)
        names = {"category": "Test", "provider": "Gauge", "version": "1"}
        sizes = {"minimumCount": 1, "maximumCount": 1}
        home.client.create_custom_action_type(**names, inputArtifactDetails=sizes, outputArtifactDetails=sizes)
        self.waiting = self.create("permissions-push", approval())

    def tell(self, role, chapters):
        """Returns the first thing that did not happen, or none."""
        self.number += 1
        before = self.so_far(role)
        try:
            for chapter in chapters:
                getattr(self, chapter)()
            self.log(role, before)
        except Exception as error:  # Whatever it is, it is what somebody would notice.
            return f"{type(error).__name__}: {error}"[:300].replace("\n", " ")
        return None

    def create(self, name, *stages, client=None, **more):
        story = Story(self.home, Report(name), name)
        story.client = client or story.client
        story.create(*stages, source=more.pop("source", commit("permissions")), **more)
        return story

    def soon(self, sentence, look):
        return until(sentence, look, seconds_max=SECONDS_MAX)

    def log(self, role, before):
        """A function's log says what it did."""
        for name, known in durations(self.emulator).items():
            if of_role(name, role):
                invoked = known - before.get(name, 0)
                self.soon(
                    f"{name} writes its log", lambda: self.reports(name) - before.get(f"log of {name}", 0) >= invoked
                )

    def reports(self, name):
        logs = self.emulator.client("logs")
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return 0
        return sum(event["message"].startswith("REPORT") for event in events)

    def so_far(self, role):
        """Returns how often functions of a role ran, and how often that is in their logs."""
        ran = durations(self.emulator)
        return ran | {f"log of {name}": self.reports(name) for name in ran if of_role(name, role)}

    def ask_natively(self):
        self.ask(self.home.client, "native")

    def ask_as_they_are(self):
        self.ask(api.stock_client(self.emulator, self.home.deployed, self.home.keys), "stock")

    def ask(self, client, way):
        name = f"permissions-{way}-{self.number}"
        story = self.create(name, approval(), client=client)
        first = story.executions()[0]["pipelineExecutionId"]
        self.soon("it asks", lambda: story.token(first, "Release"))
        page = client.list_pipelines(maxResults=1)
        client.list_pipelines(maxResults=1, nextToken=page["nextToken"])
        client.delete_pipeline(name=name)

    def travel(self):
        name = f"permissions-{self.number}"
        notices = len(self.reader.notices)
        story = self.create(name, build(), approval(), publish(name))
        first = story.executions()[0]["pipelineExecutionId"]
        self.soon("it asks", lambda: story.token(first, "Release"))
        self.soon("the bus is told", lambda: story.transcript(first))
        self.soon("somebody is told", lambda: len(self.reader.notices) > notices)
        story.approve(first)
        self.soon("it ends", lambda: story.executions()[0]["status"] == "Succeeded")
        story.client.delete_pipeline(name=name)

    def push(self):
        known = len(self.waiting.executions())
        pushed = self.home.push("permissions", str(self.number))
        self.soon("a push starts it", lambda: len(self.waiting.executions()) > known)
        self.soon("at that commit", lambda: revision(self.waiting) == pushed)

    def webhook(self):
        name = "permissions-webhook"
        if not hasattr(self, "hooked"):
            self.hooked = self.create(name, approval(), source=github())
            self.url = self.home.client.put_webhook(webhook=webhook(name))["webhook"]["url"]
        known = len(self.hooked.executions())
        body = json.dumps({"ref": "refs/heads/main", "after": "0" * 39 + "1"}).encode()
        signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": signed,
        }
        status, said = api.fetch(self.emulator, self.url, body, headers)
        assert status == 200, f"a webhook is answered {status} {said[:80]}"
        self.soon("a webhook starts it", lambda: len(self.hooked.executions()) > known)

    def sweep(self):
        """A start whose hint gets lost is found by the sweep."""
        name = f"permissions-sweep-{self.number}"
        self.emulator.control("weather", drop=1.0, queues=["Hints"])
        story = self.create(name, approval())
        self.emulator.control("weather")
        first = story.executions()[0]["pipelineExecutionId"]

        def swept():
            answer = self.emulator.client("lambda").invoke(FunctionName="towpath-sweep", Payload=b"{}")
            assert "FunctionError" not in answer, f"the sweep fails: {answer['Payload'].read()[:80]}"
            return story.token(first, "Release")

        self.soon("the sweep starts what was forgotten", swept)
        story.client.delete_pipeline(name=name)

    def work_natively(self):
        self.work(self.home.client, "native")

    def work_as_they_are(self):
        self.work(self.stock, "stock")

    def work(self, client, way):
        """A job worker gets keys for the artifacts of its job, and no others."""
        name = f"permissions-worker-{way}-{self.number}"
        gauge = action("Gauge", "Test", "Gauge", {}, "Custom", inputs=["Code"], outputs=["Depth"])
        story = self.create(name, {"name": "Work", "actions": [gauge]}, client=client)
        asked = {"actionTypeId": {"category": "Test", "owner": "Custom", "provider": "Gauge", "version": "1"}}
        job = self.soon("there is a job", lambda: client.poll_for_jobs(**asked, maxBatchSize=1)["jobs"])[0]
        client.acknowledge_job(jobId=job["id"], nonce=job["nonce"])
        keys = job["data"]["artifactCredentials"]
        s3 = self.emulator.client(
            "s3",
            aws_access_key_id=keys["accessKeyId"],
            aws_secret_access_key=keys["secretAccessKey"],
            aws_session_token=keys["sessionToken"],
        )
        code = place(job["data"]["inputArtifacts"][0])
        s3.put_object(**place(job["data"]["outputArtifacts"][0]), Body=s3.get_object(**code)["Body"].read())
        client.put_job_success_result(jobId=job["id"])
        self.soon("it ends", lambda: story.executions()[0]["status"] == "Succeeded")
        client.delete_pipeline(name=name)


SECRET = "a secret that only two know"


def durations(emulator):
    return {name: len(known) for name, known in emulator.control("state")["invocations"]["durations_millis"].items()}


def of_role(function, role):
    """Says whether a function's name and a role's belong together: `start-action` and `StartAction`."""
    return function.removeprefix("towpath-").replace("-", "").lower() == role.lower()


def revision(story):
    return next((one["revisionId"] for one in story.executions()[0].get("sourceRevisions", [])), None)


def place(artifact):
    found = artifact["location"]["s3Location"]
    return {"Bucket": found["bucketName"], "Key": found["objectKey"]}


def github():
    configuration = {"Owner": "keeper", "Repo": "site", "Branch": "main", "OAuthToken": "none"}
    configuration["PollForSourceChanges"] = "false"
    return {
        "name": "Source",
        "actions": [action("Commit", "Source", "GitHub", configuration, "ThirdParty", outputs=["Code"])],
    }


def webhook(name):
    return {
        "name": name,
        "targetPipeline": name,
        "targetAction": "Commit",
        "authentication": "GITHUB_HMAC",
        "authenticationConfiguration": {"SecretToken": SECRET},
        "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}],
    }


if __name__ == "__main__":
    main()
