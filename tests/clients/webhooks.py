"""Webhooks made with boto3 and delivered as GitHub delivers them: the pushed commit is what is deployed."""

import hashlib
import hmac
import http.client
import json
import uuid

import declarations
import repository
import server
import worker
from report import Report, until

SECRET = "a secret that only two know"


class Story:
    def __init__(self, running, place, commits, report):
        self.running, self.place, self.commits, self.report = running, place, commits, report
        self.client = worker.client_for(running, seen=worker.keep_answers())
        configuration = {"Owner": "keeper", "Repo": "site", "Branch": "main", "OAuthToken": "none"}
        configuration["PollForSourceChanges"] = "false"
        source = declarations.action("Commit", "Source", "GitHub", configuration, "ThirdParty", outputs=["Code"])
        stages = {"hooked": [declarations.build(), declarations.deploy()], "other": [declarations.approval()]}
        for name, after in stages.items():
            pipeline = declarations.pipeline(name, *after)
            pipeline["stages"][0]["actions"] = [source]
            self.client.create_pipeline(pipeline=pipeline)
        # The first execution is CreatePipeline's own.
        until("hooked is done", lambda: self.executions()[0]["status"] == "Succeeded")

    def executions(self, pipeline="hooked"):
        return self.client.list_pipeline_executions(pipelineName=pipeline)["pipelineExecutionSummaries"]

    def put(self, name, authentication, **configuration):
        made = self.client.put_webhook(
            webhook={
                "name": name,
                "targetPipeline": "hooked",
                "targetAction": "Commit",
                "authentication": authentication,
                "authenticationConfiguration": configuration,
                "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}],
            }
        )
        return made["webhook"]["url"]

    def deliver(self, url, commit, ref="refs/heads/main", secret=SECRET, delivery=None, method="POST", event="push"):
        """Sends a push as GitHub does; returns the status and the body."""
        body = json.dumps({"ref": ref, "after": commit, "head_commit": {"id": commit, "message": "Pushed"}}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        }
        if secret is not None:
            headers["X-Hub-Signature-256"] = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        connection = http.client.HTTPConnection("127.0.0.1", self.running.port, timeout=10)
        connection.request(method, "/" + url.split("/", 3)[3], body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def a_push_deploys_the_commit_that_was_pushed(self):
        url = self.put("hook", "GITHUB_HMAC", SecretToken=SECRET)
        self.report.check(self.page() == "2", "before, the head of the branch is deployed", self.page())
        count = len(self.executions())
        status, said = self.deliver(url, self.commits[0], delivery="one")
        newest = until("it started", lambda: len(self.executions()) == count + 1 and self.executions()[0])
        self.report.check(
            status == 200 and newest["pipelineExecutionId"] in said, "the delivery is told the execution", said
        )
        until("it is done", lambda: self.executions()[0]["status"] == "Succeeded")
        newest = self.executions()[0]
        self.report.check(
            newest["trigger"]["triggerType"] == "Webhook", "the trigger is the webhook", newest["trigger"]
        )
        self.report.check("webhook:hook" in newest["trigger"]["triggerDetail"], "and names it", newest["trigger"])
        revision = newest["sourceRevisions"][0]["revisionId"]
        self.report.check(revision == self.commits[0], "the revision is the pushed commit", revision)
        self.report.check(self.page() == "1", "the pushed commit is deployed, not the head", self.page())
        status, said = self.deliver(url, self.commits[0], delivery="one")
        self.report.check(status == 200 and len(self.executions()) == count + 1, "a delivery counts once", said)
        listed = self.client.list_webhooks()["webhooks"]
        self.report.check(listed[0].get("lastTriggered"), "the webhook says when it was triggered", listed)
        self.report.check(len(self.executions("other")) == 1, "no other pipeline was started")

    def what_is_not_meant_starts_nothing(self):
        url = self.put("hook", "GITHUB_HMAC", SecretToken=SECRET)
        count = len(self.executions())
        head = self.commits[1]
        cases = [
            ("another branch", 200, self.deliver(url, head, ref="refs/heads/spring")),
            ("a branch whose name begins alike", 200, self.deliver(url, head, ref="refs/heads/main2")),
            ("another secret", 403, self.deliver(url, head, secret="guessed")),
            ("no signature", 403, self.deliver(url, head, secret=None)),
            ("a ping", 200, self.deliver(url, head, event="ping")),
            ("GET", 405, self.deliver(url, head, method="GET")),
            ("another URL", 404, self.deliver(url[:-1] + ("A" if url[-1] != "A" else "B"), head)),
        ]
        for what, expected, (status, said) in cases:
            self.report.check(status == expected, f"{what}: {expected}", f"{status} {said}")
        self.report.check(len(self.executions()) == count, "nothing of it starts anything")

    def the_other_schemes_hold(self):
        count = len(self.executions())
        here = self.put("here", "IP", AllowedIPRange="127.0.0.0/8")
        there = self.put("there", "IP", AllowedIPRange="192.0.2.0/24")
        anybody = self.put("anybody", "UNAUTHENTICATED")
        self.report.check(self.deliver(there, self.commits[1], secret=None)[0] == 403, "another address is refused")
        self.report.check(
            self.deliver(here, self.commits[1], secret=None)[0] == 200, "an address of the range is taken"
        )
        self.report.check(self.deliver(anybody, self.commits[0], secret=None)[0] == 200, "no authentication is none")
        until("both started", lambda: len(self.executions()) == count + 2)
        self.client.delete_webhook(name="anybody")
        status, said = self.deliver(anybody, self.commits[0], secret=None)
        self.report.check(status == 404, "a deleted webhook is gone", said)
        again = self.put("anybody", "UNAUTHENTICATED")
        self.report.check(again != anybody, "made again it has another URL (W1)")

    def page(self):
        text = (self.place / "fleet" / "srv" / "site" / "page.html").read_text()
        return text.split("Version ")[1].strip()


def main():
    report = Report("webhooks")
    place = server.fresh_place("webhooks")
    commits = [repository.make(place / "repository", "1")]
    commits.append(repository.commit(place / "repository", "2"))
    site = [("repository", "keeper/site", place / "repository")]
    for flag, name in (("host", "fleet"), ("bucket", "public")):
        (place / name).mkdir()
        site.append((flag, name, place / name))
    with server.Server("webhooks", site) as running:
        story = Story(running, place, commits, report)
        for part in (
            story.a_push_deploys_the_commit_that_was_pushed,
            story.what_is_not_meant_starts_nothing,
            story.the_other_schemes_hold,
        ):
            try:
                part()
            except Exception as error:  # One part that breaks off does not keep the others from being tried.
                report.failed(part.__name__.replace("_", " "), repr(error))
        report.check(running.is_alive(), "the server is alive after it")
    report.finish()


if __name__ == "__main__":
    main()
