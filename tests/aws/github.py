"""GitHub, as far as webhooks know it: pushes, signed and delivered."""

import hashlib
import hmac
import json
import uuid

import api

SECRET = "a secret that only two know"


def webhook(name, action="Commit"):
    """Returns a webhook that tells a pipeline of the same name of pushes to its branch."""
    return {
        "name": name,
        "targetPipeline": name,
        "targetAction": action,
        "authentication": "GITHUB_HMAC",
        "authenticationConfiguration": {"SecretToken": SECRET},
        "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/main"}],
    }


def push(commit, branch="main"):
    return json.dumps({"ref": f"refs/heads/{branch}", "after": commit}).encode()


def deliver(emulator, url, body, delivery=None, secret=SECRET):
    """Delivers a message, and returns the status and what was said."""
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }
    status, said = api.fetch(emulator, url, body, headers)
    return status, json.loads(said)
