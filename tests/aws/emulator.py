"""An emulated AWS for one test: a process, a port and a directory of its own, and the clients that reach it."""

import atexit
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
from botocore.config import Config

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = ROOT / "target" / "aws"
ACCOUNT = "000000000000"
REGION = "us-east-1"
STARTS_WITHIN_SECONDS = 60
STOPS_WITHIN_SECONDS = 10


class Emulator:
    """Use as a context: what was started is stopped, and its directory is gone."""

    def __init__(self, name, enforces_permissions=False, haste=1.0):
        self.name = name
        self.enforces_permissions = enforces_permissions
        self.haste = haste
        self.process = None
        TARGET.joinpath("logs").mkdir(parents=True, exist_ok=True)
        self.log = TARGET / "logs" / f"{name}.emulator.log"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix=f"towpath-aws-{self.name}-"))
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / "launcher.py")],
                cwd=self.place,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        atexit.register(self.stop)
        self.wait_until_it_serves()

    def environment(self):
        """Nothing of the caller's: functions would inherit it, and so would a wrong answer."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.place),
            "TMPDIR": str(self.place),
            "PYTHONPATH": str(HERE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            # It would listen on every interface, whatever BIND_HOST says.
            "IOT_MTLS_ENABLED": "0",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AUTH": "true" if self.enforces_permissions else "false",
            "LOG_LEVEL": os.environ.get("TOWPATH_EMULATOR_LOG", "WARNING"),
            "TOWPATH_TEST_HASTE": str(self.haste),
            **{name: value for name, value in os.environ.items() if name in ("TOWPATH_TESTS", "TOWPATH_AWS")},
        }

    def wait_until_it_serves(self):
        last = time.monotonic() + STARTS_WITHIN_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=5).read()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > last:
                    self.stop()
                    sys.exit(f"the emulator did not start:\n{self.log.read_text()[-3000:]}")
                time.sleep(0.05)

    def stop(self):
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        shutil.rmtree(self.place, ignore_errors=True)

    def client(self, service, **more):
        """Returns a stock client of a service, as the account's root unless told otherwise."""
        settings = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION, **more}
        return boto3.client(service, endpoint_url=self.endpoint, config=patient(), **settings)

    def control(self, what, **told):
        """Asks the launcher's own door; see control.py."""
        request = urllib.request.Request(f"{self.endpoint}/_test/{what}", data=json.dumps(told).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def patient(**more):
    return Config(retries={"max_attempts": 3, "mode": "standard"}, connect_timeout=5, read_timeout=60, **more)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
