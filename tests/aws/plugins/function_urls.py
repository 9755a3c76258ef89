"""Function URLs as on AWS: one that asks for no identity checks none, and one that does says who it was.

The emulator checks every signature that it sees, also those that are meant for the function behind the URL, and
tells that function nothing of whom it let in. And it says more than AWS does to whom it does not let in.
"""

import json
import re

import seam

NOT_ALLOWED = b"is not authorized to perform"
FORBIDDEN = "Forbidden. For troubleshooting Function URL authorization issues, see the documentation"


def install():
    enforce = seam.part("app", "_enforce_data_plane")

    def enforce_data_plane(service, action, headers, *more, **named):
        asks = (named.get("service_context") or {}).get("lambda:FunctionUrlAuthType")
        denied = None if asks == "NONE" else enforce(service, action, headers, *more, **named)
        return forbidden() if asks and denied and NOT_ALLOWED in denied[2] else denied

    seam.replace("app", "_enforce_data_plane", enforce_data_plane)
    build = seam.part("services.lambda_svc", "_build_function_url_event")

    def build_event(url_id, account, region, method, path, headers, *more, **named):
        event = build(url_id, account, region, method, path, headers, *more, **named)
        if not named.get("anonymous"):
            event["requestContext"]["authorizer"] = {"iam": identity(headers, account)}
        return event

    seam.replace("services.lambda_svc", "_build_function_url_event", build_event)


def forbidden():
    """What a function's URL says to whom IAM does not let in: not which permission is missing."""
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": "AccessDeniedException"}
    return 403, headers, json.dumps({"Message": FORBIDDEN}).encode()


def identity(headers, account):
    arn = seam.part("core.iam_evaluator", "request_caller_arn")(headers)
    key = re.search(r"Credential=([^/]+)/", headers.get("authorization", ""))
    return {
        "accessKey": key[1] if key else "",
        "accountId": account,
        "callerId": "AIDAEXAMPLE",
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": arn,
        "userId": "AIDAEXAMPLE",
    }
