"""Actions in another account and in another Region, with the roles of examples/roles as they are.

The deployment and the pipeline live in one account and one Region. One action makes a stack in another account, one
puts files there; and two put files in another Region, so that their artifact is copied into that Region's bucket
first, under that Region's key. Then each thing that such a role needs is taken from one: the action says which role
it was and what to change, nothing is deployed, and once it is mended a retry goes through.
"""

import json
import sys

import accounts_roles as accounts
import deploy
import roles
from accounts_roles import ELSEWHERE, OTHER, Accounts
from emulator import ACCOUNT, REGION
from story import Story, action

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report  # noqa: E402

NAME = "app-accounts"
TAGS = ["action", "execution", "pipeline", "stage"]
ARRIVES = """
    pipeline STARTED
    stage    Source          STARTED
    action   Source/Commit   STARTED
    action   Source/Commit   SUCCEEDED
    stage    Source          SUCCEEDED
    stage    Build           STARTED
    action   Build/Compile   STARTED
    action   Build/Compile   SUCCEEDED
    stage    Build           SUCCEEDED
    stage    Account         STARTED
    action   Account/Stack   STARTED
    action   Account/Stack   SUCCEEDED
    action   Account/Files   STARTED
    action   Account/Files   SUCCEEDED
    stage    Account         SUCCEEDED
    stage    Region          STARTED
    action   Region/Theirs   STARTED
    action   Region/Theirs   SUCCEEDED
    action   Region/Ours     STARTED
    action   Region/Ours     SUCCEEDED
    stage    Region          SUCCEEDED
    pipeline SUCCEEDED
    """


def main():
    report = Report("accounts")
    with Accounts(NAME) as home:
        home.make_action_role("stacks")
        home.make_action_role("files", *accounts.put_files(NAME), *accounts.copy_artifacts(home))
        execution = arrive(home, report)
        if report.failures:
            report.finish()
        look_at_deployed(home, report)
        look_at_copies(home, report)
        look_at_sessions(home, report, execution)
        say_anew(home, report)
        denied = home.emulator.control("permissions", forget=True)["denied"]
        report.check(not denied, "nobody is denied anything", denied)
        refuse(home, report)
    report.finish()


# ---- what is told


def commit():
    configuration = {"RepositoryName": NAME, "BranchName": "main", "PollForSourceChanges": "false"}
    read = action("Commit", "Source", "CodeCommit", configuration, outputs=["Code"], namespace="Source")
    return {"name": "Source", "actions": [read]}


def build():
    made = action("Compile", "Build", "CodeBuild", {"ProjectName": "app-site"}, inputs=["Code"], outputs=["Page"])
    return {"name": "Build", "actions": [made | {"namespace": "Build"}]}


def stack(name, role, **more):
    configuration = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": name,
        "TemplatePath": "Page::stack.json",
        "ParameterOverrides": json.dumps({"Version": "#{Build.SITE_VERSION}", "Name": f"/{name}"}),
        "RoleArn": accounts.role_arn(accounts.STACK_ROLE),
    }
    arn = accounts.action_role(role)
    return action("Stack", "Deploy", "CloudFormation", configuration, inputs=["Page"], roleArn=arn, **more)


def files(name, bucket, title="Files", **more):
    configuration = {"BucketName": bucket, "Extract": "true", "ObjectKey": name}
    return action(title, "Deploy", "S3", configuration, inputs=["Page"], **more)


def arrive(home, report):
    """Sends a commit through both accounts and both Regions, and returns the execution."""
    story = Story(home, report, NAME)
    role = accounts.action_role("files")
    account = [
        stack(NAME, "stacks", runOrder=1),
        files(NAME, accounts.bucket(OTHER, REGION), roleArn=role, runOrder=2),
    ]
    # Theirs comes first: it finds no copy, and has to make it.
    region = [
        files(NAME, accounts.bucket(OTHER, ELSEWHERE), "Theirs", roleArn=role, region=ELSEWHERE, runOrder=1),
        files(NAME, accounts.bucket(ACCOUNT, ELSEWHERE), "Ours", region=ELSEWHERE, runOrder=2),
    ]
    execution = story.create(
        build(), {"name": "Account", "actions": account}, {"name": "Region", "actions": region}, source=commit()
    )
    ended = story.ends(execution)
    report.check(ended == "SUCCEEDED", "it arrives in both accounts and both Regions", sentences(story, execution))
    story.holds(execution, ARRIVES, "through every account and Region, in order")
    return execution


def sentences(story, execution):
    """Returns what the action executions say of why they failed, by action."""
    asked = {"pipelineName": story.name, "filter": {"pipelineExecutionId": execution}}
    found = story.client.list_action_executions(**asked)["actionExecutionDetails"]
    failed = [one for one in found if one["status"] == "Failed"]
    return {one["actionName"]: one["output"]["executionResult"]["errorDetails"]["message"] for one in failed}


