"""What every function does, chapter by chapter, and how one would notice that it did not."""

import contextlib
import json
import re
import sys
import time

import api
import deploy
import github
from story import Story, action, approval, build, commit

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report, until  # noqa: E402

# What is missing is seen at once, by the denied call: so this is long, for a machine that is busy.
SECONDS_MAX = 60
# How many actions are begun by one invocation; what is more goes through the queue.
SIDE_BY_SIDE = 4
SITE = {"ProjectName": "site"}


class Denied(Exception):
    """A call was denied that the statement which is away would have allowed."""


class Tale:
    """Tells chapters, each with a pipeline of its own, until what is waited for is there or a call was denied."""

    def __init__(self, home, reader, subscriber):
        self.home, self.reader, self.subscriber, self.number = home, reader, subscriber, 0
        # Says of a denied call whether it is one that is waited for; none if nothing was taken away.
        self.missed = None
        # Queues that were closed by a chapter itself.
        self.provoked = set()
        self.emulator = home.emulator
        self.resources = deploy.resources(self.emulator)
        self.functions, self.sqs = self.emulator.client("lambda"), self.emulator.client("sqs")
        self.names = [one["FunctionName"] for one in self.functions.list_functions()["Functions"]]
        self.stock = api.stock_client(self.emulator, home.deployed, home.keys)
        names = {"category": "Test", "provider": "Gauge", "version": "1"}
        sizes = {"minimumCount": 1, "maximumCount": 1}
        home.client.create_custom_action_type(**names, inputArtifactDetails=sizes, outputArtifactDetails=sizes)
        self.waiting = self.create("permissions-push", approval(), source=commit("pushes"), mode="PARALLEL")
        self.hooked = self.create("permissions-webhook", approval(), source=of_github(), mode="PARALLEL")
        self.hook = home.client.put_webhook(webhook=github.webhook("permissions-webhook"))["webhook"]["url"]
        self.quiet()

    # ---- how it is told

    def tell(self, chapter, roles):
        """Returns the first thing that did not happen, or none."""
        self.number += 1
        self.provoked.clear()
        self.emulator.control("permissions", forget=True)
        names = [name for role in roles if (name := function_of(role)) in self.names]
        before = {name: self.left(name) for name in names}
        try:
            getattr(self, chapter)()
            for name in names:
                for what, number in before[name].items():
                    self.soon(f"{name} {what}", lambda: self.left(name)[what] > number)
            self.quiet()
        except Exception as error:  # Whatever it is, it is what somebody would notice.
            said = str(error) if isinstance(error, Denied) else f"{type(error).__name__}: {error}"
            return said[:200].replace("\n", " ")
        return None

    def soon(self, sentence, look, every_seconds=0.05):
        def look_for_both():
            if denial := self.denial():
                raise Denied(denial)
            return look()

        return until(sentence, look_for_both, seconds_max=SECONDS_MAX, every_seconds=every_seconds)

    def asked(self, how):
        """Returns what was asked for in this chapter and was allowed, or denied."""
        return self.emulator.control("permissions")[how]

    def denial(self):
        """Returns the denied call that is waited for, in words."""
        for role, action_name, resource, _ in self.asked("denied") if self.missed else ():
            if self.missed(role, action_name, resource):
                return f"{action_name} on {resource.split(':', 5)[-1]} is denied"
        return None

    def left(self, name):
        """Returns what a function left behind so far: how often its log reports, and how many traces it sent."""
        logs = self.emulator.client("logs")
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="REPORT")["events"]
        reports = sum(event["message"].startswith("REPORT") for event in events)
        return {"writes its log": reports, "sends traces": self.emulator.control("traces").get(name, 0)}

    def quiet(self):
        """Waits until no function runs: one that is made anew is not to be interrupted."""
        self.soon("the functions are quiet", lambda: not self.emulator.control("state")["invocations"]["running"])

    def renew(self, role):
        """A process that began before may remember a secret or a session: the function gets new ones."""
        if (name := function_of(role)) in self.names:
            self.quiet()
            known = self.functions.get_function_configuration(FunctionName=name)
            self.functions.update_function_configuration(FunctionName=name, Timeout=known["Timeout"])

    # ---- what the chapters are made of

    def create(self, name, *stages, client=None, source=None, mode="SUPERSEDED"):
        story = Story(self.home, Report(name), name)
        story.client = client or story.client
        # The artifacts' own key is the bucket's default, so that nothing names it.
        story.client.create_pipeline(
            pipeline={
                "name": name,
                "pipelineType": "V2",
                "executionMode": mode,
                "stages": [source or commit("permissions"), *stages],
                **self.home.store(),
            }
        )
        self.soon("it starts", story.executions)
        return story

    def asks(self, story):
        first = story.executions()[0]["pipelineExecutionId"]
        return self.soon("it asks", lambda: story.token(first, "Release"))

    def ends(self, story):
        def look():
            status = story.executions()[0]["status"]
            assert status != "Failed", f"{story.name} fails"
            return status == "Succeeded"

        self.soon("it ends", look)

    def letters(self, queue, word=""):
        """Takes what lies in a queue, and returns what of it has that word."""
        url = self.resources[queue]
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [one for one in found if word in one["Body"]]

    @contextlib.contextmanager
    def misled(self, name):
        """A function without a setting that it needs fails whatever it is asked."""
        known = self.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        wrong = {key: value for key, value in known.items() if key != "TOWPATH_TABLE"}
        self.quiet()
        self.functions.update_function_configuration(FunctionName=name, Environment={"Variables": wrong})
        try:
            yield
        finally:
            self.functions.update_function_configuration(FunctionName=name, Environment={"Variables": known})

    @contextlib.contextmanager
    def closed(self, queue):
        """A queue that lets nobody put anything there."""
        asked = {"QueueUrl": self.resources[queue], "AttributeNames": ["All"]}
        known = self.sqs.get_queue_attributes(**asked)["Attributes"]
        self.provoked.add(known["QueueArn"])
        self.sqs.set_queue_attributes(QueueUrl=asked["QueueUrl"], Attributes={"Policy": ""})
        try:
            yield
        finally:
            self.sqs.set_queue_attributes(QueueUrl=asked["QueueUrl"], Attributes={"Policy": known["Policy"]})

    # ---- the chapters

    def ask_natively(self):
        self.ask(self.home.client, "native")

    def ask_as_they_are(self):
        # The same question is not answered twice, and within a second it would be the same.
        asked_at = int(time.time())
        self.soon("a second passes", lambda: int(time.time()) > asked_at)
        self.ask(api.stock_client(self.emulator, self.home.deployed, self.home.keys), "stock")

    def ask(self, client, way):
        story = self.create(f"permissions-{way}-{self.number}", approval(), client=client)
        self.asks(story)
        page = client.list_pipelines(maxResults=1)
        client.list_pipelines(maxResults=1, nextToken=page["nextToken"])
        client.register_webhook_with_third_party(webhookName="permissions-webhook")
        client.delete_pipeline(name=story.name)

    def build(self):
        """Stages that are too wide for who begins them, so that the queue gets a part: one that follows the source,
        one that follows a build. A build is last, and whoever hears of its end writes down the execution's."""
        name = f"permissions-{self.number}"
        before, after = wide("Before", name), wide("After", name)
        again, last = (action(one, "Test", "CodeBuild", SITE, inputs=["Code"]) for one in ("Again", "Last"))
        after["actions"].insert(0, again)
        story = self.create(name, before, build(), after, {"name": "Last", "actions": [last]})
        self.ends(story)
        story.client.delete_pipeline(name=story.name)

    def told(self):
        """The bus, whoever subscribes to the topic, and a subscriber of our own hear that somebody is asked."""
        name = f"permissions-told-{self.number}"
        story = self.create(name, approval())
        first = story.executions()[0]["pipelineExecutionId"]
        self.soon("the bus is told", lambda: story.transcript(first))
        self.asks(story)
        self.soon("somebody is told", lambda: any(name in one["Message"] for one in list(self.reader.notices)))
        self.soon("a subscriber is told", lambda: any(name in json.dumps(one) for one in list(self.subscriber.notices)))
        story.client.delete_pipeline(name=name)

    def refused(self):
        """A subscriber that does not take what it is told is told again later. Of a pipeline that ran often, whoever
        tells looks up what it was declared to be."""
        story = self.create(f"permissions-refused-{self.number}", approval(), mode="PARALLEL")
        for _ in range(4):
            story.start()
        self.renew("Notify")
        self.subscriber.status = 503
        try:
            story.start()
            hidden = "sqs:ChangeMessageVisibility"
            self.soon("it is hidden", lambda: any(one[1] == hidden for one in self.asked("allowed")))
        finally:
            self.subscriber.status = 200
        story.client.delete_pipeline(name=story.name)

    def told_later(self):
        """A process that begins while an execution is under way looks up what was said before."""
        story = self.create(f"permissions-later-{self.number}", approval())
        first = story.executions()[0]["pipelineExecutionId"]
        self.asks(story)
        self.soon("the bus is told", lambda: story.transcript(first))
        self.renew("Publish")
        story.client.stop_pipeline_execution(pipelineName=story.name, pipelineExecutionId=first, abandon=True)
        self.soon("the bus is told the rest", lambda: story.home.events().state(first) == "STOPPED")
        story.client.delete_pipeline(name=story.name)

    def push(self):
        known = len(self.waiting.executions())
        pushed = self.home.push("pushes", str(self.number))
        self.soon("a push starts it", lambda: len(self.waiting.executions()) > known)
        self.soon("at that commit", lambda: revision(self.waiting) == pushed)

    def webhook(self):
        known = len(self.hooked.executions())
        status, said = github.deliver(self.emulator, self.hook, github.push(f"{self.number:040x}"))
        assert status == 202, f"a webhook is answered {status} {said}"
        self.soon("a webhook starts it", lambda: len(self.hooked.executions()) > known)
        # That it was noted is written last.
        self.soon("that is noted", lambda: "lastTriggered" in self.home.client.list_webhooks()["webhooks"][0])

    def answer(self):
        """Somebody answers an approval by the link in a mail."""
        name = f"permissions-answer-{self.number}"
        story = self.create(name, approval())
        page, token = self.soon("somebody is sent a link", lambda: self.link(name)).split("#")
        told = {"token": token, "answer": {"status": "Approved", "summary": "As agreed", "number": "1"}}
        status, said = api.fetch(self.emulator, page, json.dumps(told).encode())
        assert status == 200, f"an answer is answered {status} {said[:80]}"
        self.ends(story)
        story.client.delete_pipeline(name=name)

    def link(self, name):
        """Returns the link in the mail that asks about a pipeline, once there is one."""
        letters = self.emulator.control("mail")["letters"]
        ours = (one["text"] or "" for one in letters if (one["subject"] or "").startswith(f"[{name}]"))
        found = (re.search(r"https://\S+/a/\S+#\S+", text) for text in ours)
        return next((one[0] for one in found if one), None)

    def forgotten(self):
        """Returns a pipeline whose start nobody heard of."""
        self.emulator.control("weather", drop=1.0, queues=["Hints"])
        try:
            return self.create(f"permissions-sweep-{self.number}", approval())
        finally:
            self.emulator.control("weather")

    def sweep(self):
        """A start whose hint gets lost is found by the sweep."""
        story = self.forgotten()
        answer = self.functions.invoke(FunctionName="towpath-sweep", Payload=b"{}")
        assert "FunctionError" not in answer, f"the sweep fails: {answer['Payload'].read()[:80]}"
        self.asks(story)
        story.client.delete_pipeline(name=story.name)

    def minute(self):
        """And the sweep is begun by the schedule."""
        story = self.forgotten()
        self.schedule()
        self.asks(story)
        story.client.delete_pipeline(name=story.name)

    def schedule(self, **target):
        """Makes a schedule like that of the sweep, which is due once, and now."""
        scheduler = self.emulator.client("scheduler")
        known = scheduler.get_schedule(Name=self.resources["EveryMinute"])
        scheduler.create_schedule(
            Name=f"once-{self.number}",
            ScheduleExpression="at(2020-01-01T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target={**known["Target"], **target},
        )

    def lost_minute(self):
        """What the schedule could not begin is kept."""
        nobody = self.functions.get_function(FunctionName="towpath-sweep")["Configuration"]["FunctionArn"] + "-nobody"
        word = f"minute {self.number}"
        self.schedule(Arn=nobody, Input=json.dumps({"of": word}))
        self.soon("a sweep that was not begun is kept", lambda: self.letters("SweepDead", word))

    def lost_sweep(self):
        """So is a sweep that failed."""
        told = {"of": f"sweep {self.number}"}
        with self.misled("towpath-sweep"):
            self.functions.invoke(FunctionName="towpath-sweep", InvocationType="Event", Payload=json.dumps(told))
            self.soon("a sweep that failed is kept", lambda: self.letters("SweepDead", told["of"]))

    def lost_records(self):
        """And records that could not be published, whatever was tried."""
        self.letters("PublishDead")
        mapping = self.resources["PublishRecords"]
        self.functions.update_event_source_mapping(UUID=mapping, MaximumRetryAttempts=0, BatchSize=1)
        try:
            with self.misled("towpath-publish"):
                story = self.create(f"permissions-lost-{self.number}", approval())
                self.soon("a record that was not told is kept", lambda: self.letters("PublishDead"))
        finally:
            self.functions.update_event_source_mapping(UUID=mapping, MaximumRetryAttempts=20, BatchSize=100)
        story.client.delete_pipeline(name=story.name)

    def lost_change(self):
        """And what a rule cannot hand over: of a source,"""
        self.letters("ChangesDead")
        with self.closed("Changes"):
            self.home.push("pushes", str(self.number))
            self.soon("a push that was not handed over is kept", lambda: self.letters("ChangesDead"))

    def lost_completion(self):
        """of work that ended,"""
        self.letters("CompletionsDead")
        detail = {"build-status": "SUCCEEDED", "project-name": "site", "build-id": "site:none"}
        event = {"source": "aws.codebuild", "detail-type": "CodeBuild Build State Change", "detail": detail}
        with self.closed("Completions"):
            self.emulator.control("event", **event)
            self.soon("an end that was not handed over is kept", lambda: self.letters("CompletionsDead"))

    def lost_notice(self):
        """and what somebody was to be told."""
        self.letters("NoticesDead")
        with self.closed("Notices"):
            story = self.create(f"permissions-unheard-{self.number}", approval())
            self.soon("a notice that was not handed over is kept", lambda: self.letters("NoticesDead"))
        story.client.delete_pipeline(name=story.name)

    def mapping(self):
        """Lambda looks for the stream before it follows it."""
        known = self.functions.get_event_source_mapping(UUID=self.resources["PublishRecords"])
        made = self.functions.create_event_source_mapping(
            FunctionName="towpath-publish",
            EventSourceArn=known["EventSourceArn"],
            StartingPosition="LATEST",
            Enabled=False,
        )
        self.functions.delete_event_source_mapping(UUID=made["UUID"])

    def work_natively(self):
        self.work(self.home.client, "native")

    def work_as_they_are(self):
        self.work(self.stock, "stock")

    def work(self, client, way):
        """A job worker gets keys for the artifacts of its job, and no others."""
        gauge = action("Gauge", "Test", "Gauge", {}, "Custom", inputs=["Code"], outputs=["Depth"])
        name = f"permissions-worker-{way}-{self.number}"
        story = self.create(name, {"name": "Work", "actions": [gauge]}, client=client)
        asked = {"actionTypeId": {"category": "Test", "owner": "Custom", "provider": "Gauge", "version": "1"}}

        def take():
            """Others are left where a permission was missing."""
            for job in client.poll_for_jobs(**asked, maxBatchSize=5)["jobs"]:
                client.acknowledge_job(jobId=job["id"], nonce=job["nonce"])
                if job["data"]["pipelineContext"]["pipelineName"] == name:
                    return job
            return None

        job = self.soon("there is a job", take)
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
        self.ends(story)
        client.delete_pipeline(name=name)


def function_of(role):
    """Returns the name of the function that a role is for, if it is for one: `StartAction` is of `start-action`."""
    return "towpath" + re.sub("([A-Z])", lambda letter: f"-{letter[1].lower()}", role)


def wide(name, key):
    """A stage of more actions than are done side by side by whoever begins them."""
    configuration = {"BucketName": "public", "Extract": "true", "ObjectKey": f"{key}/{name}"}
    numbers = range(SIDE_BY_SIDE + 1)
    return {
        "name": name,
        "actions": [
            action(f"{name}{number}", "Deploy", "S3", configuration, inputs=["Code"]) for number in numbers
        ],
    }


def revision(story):
    return next((one["revisionId"] for one in story.executions()[0].get("sourceRevisions", [])), None)


def place(artifact):
    found = artifact["location"]["s3Location"]
    return {"Bucket": found["bucketName"], "Key": found["objectKey"]}


def of_github():
    configuration = {"Owner": "keeper", "Repo": "site", "Branch": "main", "OAuthToken": "none"}
    configuration["PollForSourceChanges"] = "false"
    return {
        "name": "Source",
        "actions": [action("Commit", "Source", "GitHub", configuration, "ThirdParty", outputs=["Code"])],
    }
