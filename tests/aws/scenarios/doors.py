"""Two ways to the API: keys of IAM, which AWS checks, and session keys of ours for clients as they are."""

import api
from botocore.exceptions import ClientError


def tell(home, report):
    native = home.client.list_pipelines()["pipelines"]
    report.check(isinstance(native, list), "doors: AWS lets in whom IAM lets in")
    stock = api.stock_client(home.emulator, home.deployed, home.keys)
    names = [one["name"] for one in stock.list_pipelines()["pipelines"]]
    report.check(names == [one["name"] for one in native], "doors: a stock client sees the same", names)
    forged = api.client(home.emulator, home.deployed["ApiEndpoint"], ("TOWPFORGEDFORGED0000", "secret", "v1.a.b.c"))
    report.check(
        code(forged.list_pipelines) in {"UnrecognizedClientException", "InvalidClientTokenId", "AccessDeniedException"},
        "doors: forged keys open nothing",
        code(forged.list_pipelines),
    )
    plain = api.client(home.emulator, home.deployed["ApiEndpoint"], home.keys)
    report.check(code(plain.list_pipelines) != "none", "doors: keys of IAM alone do not open the other door")


def code(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "none"
