"""Each permission of each function is needed: without it, something that a test sees does not happen.

One deployment, with permissions enforced. Statement by statement is taken from its role, the demo is told anew, and
must fail; then the statement is put back. What the emulator does not ask anybody about (writing its log, taking
messages from its queue) is held against a table by check_template.py instead, and named here.
"""

import json
import sys

import api
import deploy
import people
from homes.cloud import Cloud
from story import Story, approval, build, commit, publish

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report, until  # noqa: E402

# Statements about which the emulator asks nobody: Lambda's own side of a queue, a stream and a log.
UNASKED = (
    "WriteItsLog",
    "SendTraces",
    "TakeChanges",
    "TakeCompletions",
    "TakeHints",
    "TakeNotices",
    "ReadStream",
    "SayWhatFailed",
    "SayWhatWasLost",
    "TagSessions",
)
SECONDS_MAX = 12


def main():
    report = Report("permissions")
    with Cloud(("permissions",), "permissions") as home, people.Reader(home.emulator) as reader:
        reader.subscribe(home.deployed["TopicArn"])
        told = Tale(home, reader)
        broken = told.tell()
        report.check(broken is None, "with every permission, all of it happens", broken)
        for role, statement, without, restore in statements(home):
            if statement in UNASKED:
                print(f"        {role:20} {statement:22} asked of nobody here; see check_template.py")
                continue
            without()
            broken = told.tell()
            restore()
            report.check(broken is not None, f"{role:20} {statement:22} {broken or 'nothing is missing without it'}")
    report.finish()


def statements(home):
    """Yields each statement of each role, with what takes it away and what brings it back."""
    iam = home.emulator.client("iam")
    for logical, role in deploy.resources(home.emulator).items():
        if not logical.endswith("Role"):
            continue
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            whole = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]

            def put(document, role=role, policy=policy):
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
    """What every function does, once, and how one would notice that it did not."""

    def __init__(self, home, reader):
        self.home, self.reader, self.number = home, reader, 0

    def tell(self):
        """Returns the first thing that did not happen, or none."""
        self.number += 1
        for chapter in (self.ask_natively, self.travel, self.ask_as_they_are):
            try:
                chapter()
            except Exception as error:  # Whatever it is, it is what somebody would notice.
                return f"{chapter.__name__}: {error}"[:160]
        return None

    def ask_natively(self):
        self.home.client.list_pipelines()

    def ask_as_they_are(self):
        api.stock_client(self.home.emulator, self.home.deployed, self.home.keys).list_pipelines()

    def travel(self):
        home, name = self.home, f"permissions-{self.number}"
        story = Story(home, Report(name), name)
        notices = len(self.reader.notices)
        first = story.create(build(), approval(), publish(name), source=commit("permissions"))
        self.soon("it asks", lambda: any("Approve/Release STARTED" in line for line in story.transcript(first)))
        self.soon("somebody is told", lambda: len(self.reader.notices) > notices)
        story.approve(first)
        self.soon("it ends", lambda: home.events().state(first) == "SUCCEEDED")
        home.push("permissions", str(self.number))
        self.soon("a push starts it", lambda: len(story.executions()) == 2)
        story.client.delete_pipeline(name=name)

    def soon(self, sentence, look):
        until(sentence, look, seconds_max=SECONDS_MAX)


if __name__ == "__main__":
    main()
