"""The repository that the scenarios' pipelines build: one page.

Files on this machine steer a build from outside, in both homes alike: while there is one at `GATE` the build
fails, and while there is one at `HOLD` it goes on.
"""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))

import repository  # noqa: E402

BUILDSPEC = """version: 0.2
env:
  exported-variables: [SITE_VERSION]
phases:
  build:
    commands:
      - test -z "$GATE" || test ! -e "$GATE"
      - test -z "$HOLD" || touch "$HOLD.seen"
      - while test -n "$HOLD" && test -e "$HOLD"; do sleep 0.1; done
      - SITE_VERSION=$(cat VERSION)
      - mkdir out
      - sed "s/@VERSION@/$SITE_VERSION/" page.html >out/page.html
      - cp stack.json out/
artifacts:
  base-directory: out
  files: ['**/*']
"""

# What a deployment to CloudFormation makes: a parameter, whose value a test can look at.
STACK = """{
  "Parameters": {"Version": {"Type": "String"}, "Name": {"Type": "String"}},
  "Resources": {
    "Released": {
      "Type": "AWS::SSM::Parameter",
      "Properties": {"Type": "String", "Name": {"Ref": "Name"}, "Value": {"Ref": "Version"}}
    }
  },
  "Outputs": {"Released": {"Value": {"Ref": "Version"}}}
}
"""


def make(directory, version="1"):
    """Makes the repository with a first commit, and returns the commit's id."""
    repository.make(directory, version)
    pathlib.Path(directory, "buildspec.yml").write_text(BUILDSPEC)
    pathlib.Path(directory, "stack.json").write_text(STACK)
    pathlib.Path(directory, "appspec.yml").unlink()
    return repository.commit(directory, version)


def commit(directory, version):
    return repository.commit(directory, version)


def archive(directory):
    """Returns the head as a ZIP file, as somebody would upload it."""
    return subprocess.run(
        ["git", "-C", str(directory), "archive", "--format=zip", "HEAD"], check=True, capture_output=True
    ).stdout
