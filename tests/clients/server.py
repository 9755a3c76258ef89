"""Starts `towpath up` for one test, on a port of its own and in a directory of its own, and always stops it."""

import atexit
import configparser
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "target" / "clients"
PROGRAM = pathlib.Path(os.environ.get("TOWPATH", ROOT / "target" / "release" / "towpath"))
STARTS_WITHIN_SECONDS = 30
STOPS_WITHIN_SECONDS = 20


class Server:
    """A server that runs, and what a client must know to reach it."""

    def __init__(self, name, site=(), more=(), data=None):
        """`site` are pairs such as `("repository", "site", path)`; `more` are further arguments."""
        self.name = name
        self.place = TARGET / "work" / name
        self.data = pathlib.Path(data) if data else self.place / "data"
        self.log = self.place / "server.log"
        self.arguments = ["up", "--data", str(self.data), "--port", "0"]
        for flag, key, path in site:
            self.arguments += [f"--{flag}", f"{key}={path}"]
        self.arguments += [str(word) for word in more]
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Starts the server and waits until it serves. `TOWPATH_SERVER` names the data directory of one
        that runs already, which is then used and left alone."""
        self.place.mkdir(parents=True, exist_ok=True)
        if running := os.environ.get("TOWPATH_SERVER"):
            self.data = pathlib.Path(running)
            self.read_card()
            return
        if not PROGRAM.exists():
            sys.exit(f"{PROGRAM} does not exist: cargo build --release -p towpath")
        card = self.data / "server.json"
        card.unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.place,
                start_new_session=True,
            )
        atexit.register(self.stop)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        last = time.monotonic() + STARTS_WITHIN_SECONDS
        while not card.exists() or not card.read_text().strip():
            if self.process.poll() is not None or time.monotonic() > last:
                self.stop()
                sys.exit(f"towpath up did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)
        self.read_card()

    def read_card(self):
        card = json.loads((self.data / "server.json").read_text())
        self.endpoint = card["endpoint"]
        self.port = int(self.endpoint.rsplit(":", 1)[1].strip("/"))
        self.region = card.get("region", "us-east-1")
        self.credentials = self.data / "credentials"
        self.pid = card.get("pid")

    def stop(self):
        """Asks the server to end, and ends it if it does not. Returns its exit status."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOPS_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                print(f"FAILED  {self.name}: the server did not stop within {STOPS_WITHIN_SECONDS} s", flush=True)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return process.wait()

    def is_alive(self):
        """Says whether the process still runs; a server that was found running is taken at its word."""
        return self.process is None or self.process.poll() is None

    def keys(self, profile="towpath"):
        """Returns the key pair of a profile of the credentials file."""
        profiles = configparser.ConfigParser()
        profiles.read(self.credentials)
        return profiles[profile]["aws_access_key_id"], profiles[profile]["aws_secret_access_key"]

    def profiles(self):
        profiles = configparser.ConfigParser()
        profiles.read(self.credentials)
        return profiles.sections()

    def add_key(self, name, *roles):
        """Makes a key pair for somebody, as an administrator of the machine would: it is in force at once."""
        command = [PROGRAM, "key", "add", name, "--data", self.data]
        for role in roles:
            command += ["--role", role]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        pair = dict(line.split(" = ") for line in told.splitlines())
        return pair["aws_access_key_id"], pair["aws_secret_access_key"]

    def environment(self, profile="towpath"):
        """Returns the environment in which stock clients find the server, and nothing of the caller's AWS."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials),
            "AWS_CONFIG_FILE": str(self.place / "no-config"),
            "AWS_PROFILE": profile,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL_CODEPIPELINE": self.endpoint,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }


def fresh_place(name):
    """Makes the empty directory in which a test may write."""
    place = TARGET / "work" / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


CLIENT_ID = "5f0c7f5e-8a0e-4b7d-9a53-6a2d53cf4a10"


def third_party(place, type_id, client_token, client_id=CLIENT_ID):
    """Writes the file that registers a third-party action type, and returns the arguments that name it."""
    path = place / "third-party-type.json"
    path.write_text(
        json.dumps(
            {
                "clientId": client_id,
                "clientToken": client_token,
                "id": type_id,
                "description": "Runs on a partner's machines.",
                "executor": {
                    "type": "JobWorker",
                    "configuration": {"jobWorkerExecutorConfiguration": {"pollingAccounts": ["000000000000"]}},
                    "jobTimeout": 3600,
                },
                "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 5},
                "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 5},
                "properties": [
                    {"name": "Depth", "optional": True, "key": False, "noEcho": False, "description": "How deep."},
                    {"name": "Password", "optional": True, "key": False, "noEcho": True, "description": "A secret."},
                ],
            },
            indent=2,
        )
    )
    path.chmod(0o600)
    return ["--third-party-type", path]
