"""Two accounts and two Regions, as docs/operating.md says to make them ready: roles, and who lets whom in."""

import json
import pathlib
import time

import deploy
import roles
from emulator import ACCOUNT, REGION
from homes.cloud import Cloud

OTHER = "111122223333"
ELSEWHERE = "eu-west-1"
STACK_ROLE = "app-cloudformation"
EXAMPLES = deploy.ROOT / "examples" / "roles"
READ = ["s3:GetObject", "s3:GetObjectVersion"]
USE_KEY = ["kms:Decrypt", "kms:GenerateDataKey"]


def role_arn(name, account=OTHER):
    return f"arn:aws:iam::{account}:role/{name}"


def action_role(name):
    return role_arn(f"towpath-action-{name}")


def bucket(owner, region):
    """Names the bucket of an account that files are deployed to in a Region."""
    return f"app-{owner}-{region}"


def object_arns(name):
    return f"arn:aws:s3:::{name}/*"


class Accounts(Cloud):
    """The deployment in one account, and another account that its pipelines deploy to."""

    def __init__(self, repository):
        super().__init__((repository,), "accounts", ArtifactEncryption="OWN_KEY")

    def __enter__(self):
        super().__enter__()
        self.stores = {REGION: self.deployed["ArtifactBucket"], ELSEWHERE: "artifacts-elsewhere"}
        self.keys_of = {REGION: self.deployed["ArtifactKeyArn"], ELSEWHERE: self.make_key()}
        for owner, region in ((OTHER, REGION), (OTHER, ELSEWHERE), (ACCOUNT, ELSEWHERE)):
            self.make_bucket(owner, region, bucket(owner, region))
        self.make_bucket(ACCOUNT, ELSEWHERE, self.stores[ELSEWHERE])
        self.let_other_account_in()
        self.role = self.make_role_of_pipelines()
        self.make_project("app-site")
        self.make_role_of_stacks()
        return self

    def of(self, account, region=REGION):
        """Returns what makes clients of an account's root in a Region."""
        return lambda service: self.emulator.client(service, aws_access_key_id=account, region_name=region)

    def store(self):
        stores = {
            region: {"type": "S3", "location": place, "encryptionKey": {"id": self.keys_of[region], "type": "KMS"}}
            for region, place in self.stores.items()
        }
        return {"roleArn": self.role, "artifactStores": stores}

    def make_key(self):
        policy = roles.document(roles.allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
        return self.of(ACCOUNT, ELSEWHERE)("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]

    def make_bucket(self, owner, region, name):
        there = {} if region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.of(owner, region)("s3").create_bucket(Bucket=name, **there)

    def let_other_account_in(self):
        """The artifacts' buckets and keys let the other account in; what its roles may there is for it to say."""
        account = {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}
        for region, actions in ((REGION, READ), (ELSEWHERE, [*READ, "s3:PutObject"])):
            s3, kms = self.of(ACCOUNT, region)("s3"), self.of(ACCOUNT, region)("kms")
            name, key = self.stores[region], self.keys_of[region]
            statements = bucket_statements(s3, name)
            policy = roles.document(*statements, roles.allow(actions, object_arns(name), **account))
            s3.put_bucket_policy(Bucket=name, Policy=policy)
            known = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])["Statement"]
            policy = roles.document(*known, roles.allow(USE_KEY, **account))
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)

    def make_role_of_pipelines(self):
        told = {
            "DeploymentId": self.deployed["DeploymentId"],
            "StartActionRoleArn": self.deployed["StartActionRoleArn"],
            "ActionCompletionRoleArn": self.deployed["ActionCompletionRoleArn"],
            "ArtifactBucket": self.stores[REGION],
            "ArtifactKeyArn": self.keys_of[REGION],
        }
        arn = make_stack(self.of(ACCOUNT)("cloudformation"), "pipeline-role", told)["RoleArn"]
        # The example knows one Region. Whoever uses another says what there is in it.
        self.add_policy(ACCOUNT, arn, "elsewhere", *copy_artifacts(self))
        return arn

    def make_role_of_stacks(self):
        """CloudFormation makes what is in the stacks of the other account with this role."""
        service = {"Service": "cloudformation.amazonaws.com"}
        trust = roles.document({"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"})
        iam = self.of(OTHER)("iam")
        iam.create_role(RoleName=STACK_ROLE, AssumeRolePolicyDocument=trust)
        self.add_policy(OTHER, role_arn(STACK_ROLE), "may", roles.allow("ssm:*"))

    def make_action_role(self, name, *statements):
        """Makes a role in the other account from the example, with statements for what the example does not do."""
        told = {
            "Name": f"towpath-action-{name}",
            "PipelineRoleArn": self.role,
            "DeploymentId": self.deployed["DeploymentId"],
            "ArtifactBucket": self.stores[REGION],
            "ArtifactKeyArn": self.keys_of[REGION],
        }
        arn = make_stack(self.of(OTHER)("cloudformation"), "action-role", told, f"role-{name}")["RoleArn"]
        if statements:
            self.add_policy(OTHER, arn, "more", *statements)
        return arn

    def add_policy(self, account, arn, name, *statements):
        document = roles.document(*statements)
        self.of(account)("iam").put_role_policy(RoleName=plain(arn), PolicyName=name, PolicyDocument=document)


