"""What policies ask about a request and the emulator does not tell them: for whom a role is taken on."""

import seam

KEYS = {"sts:externalid": "ExternalId", "sts:sourceidentity": "SourceIdentity"}


def install():
    tell = seam.part("core.iam_actions", "request_tag_context")
    read = seam.part("core.iam_actions", "_query_param")

    def context(service, action, body, parameters):
        told = tell(service, action, body, parameters)
        if action == "sts:AssumeRole":
            asked = {key: read(parameters, name) for key, name in KEYS.items()}
            told = {**told, **{key: value for key, value in asked.items() if value}}
        return told

    seam.replace("core.iam_actions", "request_tag_context", context)
