"""The Git repository that the tests' pipelines read: one page, built from a version and put on a host.

As a command: `repository.py DIRECTORY VERSION` commits a version, and prints the commit.
"""

import os
import pathlib
import subprocess
import sys

FILES = {
    "page.html": "<!doctype html>\n<title>Lock keeper</title>\n<p>Version @VERSION@\n",
    # The build of a gate that is shut fails, whatever the commit: opening the gate makes a retry pass.
    "buildspec.yml": """version: 0.2
env:
  exported-variables: [SITE_VERSION]
phases:
  build:
    commands:
      - test -z "$GATE" || test ! -e "$GATE"
      - SITE_VERSION=$(cat VERSION)
      - mkdir out
      - sed "s/@VERSION@/$SITE_VERSION/" page.html >out/page.html
      - cp appspec.yml out/
artifacts:
  base-directory: out
  files: ['**/*']
""",
    "appspec.yml": """version: 0.0
os: linux
files:
  - source: page.html
    destination: /srv/site
file_exists_behavior: OVERWRITE
""",
}


def make(directory, version="1"):
    """Makes the repository with a first commit, and returns the commit's id."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True)
    git(directory, "init", "--quiet", "--initial-branch=main")
    for name, text in FILES.items():
        (directory / name).write_text(text)
    return commit(directory, version)


def commit(directory, version):
    """Commits a version, and returns the commit's id."""
    (pathlib.Path(directory) / "VERSION").write_text(version + "\n")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--allow-empty", "--message", f"Version {version}")
    return git(directory, "rev-parse", "HEAD").strip()


def git(directory, *words):
    names = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Lock Keeper"), ("EMAIL", "keeper@example.com"))
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= names | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *words], cwd=directory, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


if __name__ == "__main__":
    print(commit(sys.argv[1], sys.argv[2]))
