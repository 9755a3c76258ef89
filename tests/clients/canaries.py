"""Secrets in twenty places, and then a search for them everywhere that somebody else could look.

A canary is a text that occurs nowhere else. Each is put where a secret belongs: into properties that are declared
secret, tokens, passwords, credentials. Afterwards every reading operation is asked on both wires, errors are
provoked, and all answers (of this test and of those before it), the events, the logs, the audit and every file that
another user could read are searched for each of them.
"""

import json
import os
import pathlib
import stat
import subprocess
import uuid

import botocore.exceptions

import declarations
import repository
import server
import worker
from report import Report, until
from wires import WIRES, Wire

TYPE = {"category": "Test", "owner": "Custom", "provider": "Keeper", "version": "1"}
PARTNER_TYPE = {"category": "Test", "owner": "ThirdParty", "provider": "Towline", "version": "1"}


class Canaries:
    """Makes canaries and remembers what each is."""

    def __init__(self):
        self.places = {}

    def new(self, place):
        text = f"canary{uuid.uuid4().hex}"
        self.places[text] = place
        return text

    def found_in(self, content):
        return [place for text, place in self.places.items() if text.encode() in content]


class Story:
    def __init__(self, running, place, canaries, report, seeds):
        self.running, self.place, self.canaries, self.report, self.seeds = running, place, canaries, report, seeds
        self.seen = worker.keep_answers()
        self.client = worker.client_for(running, seen=self.seen)
        self.keys = running.add_key("keeper", "JobWorker")
        self.worker = worker.Worker(running, TYPE, self.keys)

    def put_secrets(self):
        """Puts a canary wherever the API takes a secret."""
        new = self.canaries.new
        client = self.client
        client.create_custom_action_type(**declarations.custom_type("Keeper"))
        test = self.custom("Test", "kept", new("a custom secret property"))
        failing = self.custom("Fail", "failing", new("a custom secret property of an action that fails"))
        self.pipeline = declarations.pipeline("kept", {"name": "Work", "actions": [test, failing]})
        client.create_pipeline(pipeline=self.pipeline)
        # The first worker's job is answered with everything that it should not say itself.
        job = self.worker.take("kept")
        self.credentials = [job["data"]["artifactCredentials"][name] for name in ("secretAccessKey", "sessionToken")]
        self.note("a job's secret access key", self.credentials[0])
        self.note("a job's session token", self.credentials[1])
        self.worker.succeed(job, executionDetails={"summary": "Kept"}, outputVariables={"Depth": "3"})
        self.worker.fail(self.worker.take("failing"), "ConfigurationError", "The password is wrong.")

        hooked = declarations.pipeline("hooked", declarations.approval())
        hooked["stages"][0]["actions"] = [self.github("Commit", new("an OAuth token"))]
        client.create_pipeline(pipeline=hooked)
        self.put_webhook("hook", "GITHUB_HMAC", SecretToken=new("a webhook's secret"))
        self.put_webhook("hook", "GITHUB_HMAC", SecretToken=new("a webhook's secret, replaced"))
        client.register_webhook_with_third_party(webhookName="hook")

        tow = declarations.action(
            "Tow", "Test", "Towline", {"Password": new("a partner's secret property")}, "ThirdParty", inputs=["Code"]
        )
        client.create_pipeline(pipeline=declarations.pipeline("towed", {"name": "Tow", "actions": [tow]}))
        partner = self.partner_client()
        found = until("a partner's job", lambda: partner.poll_for_third_party_jobs(actionTypeId=PARTNER_TYPE)["jobs"])[
            0
        ]
        named = {"jobId": found["jobId"], "clientToken": self.seeds["client token"]}
        details = partner.get_third_party_job_details(**named)["jobDetails"]
        partner.acknowledge_third_party_job(**named, nonce=details["nonce"])
        partner.put_third_party_job_failure_result(**named, failureDetails={"type": "JobFailed", "message": "No."})

    def refuse_secrets(self):
        """Sends secrets in requests that are refused: errors and audit quote requests."""
        new = self.canaries.new
        broken = self.custom("Test", "x", new("a secret in a pipeline that is refused"))
        self.refused(
            self.client.create_pipeline, pipeline=declarations.pipeline("kept", {"name": "Work", "actions": [broken]})
        )
        broken = {**broken, "inputArtifacts": [{"name": "Nowhere"}]}
        broken["configuration"] = {
            **broken["configuration"],
            "Password": new("a secret in a declaration that is wrong"),
        }
        self.refused(
            self.client.create_pipeline, pipeline=declarations.pipeline("other", {"name": "Work", "actions": [broken]})
        )
        long = self.custom("Test", "x", new("a secret that is too long") + "x" * 1000)
        self.refused(
            self.client.create_pipeline, pipeline=declarations.pipeline("other", {"name": "Work", "actions": [long]})
        )
        token = new("a client token that is wrong")
        self.refused(self.client.get_third_party_job_details, jobId=str(uuid.uuid4()), clientToken=token)
        self.refused(self.put_webhook, "bad", "UNAUTHENTICATED", SecretToken=new("a webhook's secret that is refused"))
        self.refused(
            self.put_webhook, "bad", "GITHUB_HMAC", SecretToken=new("a webhook's secret that is too long") + "x" * 100
        )
        stranger = worker.client_for(
            self.running, ("TOWPNOBODYNOBODYNOBO", new("a secret key that nobody has")), self.seen
        )
        self.refused(stranger.list_pipelines)
        nobody = self.running.add_key("nobody", "Nothing")
        denied = worker.client_for(self.running, nobody, self.seen)
        hooked = self.github("Commit", new("an OAuth token of somebody who may not"))
        pipeline = declarations.pipeline("denied", declarations.approval())
        pipeline["stages"][0]["actions"] = [hooked]
        self.refused(denied.create_pipeline, pipeline=pipeline)
        # A body that breaks off after the secret: whoever tells where may not quote it.
        for wire in self.wires():
            secret = new(f"a secret in a body of {wire.protocol} that breaks off")
            body = f'{{"webhook": {{"authenticationConfiguration": {{"SecretToken": "{secret}"'.encode()
            path, headers = wire.address("PutWebhook")
            wire.send("PutWebhook", path, headers, body)

    def update_with_masks(self):
        """A declaration that was read is written back, masks and all: the secrets stay."""
        got = self.client.get_pipeline(name="kept")["pipeline"]
        masked = got["stages"][1]["actions"][0]["configuration"]["Password"]
        self.report.check(set(masked) == {"*"}, "a secret is read as a mask", masked)
        got["stages"][1]["actions"][0]["runOrder"] = 1
        self.client.update_pipeline(pipeline=got)
        self.client.start_pipeline_execution(name="kept")
        job = self.worker.take("kept")
        password = job["data"]["actionConfiguration"]["configuration"]["Password"]
        self.report.check(
            self.canaries.places.get(password) == "a custom secret property",
            "an update with the mask keeps the secret",
            password,
        )
        self.worker.succeed(job)
        self.worker.fail(self.worker.take("failing"))

    def run_build(self):
        """A build that is given a secret, and prints it."""
        build = declarations.build(project="telltale")
        self.client.create_pipeline(pipeline=declarations.pipeline("built", build))
        until(
            "the build ends",
            lambda: self.client.list_pipeline_executions(pipelineName="built")["pipelineExecutionSummaries"][0][
                "status"
            ]
            in ("Succeeded", "Failed"),
        )

    def wires(self):
        return [Wire(self.running, protocol) for protocol in WIRES]

    def ask_everything(self):
        """Reads all that can be read, on both wires; the answers go where all answers go."""
        faults = []
        for wire in self.wires():
            names = [one["name"] for one in wire.ask("ListPipelines").value["pipelines"]]
            asked = [
                ("ListActionTypes", {}),
                ("ListWebhooks", {}),
                ("GetActionType", PARTNER_TYPE),
                ("ListRuleTypes", {}),
            ]
            for name in names:
                named = {"pipelineName": name}
                asked += [
                    ("GetPipeline", {"name": name}),
                    ("GetPipeline", {"name": name, "version": 1}),
                    ("GetPipelineState", {"name": name}),
                    ("ListActionExecutions", named),
                    ("ListPipelineExecutions", named),
                    ("ListRuleExecutions", named),
                ]
                for one in wire.ask("ListPipelineExecutions", named).value["pipelineExecutionSummaries"]:
                    asked.append(("GetPipelineExecution", {**named, "pipelineExecutionId": one["pipelineExecutionId"]}))
            for operation, members in asked:
                answer = wire.ask(operation, members)
                if not answer.is_good:
                    faults.append(str(answer)[:300])
        self.report.check(not faults, "every reading operation answers", faults)

    def custom(self, name, project, password):
        configuration = {"ProjectName": project, "Password": password}
        return declarations.action(name, "Test", "Keeper", configuration, "Custom", inputs=["Code"])

    def github(self, name, token):
        configuration = {
            "Owner": "keeper",
            "Repo": "site",
            "Branch": "main",
            "OAuthToken": token,
            "PollForSourceChanges": "false",
        }
        return declarations.action(name, "Source", "GitHub", configuration, "ThirdParty", outputs=["Code"])

    def put_webhook(self, name, authentication, **configuration):
        return self.client.put_webhook(
            webhook={
                "name": name,
                "targetPipeline": "hooked",
                "targetAction": "Commit",
                "authentication": authentication,
                "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}],
                "authenticationConfiguration": configuration,
            }
        )

    def partner_client(self):
        return worker.client_for(self.running, self.keys)

    def note(self, place, text):
        self.canaries.places[text] = place

    def refused(self, call, *words, **members):
        try:
            call(*words, **members)
        except botocore.exceptions.ClientError as error:
            self.seen.write(str(error).encode() + b"\n")
        else:
            self.report.failed(f"{call.__name__} must be refused", members)


