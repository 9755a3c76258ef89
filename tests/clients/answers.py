"""Holds answers against the model: nothing required is missing, nothing is unknown, and types are right."""

import datetime
import re

from api_model import bounds_of, pattern_of

# Bounds that the model sets for what users declare; CodePipeline's own action types have more settings, and the
# Commands action takes 10 artifacts.
NOT_OF_ANSWERS = {"ActionConfigurationPropertyList", "MaximumArtifactCount"}


def faults(shape, value, is_tagged, path=""):
    """Returns what is wrong with an answer's value, as sentences; `value` is the body before any client has read it.
    Moments are numbers in JSON; in CBOR they are tagged (`is_tagged`), and come here as what the tag makes of them."""
    kind = shape.type_name
    check = CHECKS[kind]
    return [] if value is None else list(check(shape, value, is_tagged, path or "the answer"))


def of_structure(shape, value, is_tagged, path):
    if not isinstance(value, dict):
        yield f"{path} is no structure"
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"{path} lacks {name}"
    for name, member in value.items():
        if name not in shape.members:
            yield f"{path} has {name}, which the model does not know"
        else:
            yield from faults(shape.members[name], member, is_tagged, f"{path}.{name}")


def of_list(shape, value, is_tagged, path):
    if not isinstance(value, list):
        yield f"{path} is no list"
        return
    yield from of_bounds(shape, len(value), path)
    for index, member in enumerate(value):
        if member is None:
            yield f"{path}[{index}] is null"
        yield from faults(shape.member, member, is_tagged, f"{path}[{index}]")


def of_map(shape, value, is_tagged, path):
    if not isinstance(value, dict):
        yield f"{path} is no map"
        return
    for key, member in value.items():
        yield from faults(shape.key, key, is_tagged, f"a key of {path}")
        yield from faults(shape.value, member, is_tagged, f"{path}.{key}")


def of_text(shape, value, _, path):
    if not isinstance(value, str):
        yield f"{path} is no text"
        return
    if shape.enum and value not in shape.enum:
        yield f"{path} is {value!r}, which is not one of {shape.enum}"
    yield from of_bounds(shape, len(value), path)
    pattern = pattern_of(shape)
    if pattern and not re.fullmatch(pattern, value):
        yield f"{path} is {value!r}, which does not match {pattern}"


def of_integer(shape, value, _, path):
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{path} is no integer"
        return
    yield from of_bounds(shape, value, path)


def of_boolean(_shape, value, _, path):
    if not isinstance(value, bool):
        yield f"{path} is no boolean"


def of_timestamp(_, value, is_tagged, path):
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    is_moment = isinstance(value, datetime.datetime)
    if not (is_moment if is_tagged else is_number):
        yield f"{path} is no moment: {value!r}"
        return
    seconds = value.timestamp() if is_moment else value
    if not 1_500_000_000 < seconds < 5_000_000_000:
        yield f"{path} is no likely moment: {seconds}"


def of_bounds(shape, size, path):
    minimum, maximum = bounds_of(shape)
    if shape.name in NOT_OF_ANSWERS:
        return
    if minimum is not None and size < minimum:
        yield f"{path} is less than {minimum}: {size}"
    if maximum is not None and size > maximum:
        yield f"{path} is more than {maximum}: {size}"


CHECKS = {
    "structure": of_structure,
    "list": of_list,
    "map": of_map,
    "string": of_text,
    "integer": of_integer,
    "boolean": of_boolean,
    "timestamp": of_timestamp,
}
