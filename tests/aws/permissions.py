"""Each permission of each function, and of each rule, is needed: without it, a test fails.

One deployment with all that it can have (a key of its own, subscribers), with permissions enforced, and nobody
hurries: a sweep that came every second would do the work of whoever lost a permission. Statement by statement is taken
away, the chapter in which it matters is told anew, and then the statement is put back.

What counts is that a call is denied which that statement allowed, to whom it allowed it. Every test in a deployment
fails at a denied call (homes/cloud.py), so what is denied here fails there; and nothing is taken for a missing
permission that went wrong for another reason. What somebody noticed besides is printed.
"""

import fnmatch
import functools
import json
import sys

import deploy
import people
from homes.cloud import Cloud
from tale import Tale

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report, until  # noqa: E402

# Where one would notice that a role lost something.
CHAPTERS = {
    "SourceChange": "push",
    "ActionCompletion": "build",
    "StartAction": "build",
    "Sweep": "sweep",
    "EveryMinute": "minute",
    "Publish": "told",
    "Notify": "told",
    "Deliver": "told",
    "Webhook": "webhook",
    "Api": "ask_as_they_are",
    "ApiIam": "ask_natively",
    "JobArtifacts": "work_natively",
    # Queues, which rules put something into.
    "Changes": "push",
    "ChangesDead": "lost_change",
    "Completions": "build",
    "CompletionsDead": "lost_completion",
    "Notices": "told",
    "NoticesDead": "lost_notice",
}
# What is not of every day.
ELSEWHERE = {
    ("Publish", "FindTheLog"): "mapping",
    ("Publish", "ReadLogs"): "told_later",
    ("Publish", "SayWhatFailed"): "lost_records",
    ("Sweep", "SayWhatFailed"): "lost_sweep",
    ("EveryMinute", "SayWhatFailed"): "lost_minute",
    ("Webhook", "Hint"): "answer",
    ("Api", "SeeWhatJobWorkersStored"): "work_as_they_are",
    ("Api", "OpenWhatTheyStored"): "work_as_they_are",
    ("Api", "HandOnArtifacts"): "work_as_they_are",
    ("ApiIam", "SeeWhatJobWorkersStored"): "work_natively",
    ("ApiIam", "OpenWhatTheyStored"): "work_natively",
    ("ApiIam", "HandOnArtifacts"): "work_natively",
}
# What no statement is taken away for.
BESIDE = ("refused",)
# What is allowed for what cannot happen here, each with the reason.
NOT_HERE = {
    ("Sweep", "dynamodb:PutItem"): "what is overdue is so after minutes",
    ("Sweep", "dynamodb:DeleteItem"): "a watch without an execution is thrown away after minutes",
    ("Notify", "dynamodb:GetItem"): "what a notice tells comes with one query, unless much happened since",
    ("JobArtifacts", "s3:GetObjectVersion"): "which version a job worker reads is its own choice",
    ("JobArtifacts", "s3:AbortMultipartUpload"): "for uploads in parts that go wrong",
}
# How long a denial may be on its way when something else was noticed first.
GRACE_SECONDS = 5


def main():
    report = Report("permissions")
    with people.Reader() as subscriber:
        home = Cloud(
            # What the chapters leave behind is not to be started by a push.
            ("permissions", "pushes"),
            "permissions",
            haste=1.0,
            change=reach_this_machine,
            prepare=lambda emulator: {"SubscribersSecretArn": subscribe(emulator, subscriber)},
            ArtifactEncryption="OWN_KEY",
        )
        with home, people.Reader(home.emulator) as reader:
            reader.subscribe(home.deployed["TopicArn"])
            pause_sweep(home.emulator)
            tale = Tale(home, reader, subscriber)
            tell_all(report, tale, "with every permission")
            judge_what_nobody_used(report, home)
            for statement in list(statements(home)):
                without(report, tale, statement)
            tell_all(report, tale, "with every permission put back")
    report.finish()


def reach_this_machine(template):
    """Subscribers listen on loopback here, and no parameter lets deliveries go there."""
    for name in ("Notify", "Deliver"):
        variables = template["Resources"][name]["Properties"]["Environment"]["Variables"]
        variables["TOWPATH_DELIVERIES_REACH"] = "loopback"


def subscribe(emulator, subscriber):
    """Returns the ARN of a list of subscribers, of which there is one."""
    listed = {"name": "keeper", "kind": "https", "url": subscriber.address(), "secret": SIGNING_KEY}
    made = emulator.client("secretsmanager").create_secret(Name="subscribers", SecretString=json.dumps([listed]))
    return made["ARN"]


SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def pause_sweep(emulator):
    """A sweep that comes at the right moment does the work of whoever lost a permission. It is called here."""
    scheduler = emulator.client("scheduler")
    for schedule in scheduler.list_schedules()["Schedules"]:
        known = scheduler.get_schedule(Name=schedule["Name"])
        kept = {name: known[name] for name in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
        scheduler.update_schedule(**kept, State="DISABLED")


def tell_all(report, tale, sentence):
    for chapter in dict.fromkeys([*CHAPTERS.values(), *ELSEWHERE.values(), *BESIDE]):
        roles = [role for role, one in CHAPTERS.items() if one == chapter]
        broken = tale.tell(chapter, roles)
        denied = [one for one in tale.asked("denied") if one[2] not in tale.provoked]
        report.check(not broken and not denied, f"{sentence}: {chapter.replace('_', ' ')}", broken or denied)


def without(report, tale, statement):
    """Takes a statement away, tells its chapter, and puts it back."""
    role = statement.role
    chapter = ELSEWHERE.get((role, statement.name)) or CHAPTERS.get(role)
    sentence = f"{role:16} {statement.name:24}"
    if chapter is None:
        report.failed(f"{sentence} no chapter is told of this role")
        return
    statement.take_away()
    tale.renew(role)
    tale.missed = statement.is_missed
    try:
        broken = tale.tell(chapter, [role] if role in CHAPTERS else [])
        denial = find_denial(tale) if broken else tale.denial()
    finally:
        tale.missed = None
        statement.put_back()
    if denial:
        report.ok(f"{sentence} {denial}{'' if broken == denial else f'; {broken}'}")
    else:
        report.failed(f"{sentence} is missed by nobody", broken)


def find_denial(tale):
    try:
        return until("a denial", tale.denial, seconds_max=GRACE_SECONDS, every_seconds=0.05)
    except TimeoutError:
        return None


class Statement:
    """One statement of one policy of the deployment, and who has what it allows."""

    def __init__(self, role, holder, whole, index, put):
        self.role, self.holder, self.whole, self.put = role, holder, whole, put
        self.statement = whole["Statement"][index]
        self.rest = [one for at, one in enumerate(whole["Statement"]) if at != index]
        self.name = self.statement.get("Sid", str(index))

    def take_away(self):
        self.put({**self.whole, "Statement": self.rest} if self.rest else None)

    def put_back(self):
        self.put(self.whole)

    def is_missed(self, holder, action, resource):
        """Says whether what was denied is what the statement allowed."""
        patterns = listed(self.statement["Resource"])
        is_there = any(fnmatch.fnmatchcase(resource, pattern) for pattern in patterns)
        return holder == self.holder and action in self.actions() and is_there

    def actions(self):
        return listed(self.statement["Action"])


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(home):
    """Yields each statement of each role, and of the policies by which queues let rules put something there."""
    iam, sqs = home.emulator.client("iam"), home.emulator.client("sqs")
    queues = {url.rsplit("/", 1)[-1] for url in sqs.list_queues()["QueueUrls"]}
    for logical, name in deploy.resources(home.emulator).items():
        if logical.endswith("Role"):
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                whole = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                put = functools.partial(put_role_policy, iam, name, policy)
                yield from of_policy(logical.removesuffix("Role"), name, whole, put)
        elif "/" in name and name.rsplit("/", 1)[-1] in queues:
            known = sqs.get_queue_attributes(QueueUrl=name, AttributeNames=["All"])["Attributes"]
            if policy := known.get("Policy"):
                put = functools.partial(put_queue_policy, sqs, name)
                yield from of_policy(logical, "events.amazonaws.com", json.loads(policy), put)


def of_policy(role, holder, whole, put):
    return (Statement(role, holder, whole, index, put) for index in range(len(whole["Statement"])))


def put_role_policy(iam, role, policy, document):
    if document is None:
        iam.delete_role_policy(RoleName=role, PolicyName=policy)
    else:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))


def put_queue_policy(sqs, url, document):
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(document) if document else ""})


def judge_what_nobody_used(report, home):
    """A statement is needed if one of its actions is. That each of them is, is shown by what the chapters asked for."""
    used = {(role, action) for role, action in home.emulator.control("permissions")["ever_allowed"]}
    number = 0
    for statement in statements(home):
        for action in statement.actions():
            number += 1
            reason = NOT_HERE.get((statement.role, action))
            is_used = (statement.holder, action) in used
            sentence = f"{statement.role:16} {statement.name:24} {action}"
            if reason and not is_used:
                print(f"        {sentence} is not asked for here: {reason}")
            elif not is_used:
                report.failed(f"{sentence} is asked for by nobody")
    report.ok(f"the actions of all statements were looked at: {number}")


if __name__ == "__main__":
    main()
