"""Bad input through every door: nothing may answer 5xx, hang or fall over, and answers come fast in the
protocol of the question."""

import re
import resource
import select
import socket
import statistics
import time

import cbor
import naughty
import raw_requests
import server
from report import Report
from wires import CBOR, JSON, SHORT, WIRES, Wire

ANSWER_SECONDS_MAX = 0.1
# An answer that took long is asked for again: once may be the machine, always is the input.
TRIES = 5
IDLE_CONNECTIONS = 1000
MEMORY_MIB_MAX = 512


class Hostile:
    def __init__(self, running, report):
        self.running, self.report = running, report
        self.wires = {wire: Wire(running, wire) for wire in WIRES}
        self.slowest = (0.0, "")
        self.asked = 0

    def note(self, seconds, name):
        self.asked += 1
        self.slowest = max(self.slowest, (seconds, name))

    def timely(self, name, ask):
        """Asks, and asks again if the answer took long: once may be the machine, always is the input."""
        taken = []
        for _ in range(TRIES):
            started = time.monotonic()
            answer = ask()
            taken.append(time.monotonic() - started)
            if taken[-1] <= ANSWER_SECONDS_MAX:
                break
        self.note(min(taken), name)
        if min(taken) > ANSWER_SECONDS_MAX:
            self.report.failed(f"{name}: took {min(taken) * 1000:.0f} ms")
        return answer

    def signed_bodies(self):
        """Bodies with a good signature, so that whatever reads bodies gets to read them."""
        kinds = {
            JSON: (naughty.json_bodies(), naughty.json_oddities()),
            CBOR: (naughty.cbor_bodies(), naughty.cbor_oddities()),
        }
        for protocol, (bad, odd) in kinds.items():
            wrong = 0
            for is_bad, bodies in ((True, bad), (False, odd)):
                for name, body in bodies:
                    answer = self.ask_body(protocol, name, body)
                    is_refused = answer.status in (400, 413) and not faults_of_form(answer)
                    holds = is_refused if is_bad else is_refused or answer.is_good
                    if is_bad and answer.code not in (
                        "SerializationException",
                        "ValidationException",
                        "RequestEntityTooLargeException",
                    ):
                        holds = False
                    if not holds:
                        wrong += 1
                        self.report.failed(f"{SHORT[protocol]} body, {name}", str(answer)[:600])
            self.report.check(wrong == 0, f"{SHORT[protocol]} bodies that are none are refused in {SHORT[protocol]}")

    def ask_body(self, protocol, name, body):
        wire = self.wires[protocol]
        path, headers = wire.address("StartPipelineExecution")
        return self.timely(
            f"{SHORT[protocol]} body, {name}", lambda: wire.send("StartPipelineExecution", path, headers, body)
        )

    def texts(self):
        """Texts that software trips over, in every place where people write."""
        places = [
            ("StartPipelineExecution", lambda text: {"name": text}),
            ("StartPipelineExecution", lambda text: {"name": "p", "variables": [{"name": "v", "value": text}]}),
            (
                "DisableStageTransition",
                lambda text: {"pipelineName": "p", "stageName": "s", "transitionType": "Inbound", "reason": text},
            ),
            ("StopPipelineExecution", lambda text: {"pipelineName": "p", "pipelineExecutionId": text, "reason": text}),
            ("TagResource", lambda text: {"resourceArn": text, "tags": [{"key": text, "value": text}]}),
            ("ListPipelines", lambda text: {"nextToken": text}),
            (
                "PutJobFailureResult",
                lambda text: {"jobId": text, "failureDetails": {"type": "JobFailed", "message": text}},
            ),
            (
                "PutWebhook",
                lambda text: {
                    "webhook": {
                        "name": "w",
                        "targetPipeline": "p",
                        "targetAction": "a",
                        "filters": [{"jsonPath": text, "matchEquals": text}],
                        "authentication": "IP",
                        "authenticationConfiguration": {"AllowedIPRange": text},
                    }
                },
            ),
            (
                "CreateCustomActionType",
                lambda text: {
                    "category": "Test",
                    "provider": "x",
                    "version": "1",
                    "settings": {"entityUrlTemplate": text},
                    "configurationProperties": [
                        {"name": text, "required": True, "key": True, "secret": False, "description": text}
                    ],
                    "inputArtifactDetails": {"minimumCount": 5, "maximumCount": 0},
                    "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 0},
                },
            ),
        ]
        wrong = 0
        for operation, request in places:
            for text in naughty.texts():
                for wire in self.wires.values():
                    name = f"{operation} with {text[:20]!r}"
                    answer = self.timely(name, lambda: wire.ask(operation, request(text)))
                    if answer.status not in (200, 400, 409) or answer.faults:
                        wrong += 1
                        self.report.failed(name, str(answer)[:600])
        self.report.check(wrong == 0, "odd texts are answered properly wherever people write")

    def headers(self):
        """Signed requests whose headers do not say what they should."""
        wrong = 0
        for protocol, wire in self.wires.items():
            path, good = wire.address("ListPipelines")
            body = b"{}" if protocol == JSON else cbor.written({})
            for content_type in (
                None,
                "",
                "text/plain",
                "text/html",
                "application/json",
                "application/xml",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/x-amz-json-1.0",
                "x",
                "application/cbor; charset=x",
                "application/x-amz-json-1.1; charset=utf-8",
                "application/cbor",
                "application/x-amz-json-1.1",
            ):
                headers = {name: value for name, value in good.items() if name != "Content-Type"}
                if content_type is not None:
                    headers["Content-Type"] = content_type
                name = f"{SHORT[protocol]} with Content-Type {content_type!r}"
                answer = self.timely(name, lambda: wire.send("ListPipelines", path, headers, body))
                if protocol == JSON and "cbor" in (content_type or ""):
                    # Two protocols at once: whichever is answered, it is a refusal.
                    answer.faults = [] if answer.status == 400 else ["must be refused"]
                if not (answer.status == 200 or 400 <= answer.status < 500) or faults_of_form(answer):
                    wrong += 1
                    self.report.failed(name, str(answer)[:600])
        json_wire = self.wires[JSON]
        for target in (
            "",
            "ListPipelines",
            "CodePipeline_20150709.Never",
            "CodePipeline_20150709.listPipelines",
            "Other_1.ListPipelines",
            "x" * 3000,
        ):
            headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
            answer = json_wire.send("Never", "/", headers, b"{}")
            if answer.code not in ("UnknownOperationException", "AccessDeniedException") or answer.faults:
                wrong += 1
                self.report.failed(f"the target {target[:30]!r} is refused", str(answer)[:600])
        cbor_wire = self.wires[CBOR]
        for path in ("/service/CodePipeline_20150709/operation/Never", "/service/Never/operation/ListPipelines"):
            answer = cbor_wire.send("Never", path, cbor_wire.address("ListPipelines")[1], cbor.written({}))
            if answer.code != "UnknownOperationException" or answer.faults:
                wrong += 1
                self.report.failed(f"{path} is refused", str(answer)[:600])
        headers = {**cbor_wire.address("ListPipelines")[1], "X-Amz-Target": "CodePipeline_20150709.ListPipelines"}
        answer = cbor_wire.send("ListPipelines", cbor_wire.address("ListPipelines")[0], headers, cbor.written({}))
        self.report.check(answer.status == 400, "a CBOR request with X-Amz-Target is refused", str(answer)[:600])
        self.report.check(wrong == 0, "headers that say something else are answered properly")

    def raw(self):
        """Requests as bytes."""
        wrong = 0
        for name, content, is_ambiguous in raw_requests.requests(self.running.port):
            quickest = None
            for _ in range(TRIES):
                answered, seconds = self.exchange(content)
                quickest = seconds if quickest is None else min(seconds, quickest)
                if quickest <= ANSWER_SECONDS_MAX:
                    break
            self.note(quickest, f"raw, {name}")
            statuses = [int(status) for status in re.findall(rb"(?:^|\n)HTTP/1\.[01] (\d\d\d)", answered)]
            final = [status for status in statuses if status != 100]
            holds = all(400 <= status < 500 for status in final) and (len(final) <= 1 or not is_ambiguous)
            if not holds:
                wrong += 1
                self.report.failed(f"raw, {name}", answered[:300].decode("latin-1"))
        self.report.check(wrong == 0, "requests that no library sends are refused once, with 4xx or by hanging up")

    def exchange(self, content):
        """Sends bytes, waits for what comes back, says that no more come, and waits for the rest. Returns it all,
        and how long the first of it took; where nothing came before the end was said, that is not an answer's time."""
        answered, seconds = b"", 0.0
        with socket.create_connection(("127.0.0.1", self.running.port), timeout=5) as connection:
            started = time.monotonic()
            try:
                connection.sendall(content)
                if select.select([connection], [], [], 0.25)[0]:
                    answered = connection.recv(65536)
                    seconds = time.monotonic() - started
                    # What else was taken for a request gets its answer now.
                    while select.select([connection], [], [], 0.03)[0]:
                        if not (piece := connection.recv(65536)):
                            return answered, seconds
                        answered += piece
                connection.shutdown(socket.SHUT_WR)
                while piece := connection.recv(65536):
                    answered += piece
            except TimeoutError:
                self.report.failed("an end within 5 s", content[:80].decode("latin-1"))
            except OSError:
                # Hung up before the end: what came before still counts.
                pass
        return answered, seconds

    def slow_and_idle(self):
        """A thousand connections that say nothing and fifty that speak a byte at a time hold up nobody."""
        files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, max(files, 4096)), most))
        address = ("127.0.0.1", self.running.port)
        idle = [socket.create_connection(address, timeout=5) for _ in range(IDLE_CONNECTIONS)]
        slow = [socket.create_connection(address, timeout=5) for _ in range(50)]
        word = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
        taken = []
        for letter in word[:50]:
            for connection in slow:
                try:
                    connection.send(bytes([letter]))
                except (ConnectionError, BrokenPipeError):
                    pass
            answer = self.wires[JSON].ask("ListPipelines")
            taken.append(answer.seconds)
            if not answer.is_good:
                self.report.failed("others are answered", str(answer))
        self.report.check(
            statistics.median(taken) < ANSWER_SECONDS_MAX,
            f"{IDLE_CONNECTIONS} idle and 50 slow connections hold up nobody: {statistics.median(taken) * 1000:.1f} ms, "
            f"{max(taken) * 1000:.1f} ms at most",
        )
        open_ones = sum(1 for connection in idle if not select.select([connection], [], [], 0)[0])
        self.report.ok(f"{open_ones} of {IDLE_CONNECTIONS} idle connections were let be")
        for connection in idle + slow:
            connection.close()
        for _ in range(2000):
            socket.create_connection(address, timeout=5).close()
        self.report.check(self.wires[JSON].ask("ListPipelines").is_good, "2 000 that come and go hurt nobody")

    def memory(self):
        """Says how much memory the server ever held."""
        try:
            with open(f"/proc/{self.running.process.pid}/status", encoding="utf-8") as status:
                held = int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) // 1024
        except (OSError, AttributeError):
            return
        self.report.check(held < MEMORY_MIB_MAX, f"the server never held more than {held} MiB")


