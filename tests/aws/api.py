"""Stock clients of the deployed API, by the two ways that lead there.

A function's URL has a name that no name server here knows. So clients take the emulator for their proxy: the
name, the signature over it and the request stay as they would be.
"""

import json
import secrets
import urllib.error
import urllib.parse
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials

from emulator import REGION, patient


def plain(url):
    """TLS ends before the emulator, so its clients go without."""
    return url.replace("https://", "http://", 1).rstrip("/")


def client(emulator, url, keys, signs_as=None):
    """Returns boto3's client of CodePipeline. `signs_as` is the service that it signs for."""
    made = boto3.client(
        "codepipeline",
        endpoint_url=plain(url),
        region_name=REGION,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        aws_session_token=keys[2] if len(keys) > 2 else None,
        config=patient(proxies={"http": emulator.endpoint}),
    )
    if signs_as:

        def sign(request, **_):
            request.context.setdefault("signing", {})["signing_name"] = signs_as

        made.meta.events.register("before-sign.codepipeline", sign)
    return made


def iam_client(emulator, deployed, keys):
    """AWS checks who it is, at the function's URL: signed for `lambda`, as that asks for."""
    return client(emulator, deployed["ApiIamEndpoint"], keys, signs_as="lambda")


def session(emulator, deployed, keys):
    """Asks for session keys as `towpath credentials` does: with a question to STS that is signed, not asked."""
    host = urllib.parse.urlsplit(deployed["ApiEndpoint"]).netloc
    nonce = secrets.token_hex(16)
    question = botocore.awsrequest.AWSRequest(
        method="GET",
        url=f"https://sts.{REGION}.amazonaws.com/",
        params={"Action": "GetCallerIdentity", "Version": "2011-06-15"},
        headers={"x-towpath-audience": host, "x-towpath-nonce": nonce},
    )
    credentials = botocore.credentials.Credentials(*keys)
    botocore.auth.SigV4QueryAuth(credentials, "sts", REGION, expires=900).add_auth(question)
    query = urllib.parse.urlsplit(question.url).query
    body = json.dumps({"region": REGION, "query": query, "audience": host, "nonce": nonce}).encode()
    status, answer = fetch(emulator, plain(deployed["ApiEndpoint"]) + "/token", body)
    if status != 200:
        raise ValueError(f"no session: {status} {answer[:500]}")
    told = json.loads(answer)
    return told["AccessKeyId"], told["SecretAccessKey"], told["SessionToken"]


def stock_client(emulator, deployed, keys):
    """A stock client as it is, with session keys of ours."""
    return client(emulator, deployed["ApiEndpoint"], session(emulator, deployed, keys))


def fetch(emulator, url, body=None, headers=None, method=None):
    """Returns status and body of a request to a function's URL."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": emulator.endpoint}))
    request = urllib.request.Request(plain(url), data=body, headers=headers or {}, method=method)
    if body is not None and not request.has_header("Content-type"):
        request.add_header("Content-Type", "application/json")
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
