"""Reads the examples of the AWS CLI's help: command lines, the files that they name, and what they print."""

import dataclasses
import json
import re
import shlex
import textwrap

# Notes of the wire that are no members.
NO_MEMBERS = {"__type"}


@dataclasses.dataclass
class Example:
    """One command line of a page."""

    name: str
    words: list
    # The file that `--cli-input-json` names, and what the page says is in it.
    input_name: str = ""
    input: object = None
    # What the page says is printed: a value, or only its members' names where it is no proper JSON.
    output: object = None
    output_names: set = dataclasses.field(default_factory=set)


def read(path):
    """Returns the examples of a page."""
    text = path.read_text()
    begins = [found.start() for found in re.finditer(r"^\s+aws codepipeline ", text, re.MULTILINE)]
    ends = [*begins[1:], len(text)]
    return [of_part(path.stem, text[begin:end]) for begin, end in zip(begins, ends)]


def of_part(name, part):
    line = re.match(r"\s*(.*?[^\\])\n", part + "\n", re.DOTALL).group(1)
    rest = part[len(line) :]
    words = shlex.split(line.replace("\\\n", " "))[2:]
    example = Example(name, without_place(words))
    for word in words:
        if word.startswith("file://"):
            example.input_name = word.removeprefix("file://")
    before, _, after = rest.partition("Output::")
    example.input = first_value(before)
    example.output = first_value(after)
    if example.output is None:
        example.output_names = set(re.findall(r'"([A-Za-z]+)":', after)) - NO_MEMBERS
    return example


def without_place(words):
    """Leaves out where the server is: that is ours to say."""
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("--endpoint-url", "--region"):
            skip = True
        else:
            kept.append(word)
    return kept


def first_value(text):
    """Returns the first JSON object of a text, or None."""
    start = re.search(r"^\s*\{", text, re.MULTILINE)
    if start is None:
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(textwrap.dedent(text[start.end() - 1 :]))[0]
    except json.JSONDecodeError:
        return None


def missing(documented, printed, ignored=(), path=""):
    """Yields the members that the page shows and the answer lacks. Of lists, the first members are compared."""
    if isinstance(documented, dict):
        if not isinstance(printed, dict):
            yield f"{path} is no structure"
            return
        for name, value in documented.items():
            if name in NO_MEMBERS or name in ignored:
                continue
            if name not in printed:
                yield f"{path}.{name}"
            else:
                yield from missing(value, printed[name], ignored, f"{path}.{name}")
    elif isinstance(documented, list) and documented:
        if not isinstance(printed, list) or not printed:
            yield f"{path} is empty"
            return
        yield from missing(documented[0], printed[0], ignored, f"{path}[0]")


def names_in(value):
    """Returns the names of all members of a value, however deep."""
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(names_in, value))
    return set()