def search(canaries, running, place, report):
    """Looks everywhere."""
    answers = pathlib.Path(worker.seen_file()).parent
    total = look_in(canaries, answers.iterdir(), "answers", report)
    total += look_in(canaries, [running.log], "the server's own words", report)
    told = [path for path in place.rglob("*") if path.is_file() and is_for_people(path)]
    names = {path.name for path in told}
    for what in ("audit", "events", "log"):
        report.check(any(what in str(path) for path in told), f"there is something to look in: {what}", sorted(names))
    total += look_in(canaries, told, "events, logs and audit", report)
    open_to_others = [path for path in place.rglob("*") if path.is_file() and is_open(path, place)]
    total += look_in(canaries, open_to_others, "files that others can read", report)
    report.check(total == 0, f"{len(canaries.places)} canaries, 0 found")


def look_in(canaries, paths, where, report):
    count, found = 0, []
    for path in paths:
        if path.is_file():
            count += 1
            found += [f"{one} in {path}" for one in canaries.found_in(path.read_bytes())]
    report.check(not found, f"no canary in {where} ({count} files)", found)
    return len(found)


def is_for_people(path):
    """Says whether a file of the data directory is written to be read: logs, events, audit."""
    return (
        path.suffix in (".log", ".jsonl", ".ndjson")
        or "audit" in str(path)
        or "events" in path.name
        or path.name == "log"
    )


