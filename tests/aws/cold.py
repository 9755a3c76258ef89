"""How large each program is, how fast it starts and how much memory it takes, next to one that does nothing.

All stand before the same stub of Lambda's Runtime API, one after the other in each round, so that a busy machine
is busy for all of them. Services of AWS are a stub that knows nothing and says so at once: what is measured
is our start and not their work.
"""

import http.server
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import threading
import time

import template
from deploy import PROGRAMS, ROOT

sys.path.insert(0, str(ROOT / "tests" / "clients"))

from report import Report  # noqa: E402

ROUNDS = int(os.environ.get("TOWPATH_COLD_ROUNDS", "15"))
BARE = "hello"
FUNCTIONS = (
    "source-change",
    "action-completion",
    "start-action",
    "sweep",
    "publish",
    "notify",
    "deliver",
    "webhook",
    "api",
)
INIT_TIMES_MAX = {"source-change": 2.0}
# Megabytes as Lambda counts them, of 1024 times 1024 bytes.
MEGABYTE = 1024 * 1024
# 4 for all others.
ZIP_MEGABYTES_MAX = {"start-action": 8.0, "action-completion": 8.0}
PEAK_MEGABYTES_MAX = 64.0
NOTHING = {"Records": []}
# One that has a URL is asked for a page that is not there.
ASKED = {
    "version": "2.0",
    "rawPath": "/nothing",
    "rawQueryString": "",
    "headers": {"host": "example.lambda-url.us-east-1.on.aws"},
    "requestContext": {
        "accountId": "anonymous",
        "apiId": "example",
        "domainName": "example.lambda-url.us-east-1.on.aws",
        "domainPrefix": "example",
        "http": {
            "method": "GET",
            "path": "/nothing",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "-",
        },
        "requestId": "1",
        "routeKey": "$default",
        "stage": "$default",
        "time": "12/Mar/2026:19:03:58 +0000",
        "timeEpoch": 1773342238000,
    },
    "routeKey": "$default",
    "isBase64Encoded": False,
}


class Stub:
    """Answers to a program as the Runtime API does: one event, and then nothing more."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]

    def run(self, program, event, environment):
        """Returns the milliseconds to the first `/next` and of the first invocation, and the peak in KiB."""
        began = time.perf_counter()
        process = subprocess.Popen(
            [program],
            env={**environment, "AWS_LAMBDA_RUNTIME_API": self.address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.wait_for("/next")
            ready = time.perf_counter()
            self.answer(event)
            self.wait_for("/response", "/error")
            done = time.perf_counter()
            return (ready - began) * 1000, (done - ready) * 1000, peak_kib(process.pid)
        finally:
            process.kill()
            process.wait()

    def wait_for(self, *ends):
        """Reads requests until one whose path ends so; its connection stays for the answer."""
        while True:
            self.connection, _ = self.listener.accept()
            self.connection.settimeout(20)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            path = self.read()
            if path and path.endswith(ends):
                return

    def read(self):
        stream = self.connection.makefile("rb")
        first = stream.readline().decode()
        length = 0
        while (line := stream.readline().decode().strip().lower()) != "":
            if line.startswith("content-length:"):
                length = int(line.split(":")[1])
        stream.read(length)
        return first.split(" ")[1] if first else None

    def answer(self, event):
        body = json.dumps(event).encode()
        deadline = int(time.time() * 1000) + 30000
        head = (
            "HTTP/1.1 200 OK\r\nConnection: close\r\nLambda-Runtime-Aws-Request-Id: 1\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline}\r\n"
            "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:f\r\n"
            "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.connection.sendall(head.encode() + body)
        self.connection.close()


SECRET = {"ARN": "arn:aws:secretsmanager:-", "Name": "-", "VersionId": "-", "SecretString": "0123456789abcdef" * 4}


class Nothing(http.server.BaseHTTPRequestHandler):
    """A service that has nothing, but for the secret without which two of ours do not open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_secret = self.headers.get("X-Amz-Target", "").endswith(".GetSecretValue")
        answer = json.dumps(SECRET if is_secret else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *_):
        """Says nothing."""


def peak_kib(process):
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def environment(endpoint):
    """What the template sets, with names that stand for anything."""
    told = {
        name: "towpath"
        for name in (
            "AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_ACCESS_KEY_ID "
            "AWS_SECRET_ACCESS_KEY TOWPATH_TABLE TOWPATH_BUS TOWPATH_ARTIFACT_BUCKET"
        ).split()
    }
    return told | {
        "PATH": "/usr/bin:/bin",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "TOWPATH_ACCOUNT": "000000000000",
        "TOWPATH_DEPLOYMENT": "0123456789abcdef",
        "TOWPATH_HINTS_QUEUE": f"{endpoint}/000000000000/hints",
        "TOWPATH_TOPIC": "arn:aws:sns:us-east-1:000000000000:towpath",
        "TOWPATH_DELIVERIES_QUEUE": f"{endpoint}/000000000000/deliveries",
        "TOWPATH_SUBSCRIBERS": "arn:aws:secretsmanager:us-east-1:000000000000:secret:subscribers",
        "TOWPATH_LEVELS": "pipeline,stage,action",
        "TOWPATH_SECRET": "arn:aws:secretsmanager:us-east-1:000000000000:secret:towpath",
        "TOWPATH_PUBLIC_URL": "https://example.lambda-url.us-east-1.on.aws",
        "TOWPATH_API_URL": "https://example.lambda-url.us-east-1.on.aws",
        "TOWPATH_LOG": "error",
    }


def main():
    report = Report("cold")
    services = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Nothing)
    services.daemon_threads = True
    threading.Thread(target=services.serve_forever, daemon=True).start()
    told = environment("http://127.0.0.1:%d" % services.server_address[1])
    found = {name: PROGRAMS / f"function-{name}" for name in FUNCTIONS} | {BARE: PROGRAMS / BARE}
    for name, path in found.items():
        if not path.exists():
            sys.exit(f"{path} does not exist: cargo build --release -p {path.name}")
    measured = {name: [] for name in found}
    for _ in range(ROUNDS):
        for name, path in found.items():
            event = ASKED if name in ("webhook", "api") else NOTHING
            measured[name].append(Stub().run(path, event, told))
    services.shutdown()
    judge(report, found, measured)
    report.finish()


def judge(report, found, measured):
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in measured.items()}
    bare = medians[BARE][0]
    print(f"{'program':18} {'bytes':>10} {'zip MB':>7} {'init ms':>8} {'x bare':>7} {'first ms':>9} {'peak MB':>8}")
    for name, (init, first, peak) in medians.items():
        packed = len(template.zipped(found[name], level=9)) / MEGABYTE
        times = init / bare
        size = pathlib.Path(found[name]).stat().st_size
        print(f"{name:18} {size:10} {packed:7.2f} {init:8.2f} {times:7.2f} {first:9.2f} {peak / 1024:8.1f}")
        if name == BARE:
            continue
        # Told and not judged: a busy machine is not a slow program.
        times_max = INIT_TIMES_MAX.get(name, 3.0)
        if times > times_max:
            print(f"  {name} starts in {times:.2f} times of nothing; {times_max} are wanted")
        megabytes_max = ZIP_MEGABYTES_MAX.get(name, 4.0)
        report.check(packed <= megabytes_max, f"{name} is at most {megabytes_max} MB", f"{packed:.2f}")
        report.check(peak / 1024 <= PEAK_MEGABYTES_MAX, f"{name} takes at most {PEAK_MEGABYTES_MAX} MB", peak)


if __name__ == "__main__":
    main()
