"""Requests as bytes, as no library would send them: what each is called, and whether it says two things at once.

A request that can be read in two ways must get one answer at most: what hides in its body is never a request.
"""

HIDDEN = b"POST /hidden HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"


def requests(port):
    """Yields (name, bytes, whether it is ambiguous)."""
    host = f"Host: 127.0.0.1:{port}\r\n".encode()
    target = b"X-Amz-Target: CodePipeline_20150709.ListPipelines\r\nContent-Type: application/x-amz-json-1.1\r\n"
    post = b"POST / HTTP/1.1\r\n" + host + target

    yield from lengths(post)
    yield from codings(post)
    yield from heads(host, target)
    yield from targets(host)


def lengths(post):
    """What is said about the length of the body."""
    for value in (
        b"-1",
        b"+2",
        b"2 2",
        b"2,2",
        b"2, 3",
        b"0x2",
        b"2.0",
        b"",
        b"two",
        b"99999999999999999999999",
        b"1" * 500,
    ):
        yield f"Content-Length {value[:30].decode()!r}", post + b"Content-Length: " + value + b"\r\n\r\n{}" + HIDDEN, True
    yield "two lengths that differ", post + b"Content-Length: 2\r\nContent-Length: 100\r\n\r\n{}" + HIDDEN, True
    yield "a length and chunks", post + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN, True
    yield "chunks and a length", post + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nX" + HIDDEN, True
    yield "a body that is cut", post + b"Content-Length: 100\r\n\r\n{}", False
    yield "a body without a length", post + b"\r\n", False
    yield "a body of more than a MiB, said", post + b"Content-Length: 1048577\r\n\r\n{}", False
    yield "a body of a GB, said", post + b"Content-Length: 1073741824\r\n\r\n{}", False
    yield "a body of more than a MiB, sent", post + b"Content-Length: 1048577\r\n\r\n" + b" " * 1048577, False
    yield "expects to be told to go on", post + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", False


def codings(post):
    """What is said about how the body is coded."""
    for value in (
        b"xchunked",
        b"chunked, identity",
        b"identity",
        b"gzip, chunked",
        b"chunked, chunked",
        b"\x0bchunked",
        b"chunke",
        b'"chunked"',
        b"chunked;q=1",
        b"",
    ):
        body = b"Transfer-Encoding: " + value + b"\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN
        yield f"Transfer-Encoding {value.decode()!r}", post + body, True
    yield "a blank before the colon", post + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN, True
    yield "a folded header", post + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + HIDDEN, True
    chunked = post + b"Transfer-Encoding: chunked\r\n\r\n"
    for name, body in (
        ("a chunk of negative size", b"-1\r\n"),
        ("a chunk size that overflows", b"F" * 17 + b"\r\nx"),
        ("a chunk size that is none", b"zz\r\n"),
        ("a chunk size with 0x", b"0x2\r\n{}\r\n0\r\n\r\n"),
        ("a chunk longer than it says", b"1\r\n{}\r\n0\r\n\r\n"),
        ("a chunk that ends with a line feed", b"2\n{}\n0\n\n"),
        ("an endless chunk extension", b"2;" + b"x" * 100_000 + b"\r\n{}\r\n0\r\n\r\n"),
        ("many chunk extensions", b"".join(b"1;" + b"a" * 2000 + b"\r\nx\r\n" for _ in range(50)) + b"0\r\n\r\n"),
        ("endless trailers", b"2\r\n{}\r\n0\r\n" + b"A: b\r\n" * 20_000 + b"\r\n"),
        ("a bad trailer", b"2\r\n{}\r\n0\r\nno colon\r\n\r\n"),
        ("a chunk that is cut", b"ff\r\n{}"),
    ):
        yield name, chunked + body, False
    yield "chunks of more than a MiB", chunked + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 17 + b"0\r\n\r\n", False