def faults_of_form(answer):
    """Leaves out what only an answer of the API itself can have: its status, its codes and its request id. Whatever
    is turned away before it gets there is still told so in the protocol of the question."""
    apart = ("status 4", f"{answer.operation} does not answer", "there is no x-amzn-RequestId")
    return [fault for fault in answer.faults if not fault.startswith(apart)]


def main():
    report = Report("hostile")
    server.fresh_place("hostile")
    with server.Server("hostile") as running:
        hostile = Hostile(running, report)
        for part in (
            hostile.signed_bodies,
            hostile.texts,
            hostile.headers,
            hostile.raw,
            hostile.slow_and_idle,
            hostile.memory,
        ):
            try:
                part()
            except Exception as error:  # One door that breaks does not close the others.
                report.failed(part.__name__, repr(error))
            report.check(running.is_alive(), f"the server is alive after {part.__name__}")
        seconds, name = hostile.slowest
        report.check(
            seconds <= ANSWER_SECONDS_MAX,
            f"{hostile.asked} bad requests; the slowest answer took {seconds * 1000:.0f} ms: {name}",
        )
        text = running.log.read_text(errors="replace") if running.log.exists() else ""
        report.check("panicked" not in text, "the server's log tells of no panic", text[-1500:])
    report.finish()


if __name__ == "__main__":
    main()