def plain(arn):
    return arn.rsplit("/", 1)[-1]


def bucket_statements(s3, name):
    try:
        return json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    except s3.exceptions.ClientError:
        return []


def put_files(pipeline):
    """Says that files may be put, by sessions for one pipeline: its name is a tag of theirs."""
    tagged = {"StringEquals": {"aws:PrincipalTag/pipeline": pipeline}}
    yield roles.allow(["s3:PutObject", "s3:GetObject"], object_arns(f"app-{OTHER}-*"), Condition=tagged)
    # Whoever may not list a bucket is not told that nothing is there.
    yield roles.allow("s3:ListBucket", f"arn:aws:s3:::app-{OTHER}-*")


def copy_artifacts(home):
    """Says that artifacts may be copied into the other Region's bucket, and read there."""
    yield roles.allow([*READ, "s3:PutObject"], object_arns(home.stores[ELSEWHERE]))
    yield roles.allow("s3:ListBucket", f"arn:aws:s3:::{home.stores[ELSEWHERE]}")
    yield roles.allow(USE_KEY, home.keys_of[ELSEWHERE])


def make_stack(cloudformation, example, told, name=None):
    """Deploys an example as it is, and returns its outputs."""
    name = name or example
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=pathlib.Path(EXAMPLES, f"{example}.yaml").read_text(),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in told.items()],
    )
    last = time.monotonic() + deploy.DEPLOYED_WITHIN_SECONDS
    while True:
        made = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if made["StackStatus"] == "CREATE_COMPLETE":
            return deploy.outputs(made)
        if not made["StackStatus"].endswith("IN_PROGRESS") or time.monotonic() > last:
            raise RuntimeError("\n".join(deploy.failures(cloudformation)))
        time.sleep(0.02)


# ---- what is taken from a role: each returns what puts it back


def distrust(home, arn):
    identity = home.deployed["DeploymentId"]
    return change_trust(home, arn, lambda text: text.replace(identity, "another-deployment-0"))


def forbid_tags(home, arn):
    return change_trust(home, arn, lambda text: text.replace("sts:TagSession", "sts:GetCallerIdentity"))


def forbid_identity(home, arn):
    return change_trust(home, arn, lambda text: text.replace("sts:SetSourceIdentity", "sts:GetCallerIdentity"))


def change_trust(home, arn, change):
    iam, name = home.of(OTHER)("iam"), plain(arn)
    whole = json.dumps(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=change(whole))
    return lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=whole)


def forbid_reading(home, arn):
    return take_statement(home, arn, "ReadArtifacts")


def forbid_opening(home, arn):
    return take_statement(home, arn, "OpenArtifacts")


def take_statement(home, arn, title):
    asked = {"RoleName": plain(arn), "PolicyName": "deploy-stacks"}
    iam = home.of(OTHER)("iam")
    whole = iam.get_role_policy(**asked)["PolicyDocument"]
    rest = [one for one in whole["Statement"] if one["Sid"] != title]
    iam.put_role_policy(**asked, PolicyDocument=roles.document(*rest))
    return lambda: iam.put_role_policy(**asked, PolicyDocument=json.dumps(whole))


def close_key(home, _):
    """Takes from the key's policy the statement that lets the other account in."""
    kms, key = home.of(ACCOUNT)("kms"), home.keys_of[REGION]
    whole = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=without_other(json.loads(whole)))
    return lambda: kms.put_key_policy(KeyId=key, PolicyName="default", Policy=whole)


def close_bucket(home, _):
    """Takes from the policy of the artifacts' bucket the statement that lets the other account in."""
    s3, name = home.of(ACCOUNT)("s3"), home.stores[REGION]
    whole = s3.get_bucket_policy(Bucket=name)["Policy"]
    s3.put_bucket_policy(Bucket=name, Policy=without_other(json.loads(whole)))
    return lambda: s3.put_bucket_policy(Bucket=name, Policy=whole)


def without_other(policy):
    rest = [one for one in policy["Statement"] if OTHER not in json.dumps(one["Principal"])]
    return roles.document(*rest)