def heads(host, target):
    """What is wrong before the body."""
    end = b"Content-Length: 2\r\n\r\n{}"
    for name, first in (
        ("no version", b"POST /\r\n"),
        ("HTTP/0.9", b"GET /\r\n\r\n"),
        ("HTTP/1.0", b"POST / HTTP/1.0\r\n"),
        ("HTTP/2.0", b"POST / HTTP/2.0\r\n"),
        ("HTTP/1.2", b"POST / HTTP/1.2\r\n"),
        ("a version in small letters", b"POST / http/1.1\r\n"),
        ("two blanks", b"POST  / HTTP/1.1\r\n"),
        ("no path", b"POST HTTP/1.1\r\n"),
        ("a tab", b"POST\t/\tHTTP/1.1\r\n"),
        ("a method of symbols", b"P@ST / HTTP/1.1\r\n"),
        ("an empty method", b" / HTTP/1.1\r\n"),
        ("a long method", b"P" * 10_000 + b" / HTTP/1.1\r\n"),
        ("bytes before", b"\x00\x01\x02POST / HTTP/1.1\r\n"),
        ("line feeds alone", b"POST / HTTP/1.1\n"),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ):
        yield name, first + host + target + end, False
    start = b"POST / HTTP/1.1\r\n"
    for name, lines in (
        ("no Host", b""),
        ("two Hosts", host + b"Host: example.com\r\n"),
        ("another Host", b"Host: example.com\r\n"),
        ("a Host with a name before it", b"Host: user@127.0.0.1\r\n"),
        ("a Host that begins well", b"Host: 127.0.0.1.example.com\r\n"),
        ("a header without a colon", host + b"No colon\r\n"),
        ("a header without a name", host + b": x\r\n"),
        ("a NUL in a header", host + b"X-A: a\x00b\r\n"),
        ("a return in a header", host + b"X-A: a\rb\r\n"),
        ("not ASCII in a name", host + "X-é: a\r\n".encode()),
        ("not ASCII in a value", host + "X-A: é\r\n".encode()),
        ("a header of 100 000 bytes", host + b"X-A: " + b"a" * 100_000 + b"\r\n"),
        ("a thousand headers", host + b"".join(b"X-%d: a\r\n" % n for n in range(1000))),
        ("a million bytes of headers", host + b"X-A: aaaaaaaa\r\n" * 65_000),
        ("another Origin", host + b"Origin: https://example.com\r\n"),
        ("no Origin to speak of", host + b"Origin: null\r\n"),
        ("a page elsewhere", host + b"Sec-Fetch-Site: cross-site\r\n"),
        ("an upgrade", host + b"Connection: Upgrade\r\nUpgrade: h2c\r\n"),
        ("a web socket", host + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n"),
        ("Authorization of nothing", host + b"Authorization: \r\n"),
        ("Authorization twice", host + b"Authorization: a\r\nAuthorization: b\r\n"),
        ("Basic authorization", host + b"Authorization: Basic YTpi\r\n"),
        ("half a signature", host + b"Authorization: AWS4-HMAC-SHA256 Credential=\r\n"),
        (
            "a long signature",
            host
            + b"Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/codepipeline/aws4_request, SignedHeaders=host, Signature="
            + b"0" * 5000
            + b"\r\n",
        ),
    ):
        yield name, start + lines + target + end, False


def targets(host):
    """What is asked for: methods, paths and operations that there are not."""
    end = host + b"Content-Length: 2\r\n\r\n{}"
    for method in (
        b"GET",
        b"HEAD",
        b"PUT",
        b"DELETE",
        b"PATCH",
        b"OPTIONS",
        b"TRACE",
        b"CONNECT",
        b"PROPFIND",
        b"post",
    ):
        yield f"the method {method.decode()}", method + b" / HTTP/1.1\r\n" + end, False
    for path in (
        b"/x",
        b"//",
        b"/..",
        b"/../../etc/passwd",
        b"/%2e%2e/%2e%2e/etc/passwd",
        b"/%",
        b"/%zz",
        b"/%00",
        b"*",
        b"http://example.com/",
        b"x",
        b"/?",
        b"/?x=1#y",
        b"/service",
        b"/service//operation/",
        b"/service/X/operation/ListPipelines",
        b"/service/CodePipeline_20150709/operation/",
        b"/\xff\xfe",
        b"/service/CodePipeline_20150709/operation/ListPipelines/x",
        b"/artifacts/../../credentials",
        b"/logs/../credentials",
        b"/webhooks/x",
        b"/" + b"a" * 100_000,
    ):
        yield f"the path {path[:40]!r}", b"POST " + path + b" HTTP/1.1\r\n" + end, False
    for name in (
        b"",
        b"ListPipelines",
        b"CodePipeline_20150709",
        b"CodePipeline_20150709.",
        b"CodePipeline_20150709.Never",
        b"CodeBuild_20161006.ListPipelines",
        b"CodePipeline_20150709.ListPipelines.x",
        b"codepipeline_20150709.listpipelines",
        b"x" * 5000,
    ):
        yield f"the target {name[:40].decode()!r}", b"POST / HTTP/1.1\r\nX-Amz-Target: " + name + b"\r\n" + end, False
