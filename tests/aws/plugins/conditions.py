"""What policies ask about a request and the emulator does not tell them: the external id that comes with it."""

import seam


def install():
    tell = seam.part("core.iam_actions", "request_tag_context")
    read = seam.part("core.iam_actions", "_query_param")

    def context(service, action, body, parameters):
        told = tell(service, action, body, parameters)
        if action == "sts:AssumeRole" and (external_id := read(parameters, "ExternalId")):
            told = {**told, "sts:externalid": external_id}
        return told

    seam.replace("core.iam_actions", "request_tag_context", context)
