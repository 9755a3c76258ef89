"""Tells scenarios in one home: `play.py machine travel retry`, `play.py cloud`. All of them, if none is named."""

import importlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))

from report import Report  # noqa: E402

BOTH = ("travel", "supersede", "queue", "parallel", "retry", "stop", "invoke")
# What only AWS has.
SCENARIOS = {"machine": BOTH, "cloud": (*BOTH, "whole", "people", "doors", "changes", "hooks")}
# Repositories are named after pipelines, and one scenario tells of two.
PIPELINES = (*BOTH, "abandon", "refuse", "people", "changes", "hooks")


def main(home, *chosen):
    module = importlib.import_module(f"homes.{home}")
    report = Report(home)
    with getattr(module, home.capitalize())(PIPELINES) as made:
        for scenario in chosen or SCENARIOS[home]:
            try:
                importlib.import_module(f"scenarios.{scenario}").tell(made, report)
            except Exception as error:  # One scenario that cannot go on says so, and the next is told.
                report.failed(f"{scenario} goes on to its end", f"{type(error).__name__}: {error}")
    report.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
