#!/usr/bin/env python3
"""Holds template.yaml and infra/ to what an emulator does not enforce. Needs aws-sam-translator and PyYAML.

    tests/aws/check_template.py               checks, then breaks copies on purpose and expects to be told
    tests/aws/check_template.py --no-breaking only checks

It reads what AWS would deploy: the template after the transform of aws-sam-translator, with its nested templates.
"""

import copy
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from template_checks import breakages, deliveries, functions, kept, roles, watching  # noqa: E402
from template_checks.project import load  # noqa: E402

CHECKS = [check for part in (roles, deliveries, functions, kept, watching) for check in part.CHECKS]


def findings(project):
    return [f"{check.__name__}: {finding}" for check in CHECKS for finding in check(project)]


def unseen(project):
    """Breaks a copy of the project in each way that must be noticed; returns the ways that were not."""
    for what, expected, break_it in breakages.ALL:
        broken = copy.deepcopy(project)
        break_it(broken)
        told = findings(broken)
        if not any(finding.startswith(expected + ":") for finding in told):
            yield f"{what}: {expected} does not notice ({'; '.join(told) or 'nobody does'})"


def main(arguments):
    project = load()
    found = findings(project)
    found += [] if found or "--no-breaking" in arguments else list(unseen(project))
    for finding in found:
        print(finding)
    if not found:
        tried = 0 if "--no-breaking" in arguments else len(breakages.ALL)
        print(f"{len(CHECKS)} checks of {project.size()} resources find nothing; {tried} breakages were noticed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
