"""`towpath doctor` over a real deployment: it finds nothing in a healthy one, and each thing that is then broken.

What is broken is broken as it happens to people: by their own hand, through the services' APIs. Each finding
must name what was broken and how to mend it, and be gone once that was done.
"""

import json
import os
import subprocess
import sys

import deploy
from homes.cloud import Cloud

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report, until  # noqa: E402

COMMAND = deploy.ROOT / "target" / "release" / "towpath"


class Doctor:
    def __init__(self, home):
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home.place),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": home.emulator.endpoint,
        }

    def run(self, *arguments):
        return subprocess.run(
            [str(COMMAND), "doctor", "--stack", deploy.STACK, "--region", "us-east-1", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def wrong(self):
        """Returns what is wrong, as `subject: message`, with its remedy; and whether the exit status says so."""
        done = self.run("--json", "--quick")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        wrong = {f"{one['subject']}: {one['message']}": one["mend"] for one in found if one["severity"] == "wrong"}
        return wrong, done.returncode == bool(wrong)


def main():
    report = Report("doctor")
    with Cloud(("doctor",), "doctor") as home:
        keep_what_the_emulator_leaves_out(home)
        doctor = Doctor(home)
        until("the sweep runs", lambda: not doctor.wrong()[0], every_seconds=1)
        healthy = doctor.run()
        report.check(
            healthy.returncode == 0, "a healthy deployment has nothing to mend", healthy.stdout + healthy.stderr
        )
        for sentence, subject, remedy, break_it, mend_it in breakages(home):
            break_it()
            found, is_said = doctor.wrong()
            named = [mend for said, mend in found.items() if said.startswith(subject)]
            report.check(len(found) == 1 and len(named) == 1, f"{sentence} is found, and nothing else", found)
            report.check(named and remedy in named[0], f"{sentence}: it says how to mend it", found)
            mend_it()
            left, is_said_again = doctor.wrong()
            report.check(not left, f"{sentence}: once mended, nothing is wrong", left)
            report.check(is_said and is_said_again, f"{sentence}: the exit status says so both times")
        hints = home.emulator.client("sqs"), deploy.resources(home.emulator)["Hints"]
        hints[0].set_queue_attributes(QueueUrl=hints[1], Attributes={"VisibilityTimeout": "31"})
        changed = doctor.run()
        report.check(
            "Hints: /VisibilityTimeout is 31" in changed.stdout, "a setting changed by hand is found", changed.stdout
        )
        unknown = doctor.run("--quick", "--stack", "another")
        report.check(unknown.returncode == 5, "a stack that does not exist is bad input", unknown.stderr)
    report.finish()


def keep_what_the_emulator_leaves_out(home):
    """Its CloudFormation passes over two properties of the table, which the template has."""
    tables, name = home.emulator.client("dynamodb"), home.deployed["TableName"]
    tables.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    tables.update_time_to_live(TableName=name, TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True})


def breakages(home):
    """Yields what is broken, how the finding begins, a word of its remedy, and how to break and to mend it."""
    found = deploy.resources(home.emulator)
    events, sqs, functions = (home.emulator.client(service) for service in ("events", "sqs", "lambda"))
    iam = home.emulator.client("iam")
    rule = found["BuildEnded"]
    yield (
        "a rule that is off",
        "BuildEnded:",
        "enable-rule",
        lambda: events.disable_rule(Name=rule),
        lambda: events.enable_rule(Name=rule),
    )
    target = events.list_targets_by_rule(Rule=rule)["Targets"][0]
    yield (
        "a rule without a target",
        "BuildEnded:",
        "sam deploy",
        lambda: events.remove_targets(Rule=rule, Ids=[target["Id"]]),
        lambda: events.put_targets(Rule=rule, Targets=[target]),
    )
    mapping = found["StartActionHints"]
    yield (
        "a queue that is not read",
        "StartActionHints:",
        "--enabled",
        lambda: functions.update_event_source_mapping(UUID=mapping, Enabled=False),
        lambda: functions.update_event_source_mapping(UUID=mapping, Enabled=True),
    )
    dead = found["NoticesDead"]
    yield (
        "a dead letter",
        "NoticesDead:",
        "start-message-move-task",
        lambda: sqs.send_message(QueueUrl=dead, MessageBody="{}"),
        lambda: sqs.purge_queue(QueueUrl=dead),
    )
    role = home.role.rsplit("/", 1)[-1]
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    nobody = json.dumps(trust).replace(home.deployed["DeploymentId"], "another-deployment-0")

    def distrust():
        pipeline(home)
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=nobody)

    yield (
        "a role that asks for another external id",
        home.role,
        "pipeline-role.yaml",
        distrust,
        lambda: iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust)),
    )


def pipeline(home):
    """A pipeline, so that its role is looked at."""
    home.client.create_pipeline(
        pipeline={
            "name": "doctor",
            "roleArn": home.role,
            "artifactStore": {"type": "S3", "location": home.deployed["ArtifactBucket"]},
            "stages": [
                {
                    "name": "Source",
                    "actions": [
                        action("Source", "CodeCommit", output="source", RepositoryName="doctor", BranchName="main")
                    ],
                },
                {"name": "Approve", "actions": [action("Approval", "Manual")]},
            ],
        }
    )


def action(category, provider, output=None, **configuration):
    declared = {
        "name": provider,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
        "outputArtifacts": [{"name": output}] if output else [],
    }
    return {**declared, "configuration": configuration} if configuration else declared


if __name__ == "__main__":
    main()