# ---- what came of it


def look_at_deployed(home, report):
    own, other = home.of(ACCOUNT), home.of(OTHER)
    report.check(released(other, NAME) == "1", "the stack is in the other account", released(other, NAME))
    report.check(released(own, NAME) is None, "and not in the pipeline's")
    for owner, region in ((OTHER, REGION), (OTHER, ELSEWHERE), (ACCOUNT, ELSEWHERE)):
        text = published(home, owner, region, NAME)
        sentence = f"the files are in {region}, in the bucket of {owner}"
        report.check(text and "Version 1" in text, sentence, text)
    names = {owner: home.of(owner)("s3").list_buckets()["Buckets"] for owner in (ACCOUNT, OTHER)}
    theirs = [one["Name"] for one in names[ACCOUNT] if one["Name"].startswith(f"app-{OTHER}")]
    report.check(not theirs, "which the pipeline's account does not have", theirs)


def released(client, name):
    """Returns the parameter that a stack made in an account, or none."""
    try:
        return client("ssm").get_parameter(Name=f"/{name}")["Parameter"]["Value"]
    except client("ssm").exceptions.ParameterNotFound:
        return None


def published(home, owner, region, name):
    s3 = home.of(owner, region)("s3")
    try:
        return s3.get_object(Bucket=accounts.bucket(owner, region), Key=f"{name}/page.html")["Body"].read().decode()
    except s3.exceptions.NoSuchKey:
        return None


def look_at_copies(home, report):
    """Only what an action there reads is copied, under the name it had, and is sealed with the key of that Region."""
    copies, originals = (sealed(home, region) for region in (ELSEWHERE, REGION))
    report.check(len(copies) == 1, "the artifact is copied into the other Region's bucket, once", copies)
    report.check(set(copies) <= set(originals), "under the key that it has at home", [copies, originals])
    report.check(set(copies.values()) == {home.keys_of[ELSEWHERE]}, "sealed with that Region's key", copies)
    report.check(set(originals.values()) == {home.keys_of[REGION]}, "as at home with the key of home", originals)


def sealed(home, region):
    """Returns the artifacts in the bucket of a Region, and with which key each is sealed."""
    s3, bucket = home.of(ACCOUNT, region)("s3"), home.stores[region]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=NAME).get("Contents", [])
    return {one["Key"]: s3.head_object(Bucket=bucket, Key=one["Key"]).get("SSEKMSKeyId") for one in listed}


def look_at_sessions(home, report, execution):
    taken = [one for one in home.emulator.control("sessions")["taken"] if one["tags"].get("execution") == execution]
    report.check(taken and all(one["is_taken"] for one in taken), "every role is had at the first try", taken)
    expected = home.deployed["DeploymentId"]
    report.check({one["external_id"] for one in taken} == {expected}, "with the deployment's external id", taken)
    report.check(all(sorted(one["tags"]) == TAGS for one in taken), "each session has the four tags", taken)
    report.check(all(one["transitive"] == TAGS for one in taken), "which go on along the chain", taken)
    for title, role in (("Stack", "stacks"), ("Files", "files"), ("Theirs", "files")):
        chain = [one for one in taken if one["tags"]["action"] == title]
        look_at_chain(home, report, title, accounts.action_role(role), chain)


def look_at_chain(home, report, title, role, taken):
    chain = [one["role"] for one in taken]
    pairs = list(zip(chain[::2], chain[1::2]))
    is_chain = pairs and set(pairs) == {(home.role, role)} and len(chain) % 2 == 0
    report.check(is_chain, f"{title}: the pipeline's role first, and from it the action's", chain)
    callers = {one["caller"].split("/")[1] for one in taken[1::2]}
    is_out = callers == {home.role.rsplit("/", 1)[-1]}
    report.check(is_out, f"{title}: one out of the session of the other", sorted(callers))
    identities = {one["source_identity"] for one in taken}
    is_one = len(identities) == 1 and "" not in identities
    report.check(is_one, f"{title}: with one source identity", sorted(identities))
    said = [one["said"] for one in taken]
    is_once = set(map(tuple, said[::2])) == {tuple(TAGS)} and not any(said[1::2])
    report.check(is_once, f"{title}: and with tags that are said once", said)


