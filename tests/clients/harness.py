"""The harness sits an exam itself: doctored answers must be found out, and sound ones must not be complained of."""

import copy
import json

import cbor
import examples_read
import patterns
import violations
from api_model import MODEL, OPERATIONS
from report import Report
from wires import CBOR, JSON, Answer, Wire

MOMENT = cbor.Moment(1_764_000_000.25)
ID = patterns.SOME_UUID
STATE = {
    "pipelineName": "p",
    "pipelineVersion": 1,
    "created": MOMENT,
    "stageStates": [
        {
            "stageName": "Approve",
            "latestExecution": {"pipelineExecutionId": ID, "status": "InProgress"},
            "actionStates": [{"actionName": "a", "latestExecution": {"token": ID, "lastStatusChange": MOMENT}}],
        }
    ],
}

# What is done to a sound answer: where, and what stands there then. Nothing: it is taken away.
DOCTORED = [
    ("an unknown member", ["stageStates", 0, "colour"], "green"),
    ("an unknown member at the top", ["colour"], "green"),
    ("a number for a text", ["pipelineName"], 7),
    ("a text for a number", ["pipelineVersion"], "1"),
    ("a text for a moment", ["created"], "2026-01-01T00:00:00Z"),
    ("milliseconds for a moment", ["created"], cbor.Moment(1_764_000_000_250)),
    ("a structure for a list", ["stageStates"], {}),
    ("a list for a structure", ["stageStates", 0, "latestExecution"], []),
    ("an unknown status", ["stageStates", 0, "latestExecution", "status"], "Running"),
    ("a missing id", ["stageStates", 0, "latestExecution", "pipelineExecutionId"], None),
    ("an id that is none", ["stageStates", 0, "latestExecution", "pipelineExecutionId"], "7"),
    ("a name that is too long", ["stageStates", 0, "stageName"], "s" * 101),
    ("an empty name", ["pipelineName"], ""),
    ("a null in a list", ["stageStates", 0, "actionStates", 0], None),
]


class Deaf(Wire):
    """A wire without a server: it is told what it has read."""

    def __init__(self, protocol):
        self.protocol = protocol
        self.parser = Wire.parser_of(protocol)

    def hear(self, operation, value, status=200, headers=None, body=None):
        written = (
            (json.dumps(value).encode() if self.protocol == JSON else cbor.written(value)) if body is None else body
        )
        content_type = {JSON: "application/x-amz-json-1.1", CBOR: "application/cbor"}[self.protocol]
        sound = {"content-type": content_type, "x-amzn-requestid": "1"}
        if self.protocol == CBOR:
            sound["smithy-protocol"] = "rpc-v2-cbor"
        answer = Answer(operation, status, sound | (headers or {}), written, None)
        self.read(answer)
        return answer


def doctored(value, path, replacement):
    value = copy.deepcopy(value)
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    if replacement is None and isinstance(inner, dict):
        inner.pop(path[-1])
    else:
        inner[path[-1]] = replacement
    return value


def answers_are_seen_through(report):
    for wire in (Deaf(JSON), Deaf(CBOR)):
        sound = wire.hear("GetPipelineState", STATE)
        report.check(sound.is_good, f"{wire.protocol}: a sound answer is not complained of", str(sound))
        for what, path, replacement in DOCTORED:
            answer = wire.hear("GetPipelineState", doctored(STATE, path, replacement))
            report.check(answer.faults, f"{wire.protocol}: {what} is found")
        prefix = "" if wire.protocol == JSON else "com.amazonaws.codepipeline#"
        error = {"__type": prefix + "PipelineNotFoundException", "message": "No."}
        sound = wire.hear("GetPipelineState", error, 400)
        report.check(
            sound.code == "PipelineNotFoundException" and not sound.faults, "a sound error is let be", str(sound)
        )
        for what, value, status, headers in (
            ("a server's failure", error, 500, {}),
            ("an error without a message", {"__type": error["__type"]}, 400, {}),
            (
                "an error that the operation does not have",
                {**error, "__type": prefix + "JobNotFoundException"},
                400,
                {},
            ),
            ("another code for old clients", error, 400, {"x-amzn-query-error": "Other;Sender"}),
            ("another content type", error, 400, {"content-type": "text/html"}),
            ("no request id", error, 400, {"x-amzn-requestid": ""}),
        ):
            report.check(
                wire.hear("GetPipelineState", value, status, headers).faults, f"{wire.protocol}: {what} is found"
            )
        report.check(wire.hear("GetPipelineState", None, body=b"").faults, f"{wire.protocol}: no body is found")
        report.check(wire.hear("DeletePipeline", {"name": "p"}).faults, f"{wire.protocol}: too much of a body is found")
        report.check(
            wire.hear("DeletePipeline", None, body=b"").is_good, f"{wire.protocol}: an empty body may be right"
        )
    untagged = Deaf(CBOR).hear("PutApprovalResult", {"approvedAt": float(MOMENT)})
    report.check(untagged.faults, "smithy-rpc-v2-cbor: a moment without its tag is found")


def constraints_are_all_walked(report):
    """Every member of every input shape has a case, and each case is what it says."""
    without = []
    for operation in OPERATIONS:
        cases = list(violations.cases(operation))
        paths = {case.path for case in cases}
        without += [f"{operation.name}.{name}" for name in operation.input_shape.members if name not in paths]
        least = next(case for case in cases if case.what == "least").request
        assert set(least) == set(operation.input_shape.required_members), least
    report.check(not without, "every member of every request is walked", without)
    count = sum(1 for operation in OPERATIONS for _ in violations.cases(operation))
    report.check(count > 4000, f"{count} cases are walked on each wire")
    for shape_name in MODEL.shape_names:
        pattern = MODEL.shape_for(shape_name).metadata.get("pattern")
        assert pattern is None or patterns.matching(pattern) is not None and patterns.failing(pattern)
    report.ok("every pattern of the model has texts that match and texts that do not")


def examples_are_compared(report):
    documented = {"jobs": [{"id": "1", "data": {"__type": "x", "name": "n"}}]}
    printed = {"jobs": [{"id": "2", "data": {}, "more": 1}]}
    lacking = list(examples_read.missing(documented, printed))
    report.check(lacking == [".jobs[0].data.name"], "what an example shows and an answer lacks is found", lacking)
    lacking = list(examples_read.missing(documented, {"jobs": []}))
    report.check(lacking == [".jobs is empty"], "a list that should hold something is found", lacking)


def main():
    report = Report("harness")
    answers_are_seen_through(report)
    constraints_are_all_walked(report)
    examples_are_compared(report)
    report.finish()


if __name__ == "__main__":
    main()
