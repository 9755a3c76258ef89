"""The two wires, spoken without a client in between: requests as botocore writes and signs them, answers as
they come, and botocore's own parser asked what it makes of them."""

import dataclasses
import http.client
import json
import os
import pathlib
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.parsers
import botocore.serialize

import answers
import cbor
from api_model import MODEL, errors_of

JSON = "json"
CBOR = "smithy-rpc-v2-cbor"
WIRES = (JSON, CBOR)
SHORT = {JSON: "JSON", CBOR: "CBOR"}
NAMESPACE = "com.amazonaws.codepipeline#"


@dataclasses.dataclass
class Answer:
    """What came back, and everything that is wrong with its form."""

    operation: str
    status: int
    headers: dict
    body: bytes
    value: object
    code: str = ""
    message: str = ""
    faults: list = dataclasses.field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_good(self):
        return self.status == 200 and not self.faults

    def __str__(self):
        text = self.body[:600].decode("utf-8", "replace")
        return f"{self.operation}: {self.status} {self.code} {self.message} {self.faults} {text}"


class Wire:
    """A connection that stays open, and a protocol."""

    def __init__(self, server, protocol, keys=None, seen=None):
        self.server, self.protocol = server, protocol
        self.serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
        self.parser = self.parser_of(protocol)
        access_key, secret = keys or server.keys()
        credentials = botocore.credentials.Credentials(access_key, secret)
        self.signer = botocore.auth.SigV4Auth(credentials, "codepipeline", server.region)
        self.connection = None
        self.slowest = Answer("", 0, {}, b"", None)
        self.seen = open(seen or seen_file(), "ab")

    @staticmethod
    def parser_of(protocol):
        return botocore.parsers.create_parser(protocol)

    def ask(self, operation, request=None, **members):
        """Asks as a stock client would."""
        request = {**(request or {}), **members}
        model = MODEL.operation_model(operation)
        written = self.serializer.serialize_to_request(request, model)
        return self.send(operation, written["url_path"], dict(written["headers"]), written["body"])

    def ask_freely(self, operation, request):
        """Asks with a value that no serializer would write, such as a text where a list belongs."""
        body = json.dumps(request).encode() if self.protocol == JSON else cbor.written(request)
        return self.send(operation, *self.address(operation), body)

    def address(self, operation):
        """Returns the path and the headers of an operation."""
        target = MODEL.metadata["targetPrefix"]
        if self.protocol == JSON:
            headers = {"X-Amz-Target": f"{target}.{operation}", "Content-Type": "application/x-amz-json-1.1"}
            return "/", headers
        headers = {
            "smithy-protocol": "rpc-v2-cbor",
            "Accept": "application/cbor",
            "Content-Type": "application/cbor",
        }
        return f"/service/{target}/operation/{operation}", headers

    def send(self, operation, path, headers, body):
        """Signs and sends, again after a while if it was too much at once, and reads the answer."""
        for attempt in range(20):
            answer = self.send_once(operation, path, headers, body)
            if answer.code != "ThrottlingException":
                return answer
            time.sleep(0.05 * (attempt + 1))
        return answer

    def send_once(self, operation, path, headers, body):
        body = body.encode() if isinstance(body, str) else bytes(body)
        signed = botocore.awsrequest.AWSRequest("POST", self.server.endpoint.rstrip("/") + path, dict(headers), body)
        self.signer.add_auth(signed)
        started = time.monotonic()
        status, answered, content = self.exchange(path, dict(signed.headers), body)
        answer = Answer(operation, status, answered, content, None, seconds=time.monotonic() - started)
        self.seen.write(content + b"\n")
        self.read(answer)
        self.slowest = max(self.slowest, answer, key=lambda one: one.seconds)
        return answer

    def exchange(self, path, headers, body):
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
            try:
                self.connection.request("POST", path, body, headers)
                response = self.connection.getresponse()
                lowered = {name.lower(): value for name, value in response.getheaders()}
                return response.status, lowered, response.read()
            except (http.client.RemoteDisconnected, ConnectionError):
                # A server may close a connection that idled; the second try is on a fresh one.
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise

    def read(self, answer):
        """Reads the body and notes what is wrong with it, from its headers to its last member."""
        try:
            answer.value = self.decoded(answer.body)
        except Exception as error:  # Whatever a parser throws, the answer is at fault.
            answer.faults.append(f"the body cannot be read: {error!r}")
            return
        answer.faults += self.header_faults(answer)
        model = MODEL.operation_model(answer.operation) if answer.operation in MODEL.operation_names else None
        if answer.status != 200:
            self.read_error(answer, model)
        elif model is not None:
            answer.faults += self.body_faults(answer, model)
        self.ask_parser(answer, model)

    def decoded(self, body):
        if not body:
            return None
        if self.protocol == JSON:
            return json.loads(body)
        stream = self.parser.get_peekable_stream_from_bytes(body)
        value = self.parser.parse_data_item(stream)
        if stream.read():
            raise ValueError("bytes are left after the value")
        return value

    def header_faults(self, answer):
        expected = {JSON: "application/x-amz-json-1.1", CBOR: "application/cbor"}[self.protocol]
        if (answer.body or self.protocol == JSON) and answer.headers.get("content-type") != expected:
            yield f"Content-Type is {answer.headers.get('content-type')}"
        if not answer.headers.get("x-amzn-requestid"):
            yield "there is no x-amzn-RequestId"
        if self.protocol == CBOR and answer.headers.get("smithy-protocol") != "rpc-v2-cbor":
            yield "there is no smithy-protocol"
        if "x-amzn-query-error" in answer.headers:
            yield "x-amzn-query-error changes the code that clients see"

    def read_error(self, answer, model):
        value = answer.value if isinstance(answer.value, dict) else {}
        code, answer.message = value.get("__type", ""), value.get("message", "")
        answer.code = code.removeprefix(NAMESPACE)
        if self.protocol == CBOR and not code.startswith(NAMESPACE):
            answer.faults.append(f"__type {code!r} is not absolute")
        if not answer.code or not answer.message:
            answer.faults.append("an error needs __type and message")
        if answer.status != (409 if answer.code == "ConflictException" else 400):
            answer.faults.append(f"status {answer.status} for {answer.code}")
        if model is not None and answer.code not in errors_of(model):
            answer.faults.append(f"{answer.operation} does not answer {answer.code}")

    def body_faults(self, answer, model):
        if model.output_shape is None:
            # Nothing to say is an empty body, or an empty structure where the protocol wants a value.
            return [] if answer.value in (None, {}) else [f"{answer.body[:50]} answers an operation without output"]
        if answer.value is None and model.output_shape.members:
            return ["the body is empty"]
        return answers.faults(model.output_shape, answer.value or {}, self.protocol == CBOR)

    def ask_parser(self, answer, model):
        """Has botocore read the answer as it would for a user."""
        response = {"status_code": answer.status, "headers": answer.headers, "body": answer.body}
        try:
            parsed = self.parser.parse(response, model.output_shape if model is not None else None)
        except Exception as error:  # Whatever the parser throws, a user would see it.
            answer.faults.append(f"botocore cannot read it: {error!r}")
            return
        if answer.status != 200 and parsed["Error"]["Code"] != answer.code:
            answer.faults.append(f"botocore reads the code {parsed['Error']['Code']}")


def seen_file():
    """Returns the file that holds every answer of this run, in which canaries are looked for."""
    default = pathlib.Path(__file__).resolve().parents[2] / "target" / "clients" / "seen"
    directory = pathlib.Path(os.environ.get("TOWPATH_SEEN", default))
    directory.mkdir(parents=True, exist_ok=True)
    return directory / f"{os.getpid()}.answers"
