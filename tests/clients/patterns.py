"""Texts that satisfy the patterns of the model, of any length, and texts that just fail to.

The model has few patterns, and each stands here: one that is missing is an error, not a guess.
"""

import re

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SOME_UUID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
ARN = "arn:aws(-[\\w]+)*:"

# For each pattern: the least text that matches, and the letter that stretches it (none: it has one length).
MATCHING = {
    r"[0-9]{12}": ("123456789012", None),
    r"[0-9]{12}|\*": ("123456789012", None),
    UUID: (SOME_UUID, None),
    r"AWS|ThirdParty": ("ThirdParty", None),
    r"[a-zA-Z0-9_-]+": ("a", "_"),
    r"[A-Za-z0-9.@\-_]+": ("a", "@"),
    r"[A-Za-z0-9@\-_]+": ("a", "-"),
    r"[0-9A-Za-z_-]+": ("1", "-"),
    r"[a-zA-Z0-9_\-]+": ("a", "_"),
    r"[a-zA-Z0-9\-\.]+": ("a", "."),
    r"^[a-zA-Z0-9-]+$": ("a", "-"),
    r"[a-zA-Z0-9!@ \(\)\.\*\?\-]+": ("a", "?"),
    r"[A-Za-z0-9_]+": ("A", "_"),
    r".*": ("", "ü"),
    ARN + r"lambda:.+:[0-9]{12}:function:.+": ("arn:aws-cn:lambda:x:123456789012:function:f", "f"),
    ARN + r"codepipeline:.+:[0-9]{12}:.+": ("arn:aws:codepipeline:us-east-1:123456789012:p", "p"),
    ARN + r"iam::[0-9]{12}:role/.*": ("arn:aws-us-gov:iam::123456789012:role/", "r"),
}

# Besides what every pattern but `.*` refuses: a line break at the end, which a careless `$` lets through.
FAILING = {
    r"[0-9]{12}": ["12345678901", "1234567890123", "12345678901x", "١٢٣٤٥٦٧٨٩٠١٢"],
    r"[0-9]{12}|\*": ["12345678901", "**", "123456789012*"],
    UUID: [SOME_UUID.upper(), SOME_UUID[:-1], SOME_UUID + "0", SOME_UUID.replace("-", "")],
    r"AWS|ThirdParty": ["AWSX", "XThirdParty", "Custom", "aws"],
    r".*": ["two\nlines"],
    ARN
    + r"lambda:.+:[0-9]{12}:function:.+": [
        "arn:aws:lambda:x:12345678901:function:f",
        "arn:aws:lambda:x:123456789012:function:",
    ],
    ARN
    + r"codepipeline:.+:[0-9]{12}:.+": [
        "arn:aws:codepipeline::123456789012:p",
        "arn:aws:codebuild:x:123456789012:p",
        "xarn:aws:codepipeline:x:123456789012:p",
        "arn:aws-:codepipeline:x:123456789012:p",
    ],
    ARN
    + r"iam::[0-9]{12}:role/.*": [
        "arn:aws:iam::123456789012:user/x",
        "arn:aws:iam:x:123456789012:role/x",
        "role",
    ],
}

OUTSIDE_OF_EVERY_CLASS = ["é", "a/b", "/a", "a/", "a\u0000", "a\ta", "a\u202eb"]


def matching(pattern, length=None):
    """Returns a text that matches, of this length where the pattern allows a choice."""
    least, stretch = MATCHING[pattern]
    text = least
    if length is not None and stretch is not None and length > len(least):
        text = least + stretch * (length - len(least))
    assert re.fullmatch(pattern, text), (pattern, text)
    return text


def lengths(pattern):
    """Returns the least length that matches, and whether longer texts do."""
    least, stretch = MATCHING[pattern]
    return len(least), stretch is not None


def failing(pattern):
    """Returns texts that do not match."""
    least, _ = MATCHING[pattern]
    texts = list(FAILING.get(pattern, OUTSIDE_OF_EVERY_CLASS))
    if pattern != ".*":
        texts.append(least + "\n")
    for text in texts:
        assert not re.fullmatch(pattern, text), (pattern, text)
    return texts
