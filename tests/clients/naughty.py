"""Bad input that we generate: bodies that are no JSON or no CBOR, and texts that software trips over."""

import cbor

DEEP = 100_000

# Valid requests, whose every beginning is no request.
WHOLE_JSON = '{"name": "p\\u00e9", "variables": [{"name": "a", "value": "b"}], "clientRequestToken": "t-1"}'
WHOLE = {"name": "pé", "variables": [{"name": "a", "value": "b"}], "clientRequestToken": "t-1"}


def json_bodies():
    """Yields names and bodies that are no JSON object, or that no reader should accept."""
    whole = WHOLE_JSON.encode()
    for length in range(1, len(whole)):
        yield f"cut after {length} bytes", whole[:length]
    for letter in (b"\x00", b"\x1f", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\n"):
        yield f"{letter!r} in a text", b'{"name": "a' + letter + b'b"}'
    for word in (
        "[]",
        "1",
        '"x"',
        "true",
        "null",
        "nul",
        "NaN",
        "Infinity",
        "-",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "0x10",
        "'a'",
        "{'name': 1}",
        "{name: 1}",
        '{"name" 1}',
        '{"name": }',
        '{"name": 1,}',
        "{,}",
        '{"a": 1 "b": 2}',
        '{"a": [1,]}',
        '{"a": 1}}',
        '{"a": 1} x',
        '{"a": 1}{"a": 1}',
        "// x\n{}",
        "/**/{}",
        '{"a": "\\x41"}',
        '{"a": "\\u12"}',
        '{"name": "\\ud800"}',
        '{"name": "\\udc00\\ud800"}',
        '{"a": "',
        '{"a": "\t"}',
        "\ufeff{}",
        '{"\\u0000": 1',
        "{",
        "}",
        "[",
        ",",
        ":",
        '"',
        "\\",
        '{"name": .1}',
        '{"name": -}',
        '{"name": 1e+}',
        '{"name": tru}',
        "\u00a0{}",
    ):
        yield f"the text {word[:30]!r}", word.encode("utf-8", "surrogatepass")
    for encoding in ("utf-16", "utf-16-le", "utf-32", "cp500"):
        yield f"in {encoding}", WHOLE_JSON.encode(encoding)
    for opening in ("[", '{"a":', '[{"a":', '{"name":[', '{"name":{"name":'):
        yield f"{DEEP} of {opening}", (opening * DEEP).encode()
    yield "CBOR", cbor.written(WHOLE)


def json_oddities():
    """Yields bodies that are JSON objects, and odd: they may be taken or refused, and must be answered."""
    yield "the same member twice", b'{"name": "a", "name": "b"}'
    yield "an empty member name", b'{"": 1, "name": "a"}'
    yield "a number that no machine holds", b'{"name": "a", "x": 1e999999}'
    yield "a number of a million digits", b'{"name": "a", "x": ' + b"1" * 900_000 + b"}"
    yield "minus nothing", b'{"name": "a", "x": -0}'
    yield "a hundred thousand members", ("{" + ",".join(f'"m{n}": 1' for n in range(60_000)) + "}").encode()
    yield "a text of nearly a MiB", b'{"name": "' + b"a" * 1_040_000 + b'"}'
    yield "an unknown member 60 deep", b'{"name": "a", "x": ' + b"[" * 60 + b"]" * 60 + b"}"
    yield "an unknown member 70 deep", b'{"name": "a", "x": ' + b"[" * 70 + b"]" * 70 + b"}"
    yield "nulls", b'{"name": null, "variables": null}'
    yield "a million blanks", b" " * 1_000_000
    yield "an empty body", b""


def cbor_bodies():
    """Yields names and bodies that are no CBOR map."""
    whole = cbor.written(WHOLE)
    for length in range(1, len(whole)):
        yield f"cut after {length} bytes", whole[:length]
    for first in range(256):
        if first not in (0xA0, 0xBF):
            yield f"the byte {first:#04x}", bytes([first])
            yield f"a map whose value begins with {first:#04x} and ends", b"\xa1\x64name" + bytes([first])
    for name, major in (("bytes", 0x40), ("text", 0x60), ("list", 0x80), ("map", 0xA0)):
        for length in (2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1):
            yield f"{name} of {length}", bytes([major | 27]) + length.to_bytes(8, "big")
            yield f"a member of {name} of {length}", b"\xa1\x64name" + bytes([major | 27]) + length.to_bytes(
                8, "big"
            ) + b"x"
    for name, opening in (
        ("lists", b"\x81"),
        ("endless lists", b"\x9f"),
        ("endless maps", b"\xbf\x61a"),
        ("tags", b"\xc1"),
        ("endless texts", b"\x7f"),
        ("maps", b"\xa1\x61a"),
    ):
        yield f"{DEEP} {name}", opening * DEEP
        yield f"{DEEP} {name} in a member", b"\xa1\x64name" + opening * DEEP
    yield "a text that is not UTF-8", b"\xa1\x64name\x61\xff"
    yield "a name that is not UTF-8", b"\xa1\x61\xff\x01"
    yield "a number as a name", b"\xa1\x01\x61a"
    yield "a list as a name", b"\xa1\x80\x61a"
    yield "a break where a value belongs", b"\xa1\x64name\xff"
    yield "pieces of another kind", b"\xa1\x64name\x7f\x41a\xff"
    yield "something after the end", cbor.written({"name": "a"}) + b"\x00"
    yield "an odd endless map", b"\xbf\x64name\xff"
    yield "JSON", WHOLE_JSON.encode()


def cbor_oddities():
    yield "the same member twice", b"\xa2\x64name\x61a\x64name\x61b"
    yield "a name in pieces", b"\xa1\x7f\x62na\x62me\xff\x61a"
    yield "a text in pieces", b"\xa1\x64name\x7f\x61a\x61b\xff"
    yield "a length that is longer than it needs to be", b"\xbb" + (1).to_bytes(8, "big") + b"\x64name\x61a"
    yield "an unknown member of every kind", cbor.written(
        {"name": "a", "x": [1, -1, 2**63, 1.5, True, None, b"x", cbor.Moment(1.5), {}]}
    )
    yield "an unknown tag", b"\xa2\x64name\x61a\x61x\xd8\x20\x61a"
    yield "a bignum", b"\xa2\x64name\x61a\x61x\xc2\x49\x01\x00\x00\x00\x00\x00\x00\x00\x00"
    yield "half a float", b"\xa2\x64name\x61a\x61x\xf9\x7e\x00"
    yield "undefined", b"\xa1\x64name\xf7"
    yield "an empty body", b""


def texts():
    """Yields texts that software trips over."""
    yield from (
        "",
        " ",
        "\t",
        "\n",
        "\r\n",
        "\u0000",
        "a\u0000b",
        "\u007f",
        "\u0080",
        "\u00ad",
        "\u200b",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\ufffd",
        "\ufffe",
        "\U0001f600",
        "\U000e0001",
        "e\u0301" * 40,
        "\u0e33" * 50,
        "ﷺ",
        "İı",
        "ß",
        "Ω≈ç√∫",
        "田中さん",
        "١٢٣",
        "𝟘",
        ".",
        "..",
        "../../etc/passwd",
        "..\\..\\x",
        "/dev/null",
        "C:\\con",
        "a/b",
        "a\\b",
        "%2e%2e%2f",
        "%00",
        "~",
        "-rf",
        "--help",
        "$(id)",
        "`id`",
        "; id",
        "| id",
        "&& id",
        "${HOME}",
        "#{a.b}",
        "#{codepipeline.PipelineExecutionId}",
        "{{7*7}}",
        "{Config:x}",
        "%s%n%d",
        "{0}",
        "<script>alert(1)</script>",
        "'\"><img src=x>",
        "javascript:alert(1)",
        "' OR 1=1 --",
        '"; DROP TABLE x',
        "null",
        "undefined",
        "true",
        "NaN",
        "0",
        "-1",
        "1e309",
        "0x0",
        "[]",
        "{}",
        "\\u0000",
        "\\",
        '"',
        "'",
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "\b\b\b",
        "a" * 100,
        "a" * 101,
        "ü" * 100,
        "a" * 5000,
        "a\r\nX-Injected: 1",
        '{"level":"ERROR"}\n{',
        "=1+1",
        "@here",
        "<!channel>",
        "AUX",
        "NUL",
        "arn:aws:iam::1:role/x",
        "****",
        "*****",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "::1",
        "127.0.0.1",
        "localhost",
        "xn--e1afmkfd",
        "\u2215etc",
        "．．／",
    )
