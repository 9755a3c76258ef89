"""What a test says: one line for each sentence that held or did not, and a last line that counts them."""

import json
import sys
import time


class Report:
    """Prints lines as they are found, and knows at the end whether all was well."""

    def __init__(self, name):
        self.name = name
        self.held = 0
        self.failures = []
        self.started = time.monotonic()

    def check(self, holds, sentence, detail=None):
        """Notes whether a sentence holds; the detail is shown only where it does not."""
        if holds:
            self.ok(sentence)
        else:
            self.failed(sentence, detail)
        return bool(holds)

    def ok(self, sentence):
        self.held += 1
        print(f"ok      {self.name}: {sentence}", flush=True)

    def failed(self, sentence, detail=None):
        self.failures.append(sentence)
        print(f"FAILED  {self.name}: {sentence}", flush=True)
        if detail is not None:
            print(f"        {shown(detail)}", flush=True)

    def finish(self):
        """Prints the summary and ends the process, with 1 if anything failed."""
        took = time.monotonic() - self.started
        for sentence in self.failures[:20]:
            print(f"failed: {self.name}: {sentence}")
        print(f"{self.name}: {self.held} ok, {len(self.failures)} failed, {took:.1f} s", flush=True)
        sys.exit(1 if self.failures else 0)


def shown(detail, characters_max=1500):
    """Writes a value on one line that a terminal can hold."""
    text = detail if isinstance(detail, str) else json.dumps(detail, default=repr)
    return text if len(text) <= characters_max else text[:characters_max] + " …"


def until(sentence, look, seconds_max=60, every_seconds=0.1):
    """Asks again until the answer is not falsy, and returns it; says what was awaited if it never came.

    The AWS API has no waiters for pipelines, so its clients look again: this is the only place that does.
    """
    last = time.monotonic() + seconds_max
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > last:
            raise TimeoutError(f"{sentence}: not within {seconds_max} s")
        time.sleep(every_seconds)