def is_open(path, top):
    """Says whether somebody else can reach and read a file, if they can reach the directory at the top."""
    others = stat.S_IRGRP | stat.S_IROTH
    enter = stat.S_IXGRP | stat.S_IXOTH
    if not path.stat().st_mode & others:
        return False
    parents = [parent for parent in path.parents if parent.is_relative_to(top) and parent != top]
    return all(parent.stat().st_mode & enter for parent in parents)


def main():
    report = Report("canaries")
    os.umask(0o022)
    place = server.fresh_place("canaries")
    canaries = Canaries()
    repository.make(place / "repository")
    seeds = {
        "client token": canaries.new("a partner's client token"),
        "build": canaries.new("a secret that a build prints"),
    }
    (place / "repository" / "telltale.yml").write_text(
        "version: 0.2\nenv:\n  secrets-manager:\n    PASSWORD: site\n"
        "phases:\n  build:\n    commands:\n      - echo the password is $PASSWORD\n      - env\n      - cp page.html $PASSWORD || false\n"
        "artifacts:\n  files: [page.html]\n"
    )
    repository.commit(place / "repository", "1")
    site = [("repository", name, place / "repository") for name in ("site", "keeper/site")]
    site += [("buildspec", "telltale", "telltale.yml"), ("secret", "site", seeds["build"])]
    more = server.third_party(place, PARTNER_TYPE, seeds["client token"])
    more += ["--events", place / "events.jsonl"]
    with server.Server("canaries", site, more) as running:
        canaries.places[running.keys()[1]] = "the administrator's secret access key"
        story = Story(running, place, canaries, report, seeds)
        for part in (
            story.put_secrets,
            story.refuse_secrets,
            story.update_with_masks,
            story.run_build,
            story.ask_everything,
        ):
            try:
                part()
            except Exception as error:  # What cannot be put cannot leak; the rest is tried all the same.
                report.failed(part.__name__, repr(error))
        story.seen.flush()
        report.check(
            len(canaries.places) >= 20,
            f"secrets stand in {len(canaries.places)} places",
            json.dumps(sorted(canaries.places.values())),
        )
        report.check(running.is_alive(), "the server is alive after it")
    search(canaries, running, place, report)
    verified = subprocess.run(
        [server.PROGRAM, "audit", "verify", "--data", running.data], capture_output=True, text=True, check=False
    )
    report.check(verified.returncode == 0, "the audit is whole", verified.stdout + verified.stderr)
    report.finish()


if __name__ == "__main__":
    main()
