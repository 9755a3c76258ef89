"""What state-change events say, as lines that a person can read, and that two homes must agree on."""

KINDS = {
    "CodePipeline Pipeline Execution State Change": "pipeline",
    "CodePipeline Stage Execution State Change": "stage",
    "CodePipeline Action Execution State Change": "action",
}


def number_of(event):
    """Returns the event's number among those of its execution."""
    # In a file it stands beside the detail; an envelope of EventBridge's has no room for it there.
    marks = event.get("towpath") or event["detail"]["x-oss"]
    return int(marks["sequence"])


def line_of(event):
    detail = event["detail"]
    place = "/".join(detail[part] for part in ("stage", "action") if part in detail)
    return " ".join(part for part in (KINDS[event["detail-type"]], place, detail["state"]) if part)


class Events:
    """All events that were heard, each once, by execution."""

    def __init__(self):
        self.heard = {}
        self.copies = 0

    def add(self, event):
        numbered = self.heard.setdefault(event["detail"]["execution-id"], {})
        self.copies += number_of(event) in numbered
        numbered[number_of(event)] = event

    def of(self, execution):
        """Returns the events of an execution in their order."""
        return [event for _, event in sorted(self.heard.get(execution, {}).items())]

    def transcript(self, execution):
        return [line_of(event) for event in self.of(execution)]

    def gaps(self, execution):
        """Returns the numbers that are missing: none, if nothing was lost."""
        numbers = self.heard.get(execution, {})
        return [number for number in range(1, max(numbers, default=0) + 1) if number not in numbers]

    def state(self, execution):
        """Returns the last state of the execution as a whole, or none."""
        states = [event["detail"]["state"] for event in self.of(execution) if "stage" not in event["detail"]]
        return states[-1] if states else None


ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"}


def lines(text):
    """Reads a transcript as it stands in a scenario."""
    return [" ".join(line.split()) for line in text.strip().splitlines()]
