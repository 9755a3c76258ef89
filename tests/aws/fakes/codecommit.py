"""CodeCommit over Git repositories on this machine: what is read is what Git says.

A test registers a repository by name and path, and says when a branch was pushed, on which CodeCommit would
say so on the default bus.
"""

import base64
import json
import subprocess

import seam
from fakes import service
from plugins import rules

repositories = {}


def install():
    operations = {
        "GetRepository": get_repository,
        "GetBranch": get_branch,
        "GetCommit": get_commit,
        "GetFolder": get_folder,
        "GetBlob": get_blob,
        "GetFile": get_file,
    }
    service.install("codecommit", "CodeCommit_20150413", operations, control)
    name_in_policies()


def name_in_policies():
    """Policies name repositories. The emulator, which does not know them, asks for permission to do it to all."""
    resource_of = seam.part("core.iam_actions", "extract_resource_arn")

    def resource(service_name, method, path, headers, body, *more):
        if service_name != "codecommit":
            return resource_of(service_name, method, path, headers, body, *more)
        return arn_of(json.loads(body or b"{}").get("repositoryName", "*"))

    seam.replace("core.iam_actions", "extract_resource_arn", resource)


def control(told):
    """Takes `{"repositories": {name: path}}` and `{"pushed": {"repository": …, "branch": …}}`."""
    repositories.update(told.get("repositories", {}))
    if pushed := told.get("pushed"):
        say_pushed(pushed["repository"], pushed["branch"], pushed.get("before"))
    return {"repositories": sorted(repositories)}


def arn_of(name):
    region, account = (seam.part("core.responses", part)() for part in ("get_region", "get_account_id"))
    return f"arn:aws:codecommit:{region}:{account}:{name}"


def say_pushed(name, branch, before):
    detail = {
        "event": "referenceUpdated",
        "repositoryName": name,
        "repositoryId": "12345678-1234-5678-abcd-12345678abcd",
        "referenceType": "branch",
        "referenceName": branch,
        "referenceFullName": f"refs/heads/{branch}",
        "commitId": git(name, "rev-parse", f"refs/heads/{branch}").decode().strip(),
        "oldCommitId": before or "0" * 40,
        "callerUserArn": "arn:aws:iam::000000000000:user/lock-keeper",
    }
    rules.emit("aws.codecommit", "CodeCommit Repository State Change", detail, [arn_of(name)])


def git(name, *arguments):
    if name not in repositories:
        raise service.Refusal("RepositoryDoesNotExistException", f"{name} does not exist")
    command = ["git", "-C", repositories[name], *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def resolve(asked, revision, code):
    try:
        return (
            git(asked["repositoryName"], "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
        )
    except subprocess.CalledProcessError:
        raise service.Refusal(code, f"{revision} does not exist") from None


def get_repository(asked):
    name = asked["repositoryName"]
    git(name, "rev-parse", "--git-dir")
    return {
        "repositoryMetadata": {
            "repositoryName": name,
            "Arn": arn_of(name),
            "cloneUrlHttp": f"file://{repositories[name]}",
        }
    }


def get_branch(asked):
    branch = asked["branchName"]
    commit = resolve(asked, f"refs/heads/{branch}", "BranchDoesNotExistException")
    return {"branch": {"branchName": branch, "commitId": commit}}


def get_commit(asked):
    commit = resolve(asked, asked["commitId"], "CommitIdDoesNotExistException")
    shown = git(
        asked["repositoryName"],
        "show",
        "-s",
        "--date=raw",
        "--format=%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B",
        commit,
    ).decode()
    tree, parents, *people, message = shown.split("\0")
    author, committer = ({"name": one[0], "email": one[1], "date": one[2]} for one in (people[:3], people[3:]))
    return {
        "commit": {
            "commitId": commit,
            "treeId": tree,
            "parents": parents.split(),
            "message": message.rstrip("\n") + "\n",
            "author": author,
            "committer": committer,
            "additionalData": "",
        }
    }


def get_folder(asked):
    commit = resolve(asked, asked.get("commitSpecifier") or "HEAD", "CommitDoesNotExistException")
    folder = asked["folderPath"].strip("/")
    listed = git(asked["repositoryName"], "ls-tree", "-z", f"{commit}:{folder}")
    answer = {
        "commitId": commit,
        "folderPath": folder,
        "subFolders": [],
        "files": [],
        "symbolicLinks": [],
        "subModules": [],
    }
    for line in listed.decode().split("\0"):
        if not line:
            continue
        about, name = line.split("\t", 1)
        mode, _, identity = about.split(" ")
        place = {"absolutePath": f"{folder}/{name}".strip("/"), "relativePath": name}
        if mode == "040000":
            answer["subFolders"].append({"treeId": identity, **place})
        elif mode == "160000":
            answer["subModules"].append({"commitId": identity, **place})
        else:
            known = {"100644": "NORMAL", "100755": "EXECUTABLE", "120000": "SYMLINK"}[mode]
            kind = "symbolicLinks" if known == "SYMLINK" else "files"
            answer[kind].append({"blobId": identity, "fileMode": known, **place})
    return answer


def get_blob(asked):
    try:
        content = git(asked["repositoryName"], "cat-file", "blob", asked["blobId"])
    except subprocess.CalledProcessError:
        raise service.Refusal("BlobIdDoesNotExistException", f"{asked['blobId']} does not exist") from None
    return {"content": base64.b64encode(content).decode()}


def get_file(asked):
    commit = resolve(asked, asked.get("commitSpecifier") or "HEAD", "CommitDoesNotExistException")
    path = asked["filePath"]
    try:
        content = git(asked["repositoryName"], "show", f"{commit}:{path}")
    except subprocess.CalledProcessError:
        raise service.Refusal("FileDoesNotExistException", f"{path} does not exist") from None
    blob = git(asked["repositoryName"], "rev-parse", f"{commit}:{path}").decode().strip()
    encoded = base64.b64encode(content).decode()
    return {
        "commitId": commit,
        "blobId": blob,
        "filePath": path,
        "fileMode": "NORMAL",
        "fileSize": len(content),
        "fileContent": encoded,
    }
