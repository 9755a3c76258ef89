"""Walks the API's model: every operation, every constraint of every input shape, on both wires.

For each operation and wire it asks for what succeeds (`world.py`), for what does not exist (`absent.py`) and for
what breaks a rule of the model (`violations.py`), and holds every answer against the model and against botocore's
own parser (`wires.py`, `answers.py`). It ends with a table that must be green in every cell.
"""

import dataclasses
import pathlib
import threading

import absent
import declarations
import repository
import server
import violations
from api_model import OPERATIONS
from report import Report, shown
from table import Table
from wires import SHORT, WIRES, Wire
from world import Unhappy, World, THIRD_PARTY

SHOWN_MAX = 200


@dataclasses.dataclass
class Site:
    """What lies outside of the API."""

    host: pathlib.Path
    commit: str
    client_token: str


class Walk:
    """Everything asked on one wire."""

    def __init__(self, running, site, protocol, table, report):
        self.wire, self.site, self.table, self.report = Wire(running, protocol), site, table, report
        self.short = SHORT[protocol]
        self.shown = 0

    def note(self, kind, operation, holds, sentence, answer):
        self.table.note(operation, self.short, kind, holds)
        if not holds and self.shown < SHOWN_MAX:
            self.shown += 1
            self.report.failed(f"{self.short} {operation}, {kind}: {sentence}", shown(str(answer), 900))

    def run(self):
        """Asks for everything that changes nothing of another wire's."""
        self.not_found()
        self.invalid()
        slowest = self.wire.slowest
        print(
            f"{self.short}: the slowest answer took {slowest.seconds * 1000:.0f} ms ({slowest.operation})", flush=True
        )

    def happy(self):
        def note(operation, holds, answer):
            self.note("happy", operation, holds, "must be answered well", answer)

        world = World(self.wire, self.site, note)
        for step in world.steps():
            sentence = f"{self.short} happy: {step.__name__}"
            try:
                step()
            except Unhappy as unhappy:
                self.report.failed(sentence, str(unhappy))
            except Exception as error:  # What a step finds instead of what it expected comes in any form.
                self.report.failed(sentence, repr(error))
            else:
                self.report.ok(sentence)

    def not_found(self):
        name = f"found-{self.short.lower()}"
        self.wire.ask("CreatePipeline", pipeline=declarations.pipeline(name, declarations.approval()))
        for operation, request, code in absent.requests(name, self.site.client_token):
            answer = self.wire.ask(operation, request)
            holds = answer.code == code and not answer.faults
            self.note("not found", operation, holds, f"must be {code}", answer)
        self.wire.ask("DeletePipeline", name=name)

    def invalid(self):
        for operation in OPERATIONS:
            for case in violations.cases(operation):
                answer = self.ask(case)
                sentence = f"{case.path or 'the request'}, {case.what}: must be {case.expected}"
                self.note("invalid", operation.name, is_as_expected(case, answer), sentence, answer)

    def ask(self, case):
        # What is not of the shape's types no serializer would write.
        if case.what in ("wrong type", "null", "with a fraction"):
            return self.wire.ask_freely(case.operation, case.request)
        return self.wire.ask(case.operation, case.request)


def is_as_expected(case, answer):
    if answer.faults:
        return False
    if case.expected == violations.VALID:
        # Whatever else is wrong with so small a request, it is not the form of this member.
        return answer.code != violations.MALFORMED and not (
            answer.code == violations.INVALID and "failed to satisfy constraint" in answer.message
        )
    if case.what in ("beyond 32 bits", "with a fraction"):
        return answer.code in (violations.INVALID, violations.MALFORMED)
    if case.expected == violations.MALFORMED:
        return answer.code == violations.MALFORMED
    return answer.code == violations.INVALID and any(f"'{place}'" in answer.message for place in case.places)


def main():
    report = Report("model_walk")
    place = server.fresh_place("model_walk")
    commit = repository.make(place / "repository")
    site = [
        ("repository", "site", place / "repository"),
        ("repository", "keeper/site", place / "repository"),
        ("host", "fleet", place / "host"),
        ("bucket", "public", place / "bucket"),
    ]
    for directory in ("host", "bucket"):
        (place / directory).mkdir()
    table = Table([operation.name for operation in OPERATIONS], [SHORT[wire] for wire in WIRES])
    more = server.third_party(place, THIRD_PARTY, "walk-token")
    with server.Server("model_walk", site, more) as running:
        outside = Site(place / "host", commit, "walk-token")
        walks = [Walk(running, outside, wire, table, report) for wire in WIRES]
        # Partners' jobs go to whoever asks first, so that the wires make their worlds one after the other.
        for walk in walks:
            walk.happy()
        threads = [threading.Thread(target=walk.run) for walk in walks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        report.check(running.is_alive(), "the server is alive after all of it")
    bad = table.print()
    report.check(not bad, "every cell of the table is green", bad)
    report.finish()


if __name__ == "__main__":
    main()
