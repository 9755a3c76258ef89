"""The table of 44 operations by wire and by kind of answer."""

KINDS = ("happy", "not found", "invalid")

# These have no not-found case, each for its own reason; what they answer instead is checked all the same.
WITHOUT_NOT_FOUND = {
    "CreateCustomActionType": "creates: there is nothing to find",
    "CreatePipeline": "creates: there is nothing to find",
    "DeleteCustomActionType": "deleting what is not there succeeds",
    "DeletePipeline": "deleting what is not there succeeds",
    "DeleteWebhook": "deleting what is not there succeeds",
    "ListActionTypes": "lists all there are",
    "ListPipelines": "lists all there are",
    "ListRuleTypes": "lists all there are",
    "ListWebhooks": "lists all there are",
}

# These can only refuse until the engine has rollbacks and conditions; their happy case is the right refusal.
REFUSING = {
    "OverrideStageCondition": "refuses: stages have no conditions yet",
    "RollbackStage": "refuses: the engine does not roll back yet",
}


class Table:
    """Counts what held and what did not, for each cell."""

    def __init__(self, operations, wires):
        self.operations, self.wires = operations, wires
        self.held = {}
        self.failed = {}

    def note(self, operation, wire, kind, holds):
        counts = self.held if holds else self.failed
        cell = (operation, wire, kind)
        counts[cell] = counts.get(cell, 0) + 1

    def cell(self, operation, wire, kind):
        """Returns what a cell shows, and whether it is green."""
        held = self.held.get((operation, wire, kind), 0)
        failed = self.failed.get((operation, wire, kind), 0)
        if failed:
            return f"{failed} of {held + failed} FAILED", False
        if held:
            return str(held), True
        if kind == "not found" and operation in WITHOUT_NOT_FOUND:
            return "–", True
        # An operation whose input has no constraint cannot be asked wrongly, and there is none such.
        return "NOT TRIED", False

    def print(self):
        """Prints the table, and returns the cells that are not green."""
        columns = [(wire, kind) for wire in self.wires for kind in KINDS]
        print(f"{'':34}" + "".join(f"{wire + ' ' + kind:>17}" for wire, kind in columns))
        bad = []
        for operation in self.operations:
            cells = [(column, *self.cell(operation, *column)) for column in columns]
            print(f"{operation:34}" + "".join(f"{text:>20}" for _, text, _ in cells))
            bad += [f"{operation}, {wire}, {kind}: {text}" for (wire, kind), text, green in cells if not green]
        for operation, reason in sorted({**WITHOUT_NOT_FOUND, **REFUSING}.items()):
            print(f"  {operation}: {reason}")
        total = len(self.operations) * len(columns)
        print(
            f"{total - len(bad)} of {total} cells are green; {sum(self.held.values())} requests were answered rightly"
        )
        return bad