def say_anew(home, report):
    """What a session hands on cannot be said again: AWS refuses that, and so does what plays it here."""
    root, sts = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, home.of(ACCOUNT)("sts")
    actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    trust = {"Effect": "Allow", "Principal": root, "Action": actions}
    home.of(ACCOUNT)("iam").create_role(RoleName="link", AssumeRolePolicyDocument=roles.document(trust))
    home.add_policy(ACCOUNT, "link", "may", roles.allow(actions))
    asked = {"RoleArn": accounts.role_arn("link", ACCOUNT), "RoleSessionName": "link"}
    tags = {"Tags": [{"Key": "told", "Value": "once"}], "TransitiveTagKeys": ["told"]}
    keys = sts.assume_role(**asked, **tags, SourceIdentity="somebody")["Credentials"]
    session = home.emulator.client(
        "sts",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    report.check(session.assume_role(**asked), "a session can take on the next role")
    for sentence, told in (("a tag", {"Tags": tags["Tags"]}), ("a source identity", {"SourceIdentity": "another"})):
        try:
            session.assume_role(**asked, **told)
            report.failed(f"{sentence} that goes along is not said anew")
        except session.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            report.check(code == "InvalidParameterValue", f"{sentence} that goes along is not said anew", str(error))


# ---- what fails


class Refusal:
    """A role in the other account that lacks something, and the pipeline whose action is done with it."""

    def __init__(self, home, report, title, sentence, words, break_it):
        self.home, self.report, self.title, self.sentence, self.words = home, report, title, sentence, words
        self.name = f"app-{title}"
        self.role = home.make_action_role(title, *accounts.put_files(self.name))
        self.story = Story(home, report, self.name)
        self.mend = break_it(home, self.role)

    def begin(self, deployment):
        self.execution = self.story.create(build(), {"name": "Account", "actions": [deployment]}, source=commit())

    def fails(self):
        self.report.check(self.story.ends(self.execution) == "FAILED", f"{self.sentence}: the action fails")
        said = " ".join(sentences(self.story, self.execution).values())
        missing = [word for word in (self.role, *self.words) if word not in said]
        self.report.check(not missing, f"{self.sentence}: it names the role and what to change", [missing, said])
        self.report.check(not self.deployed(), f"{self.sentence}: nothing is deployed")

    def deployed(self):
        return released(self.home.of(OTHER), self.name) or published(self.home, OTHER, REGION, self.name)

    def passes(self):
        self.story.client.retry_stage_execution(
            pipelineName=self.name,
            stageName="Account",
            pipelineExecutionId=self.execution,
            retryMode="FAILED_ACTIONS",
        )
        self.story.says(self.execution, "stage", "Account", "RESUMED")
        ended = self.story.ends(self.execution)
        found = [ended, self.deployed()]
        is_there = ended == "SUCCEEDED" and self.deployed()
        self.report.check(is_there, f"{self.sentence}: once mended, a retry deploys", found)


def refuse(home, report):
    """Takes from roles of the other account what they need, one thing from each; then from the account itself."""
    there, store = accounts.bucket(OTHER, REGION), home.stores[REGION]
    identity, key = home.deployed["DeploymentId"], home.keys_of[REGION]
    of_trust = (
        ("stranger", "a trust policy with another external id", [f'"sts:ExternalId":"{identity}"'], accounts.distrust),
        ("untagged", "a trust policy without sts:TagSession", ["perform: sts:TagSession"], accounts.forbid_tags),
        ("nameless", "one without sts:SetSourceIdentity", ["perform: sts:SetSourceIdentity"], accounts.forbid_identity),
    )
    of_role = (
        ("unread", "a role that may not read artifacts", ["s3:GetObject", f"s3://{store}/"], accounts.forbid_reading),
        ("sealed", "a role that may not open artifacts", ["kms:Decrypt", key], accounts.forbid_opening),
    )
    refusals = [Refusal(home, report, *told) for told in (*of_trust, *of_role)]
    for refusal in refusals[: len(of_trust)]:
        refusal.begin(stack(refusal.name, refusal.title))
    for refusal in refusals[len(of_trust) :]:
        refusal.begin(files(refusal.name, there, roleArn=refusal.role))
    settle(home, report, refusals, ["sealed", "unread"])
    of_account = (
        ("unkeyed", "a key that lets the account not in", ["kms:Decrypt", key], accounts.close_key),
        ("unlet", "a bucket that lets it not in", ["s3:GetObject", f"s3://{store}/"], accounts.close_bucket),
    )
    for told in of_account:
        refusal = Refusal(home, report, *told)
        refusal.begin(files(refusal.name, there, roleArn=refusal.role))
        settle(home, report, [refusal], ["unkeyed"] if told[0] == "unkeyed" else [])


def settle(home, report, refusals, denied):
    """Waits until all failed, mends what was broken, and tries again. `denied` names whose role was denied a call."""
    for refusal in refusals:
        refusal.fails()
    found = home.emulator.control("permissions", forget=True)["denied"]
    expected = [f"towpath-action-{name}" for name in denied]
    report.check(sorted({one[0] for one in found}) == expected, "only they are denied anything", found)
    for refusal in refusals:
        refusal.mend()
        refusal.passes()


if __name__ == "__main__":
    main()
