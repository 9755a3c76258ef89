"""`towpath`'s own verbs at a deployment: over TLS, at either address, with identities of IAM.

The program is the released one, and so are its certificates' checks, its signatures and its words. What AWS
does in between, IAM's answers included, is emulated.
"""

import json
import os
import pathlib
import stat
import subprocess
import sys

import deploy
import roles
from emulator import REGION
from homes.cloud import Cloud
from story import approval, build, commit
from tls import ELSEWHERE, PAGE, Tls

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report  # noqa: E402

COMMAND = deploy.ROOT / "target" / "release" / "towpath"
MAY_CALL = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]


class Command:
    """The program of one person: an identity, a home directory, and the way to AWS."""

    def __init__(self, home, tls, name, keys, **environment):
        self.home_directory = pathlib.Path(home.place) / f"home-{name}"
        self.home_directory.mkdir()
        of_keys = {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]} if keys else {}
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home_directory),
            **tls.environment,
            **of_keys,
            **environment,
        }

    def run(self, *arguments, **environment):
        told = {name: value for name, value in {**self.environment, **environment}.items() if value is not None}
        return subprocess.run(
            [str(COMMAND), *arguments],
            cwd=self.home_directory,
            env=told,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def kept(self, folder):
        return sorted((self.home_directory / ".cache" / "towpath" / folder).glob("*"))


def main():
    report = Report("command")
    with Cloud(("command",), "command") as home, Tls(home.emulator, home.place) as tls:
        keeper = Command(home, tls, "keeper", home.keys)
        with_iam(home, report, keeper)
        with_given_keys(home, report, keeper)
        named_otherwise(home, report, keeper)
        refused(home, report, tls)
        lost(home, report, tls)
    report.finish()


def with_iam(home, report, keeper):
    """The address that AWS guards: a whole journey, verb by verb."""
    asked = Asked(report, keeper, "with IAM", "--endpoint", home.deployed["ApiIamEndpoint"])
    asked.says("no pipeline yet", "ls")
    file = keeper.home_directory / "pipeline.json"
    gate = home.gate("command")
    gate.touch()
    file.write_text(json.dumps({"pipeline": pipeline(home, gate)}))
    asked.says("command", "apply", str(file), "--yes")
    asked.says("", "diff", str(file))
    asked.ends(1, "Build", "watch", "command", "--exit-status")
    asked.says("Build/Compile", "logs", "command", "--failed")
    asked.says("Failed", "history", "command", "--json")
    gate.unlink()
    asked.says("Build", "retry", "command")
    asked.ends(3, "towpath approve command", "watch", "command", "--exit-status", "--no-wait")
    asked.says("Approve/Release", "why", "command")
    asked.says("Approve", "approve", "command", "--summary", "As agreed")
    asked.ends(0, "", "watch", "command", "--exit-status")
    asked.says("command", "show", "command")
    asked.says("command", "start", "command")
    asked.says("", "pause", "command", "Approve", "--reason", "wait")
    asked.says("", "resume", "command", "Approve")
    asked.ends(3, "", "watch", "command", "--exit-status", "--no-wait")
    asked.says("", "reject", "command", "--summary", "Not yet")
    asked.ends(1, "", "watch", "command", "--exit-status")
    asked.says("command", "start", "command")
    asked.says("", "stop", "command", "--abandon", "--reason", "Enough")
    asked.ends(2, "", "watch", "command", "--exit-status")
    answers = [run["output"] for run in runs(home) if run["actionName"] == "Release"]
    by = {answer.get("executionResult", {}).get("externalExecutionSummary") for answer in answers}
    report.check({"As agreed", "Not yet"} <= by, "with IAM: what was answered is in the history", sorted(map(str, by)))
    doors = [path.read_text() for path in keeper.kept("doors")]
    report.check(doors == ["aws"], "with IAM: whose door it is was asked once and kept", doors)
    report.check(not keeper.kept("credentials"), "with IAM: no keys are exchanged")


def with_given_keys(home, report, keeper):
    """The address at which the deployment gives keys: we fetch them as `towpath credentials` does."""
    address = home.deployed["ApiEndpoint"]
    asked = Asked(report, keeper, "with given keys", "--endpoint", address)
    asked.says("command", "ls")
    kept = keeper.kept("credentials")
    report.check(len(kept) == 1, "with given keys: they are kept", kept)
    mode = stat.S_IMODE(kept[0].stat().st_mode)
    report.check(mode == 0o600, "with given keys: for their owner only", oct(mode))
    before = kept[0].read_text()
    asked.says("command", "start", "command")
    asked.ends(3, "", "watch", "command", "--exit-status", "--no-wait")
    asked.says("", "approve", "command")
    asked.ends(0, "", "watch", "command", "--exit-status")
    asked.says("Build/Compile", "logs", "command")
    report.check(kept[0].read_text() == before, "with given keys: they are used again")
    printed = keeper.run("credentials", "--endpoint", address)
    report.check(
        printed.returncode == 0 and json.loads(printed.stdout) == json.loads(before),
        "with given keys: `towpath credentials` prints the same",
        printed.stderr,
    )
    given = json.loads(before)
    names = {
        "AWS_ACCESS_KEY_ID": "AccessKeyId",
        "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
        "AWS_SESSION_TOKEN": "SessionToken",
    }
    told = keeper.run("ls", "--endpoint", address, **{name: given[member] for name, member in names.items()})
    report.check(
        told.returncode == 0 and "command" in told.stdout,
        "with given keys: who has them already needs no others",
        told.stderr,
    )
    kept[0].write_text(json.dumps({**given, "SecretAccessKey": "another"}))
    told = keeper.run("ls", "--endpoint", address)
    report.check(
        told.returncode == 5 and "ask again" in told.stderr and not keeper.kept("credentials"),
        "with given keys: keys that are no longer taken are forgotten",
        told.stderr,
    )
    asked.says("command", "ls")


def named_otherwise(home, report, keeper):
    """The same deployment, named by its stack, by the environment, and the identity by a profile."""
    aws = {"AWS_ENDPOINT_URL": home.emulator.endpoint}
    by_stack = ["ls", "--stack", deploy.STACK, "--region", "us-east-1"]
    told = keeper.run(*by_stack, **aws)
    report.check(
        told.returncode == 5 and "cloudformation:DescribeStacks" in told.stderr,
        "by its stack: who may not look at stacks is told so",
        told.stderr,
    )
    policy = roles.document(roles.allow(["cloudformation:DescribeStacks"]))
    home.emulator.client("iam").put_user_policy(UserName=roles.KEEPER, PolicyName="look", PolicyDocument=policy)
    told = keeper.run(*by_stack, **aws)
    report.check(told.returncode == 0 and "command" in told.stdout, "by its stack: it is found", told.stderr)
    told = keeper.run("ls", "--stack", "another", "--region", "us-east-1", **aws)
    report.check(told.returncode == 5 and "another" in told.stderr, "by its stack: one that is not there", told.stderr)
    told = keeper.run("ls", "--stack", deploy.STACK, **aws)
    report.check(told.returncode == 5 and "--region" in told.stderr, "by its stack: a Region is asked for", told.stderr)
    named = {"AWS_ENDPOINT_URL_CODEPIPELINE": home.deployed["ApiIamEndpoint"]}
    told = keeper.run("show", "command", **named)
    report.check(told.returncode == 0 and "Approve" in told.stdout, "by the environment: it is found", told.stderr)
    profiles = keeper.home_directory / ".aws" / "credentials"
    profiles.parent.mkdir()
    profiles.write_text(f"[work]\naws_access_key_id={home.keys[0]}\naws_secret_access_key={home.keys[1]}\n")
    no_keys = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    for words, environment in ((["--profile", "work"], {}), ([], {"AWS_PROFILE": "work"})):
        told = keeper.run("ls", *words, **named, **no_keys, **environment)
        report.check(
            told.returncode == 0 and "command" in told.stdout, "a profile says whose identity it is", told.stderr
        )
    one_profile_for_all(home, report, keeper, no_keys)


def one_profile_for_all(home, report, keeper, no_keys):
    """The profile that stock clients take, as docs/api.md has it, says everything."""
    address = home.deployed["ApiEndpoint"]
    keeper.home_directory.joinpath(".aws", "config").write_text(f"""
[profile towpath]
credential_process = {COMMAND} credentials --endpoint {address} --profile work
services = towpath

[services towpath]
codepipeline =
  endpoint_url = {address}
""")
    for path in keeper.kept("credentials"):
        path.unlink()
    for words, environment in ((["--profile", "towpath"], {}), ([], {"AWS_PROFILE": "towpath"})):
        told = keeper.run("ls", *words, **no_keys, **environment)
        sentence = "one profile serves stock clients and towpath"
        report.check(told.returncode == 0 and "command" in told.stdout, sentence, told.stderr)
    told = keeper.run("credentials", "--endpoint", address, **no_keys, AWS_PROFILE="towpath")
    report.check(
        told.returncode == 5 and "--profile" in told.stderr, "a profile whose keys are ours is no identity", told.stderr
    )


def refused(home, report, tls):
    """Whom IAM does not let in, and whom the deployment does not."""
    endpoints = {"with IAM": home.deployed["ApiIamEndpoint"], "with given keys": home.deployed["ApiEndpoint"]}
    barred = Command(home, tls, "barred", make_user(home, "barred", []))
    told = barred.run("ls", "--endpoint", endpoints["with IAM"])
    report.check(
        told.returncode == 5 and "lambda:InvokeFunctionUrl" in told.stderr and "AWS does not let" in told.stderr,
        "with IAM: who has no permission is told which",
        told.stderr,
    )
    nobody = Command(home, tls, "nobody", make_user(home, "nobody", MAY_CALL))
    for name, endpoint in endpoints.items():
        told = nobody.run("ls", "--endpoint", endpoint)
        report.check(
            told.returncode in (1, 5) and "Principals" in told.stderr,
            f"{name}: whom the deployment does not know is told who decides that",
            told.stderr,
        )
    forger = Command(home, tls, "forger", (home.keys[0], "canary"))
    for name, endpoint in endpoints.items():
        told = forger.run("ls", "--endpoint", endpoint)
        report.check(
            told.returncode in (1, 5) and told.stderr and "canary" not in told.stderr + told.stdout,
            f"{name}: a wrong secret opens nothing and is not shown",
            told.stderr,
        )
        report.check("ignature" in told.stderr or "STS" in told.stderr, f"{name}: and it says why", told.stderr)
    stranger = Command(home, tls, "stranger", ("AKIAUNKNOWN000000000", "none"))
    told = stranger.run("ls", "--endpoint", endpoints["with IAM"])
    report.check(
        told.returncode == 5 and "AWS does not take the key" in told.stderr, "with IAM: a key of nobody", told.stderr
    )
    keyless = Command(home, tls, "keyless", None)
    for name, endpoint in endpoints.items():
        told = keyless.run("ls", "--endpoint", endpoint, PATH="/nowhere")
        report.check(
            told.returncode == 5 and "who you are" in told.stderr and "AWS_PROFILE" in told.stderr,
            f"{name}: without keys it says how to have some",
            told.stderr,
        )


def lost(home, report, tls):
    """Addresses at which no deployment is, and answers that nobody should believe."""
    fresh = Command(home, tls, "fresh", home.keys)

    def says(sentence, words, endpoint, status=5, **environment):
        told = fresh.run("ls", "--endpoint", endpoint, **environment)
        report.check(told.returncode == status and words in told.stderr, sentence, f"{told.returncode} {told.stderr}")

    endpoint = home.deployed["ApiIamEndpoint"]
    untrusted = {"SSL_CERT_FILE": None, "SSL_CERT_DIR": "/nowhere"}
    unreachable = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    says("a certificate that nobody vouches for is refused", "invalid peer certificate", endpoint, 1, **untrusted)
    says("a proxy that is not there is told", "HTTPS_PROXY", endpoint, 1, **unreachable)
    says("a deployment is not asked without TLS", "over https only", endpoint.replace("https://", "http://"))
    says("an address that leads elsewhere is told apart", "sends us elsewhere", f"https://{ELSEWHERE}", 1)
    says("somebody else's page is told apart", "no deployment of Towpath", f"https://{PAGE}")
    unknown = f"https://{'a' * 32}.lambda-url.{REGION}.on.aws"
    says("an address of nobody is named", unknown, unknown)
    strayed = [request for _, request in tls.strayed]
    signed = [request for request in strayed if "authorization" in request.lower() or home.keys[0] in request]
    report.check(len(strayed) == 2 and not signed, "strangers get nothing that was signed", strayed)
    # Now whose door it is is kept, and what is met there is met by a request that is signed.
    says("a deployment is found", "", endpoint, 0)
    says(
        "there, too, a certificate that nobody vouches for is refused",
        "invalid peer certificate",
        endpoint,
        **untrusted,
    )
    says("there, too, a proxy that is not there is told", "HTTPS_PROXY", endpoint, **unreachable)
    (fresh.kept("doors")[0].parent / f"{ELSEWHERE.replace('.', '_')}.json").write_text("aws")
    says("an answer that leads elsewhere is not followed", "(status 302)", f"https://{ELSEWHERE}", 1)
    report.check([host for host, _ in tls.strayed].count(PAGE) == 1, "nobody went where it leads", tls.strayed)
    forged = {"AWS_ACCESS_KEY_ID": "TOWPFORGEDFORGED0000", "AWS_SESSION_TOKEN": "v1.a.b.c"}
    says("keys that were not given there are not taken", "towpath credentials", home.deployed["ApiEndpoint"], **forged)


class Asked:
    """Verbs at one address: each must end as it should, and say something."""

    def __init__(self, report, command, title, *address):
        self.report, self.command, self.title, self.address = report, command, title, address

    def says(self, words, *arguments):
        self.ends(0, words, *arguments)

    def ends(self, status, words, *arguments):
        done = self.command.run(*arguments, *self.address)
        said = done.stdout + done.stderr
        sentence = f"{self.title}: towpath {' '.join(arguments[:2])}".replace(str(self.command.home_directory), "")
        self.report.check(
            done.returncode == status and words in said, f"{sentence} ends with {status}", f"{done.returncode} {said}"
        )
        return done


def make_user(home, name, actions):
    iam = home.emulator.client("iam")
    iam.create_user(UserName=name)
    if actions:
        iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=roles.document(roles.allow(actions)))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


def pipeline(home, gate):
    return {
        "name": "command",
        "pipelineType": "V2",
        "executionMode": "SUPERSEDED",
        "stages": [commit("command"), build(GATE=gate), approval()],
        **home.store(),
    }


def runs(home):
    return home.client.list_action_executions(pipelineName="command")["actionExecutionDetails"]


if __name__ == "__main__":
    main()
