"""Requests derived from the shapes of the model: the least legal one, and one for each way to break a rule.

A case is built upon the least legal request: it holds the member that it is about and nothing else that is
not required, so that what is answered is about that member.
"""

import dataclasses

from api_model import bounds_of, pattern_of
from cbor import Moment
from patterns import failing, lengths, matching

VALID = "valid"
INVALID = "ValidationException"
MALFORMED = "SerializationException"

# What is written in a place whose type is another one.
WRONG = {
    "string": {"not": "a text"},
    "integer": "one",
    "boolean": "maybe",
    "timestamp": "next Tuesday",
    "list": {"not": "a list"},
    "map": ["not a map"],
    "structure": "not a structure",
}

# No request needs more than this, and a list that is longer than any bound of the model is not built.
SIZE_MAX = 1100


@dataclasses.dataclass
class Case:
    """One request, and what must be answered."""

    operation: str
    path: str
    what: str
    request: object
    expected: str
    # The places that a message may name for it: clients print them, and AWS stops at the innermost
    # list or map of plain values.
    places: tuple


def least(shape):
    """Returns the least legal value of a shape."""
    minimum, _ = bounds_of(shape)
    if shape.type_name == "structure":
        return {name: least(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [distinct(least(shape.member), shape.member, n) for n in range(minimum or 0)]
    if shape.type_name == "map":
        return {distinct(least(shape.key), shape.key, n): least(shape.value) for n in range(minimum or 0)}
    if shape.type_name == "string":
        return text(shape, minimum or 1)
    return {"integer": minimum or 1, "boolean": False, "timestamp": Moment(1700000000.5)}[shape.type_name]


def text(shape, length):
    """Returns a legal text of a length, or as near to it as the shape allows."""
    if shape.enum:
        return shape.enum[0]
    pattern = pattern_of(shape)
    return matching(pattern, length) if pattern else "x" * length


def distinct(value, shape, number):
    """Makes the n-th of several values; texts of free form differ, others may repeat."""
    is_free = shape.type_name == "string" and not shape.enum and not pattern_of(shape)
    return f"{value}{number}" if is_free and number else value


class Place:
    """Where a member stands: its shape, its path, and how to put a value there."""

    def __init__(self, shape, path, put, parents=()):
        self.shape, self.path, self.put, self.parents = shape, path, put, parents

    def below(self):
        """Yields the places one step further in."""
        shape = self.shape
        if shape.type_name == "structure":
            for name, member in shape.members.items():
                yield self.step(member, f".{name}" if self.path else name, self.with_member(name))
        elif shape.type_name == "list":
            yield self.step(shape.member, ".1.member", lambda value: self.put([value]))
        elif shape.type_name == "map":
            key = least(shape.key)
            yield self.step(shape.value, f".{key}.member", lambda value: self.put({key: value}))

    def with_member(self, name):
        return lambda value: self.put({**least(self.shape), name: value})

    def step(self, shape, suffix, put):
        is_plain = self.shape.type_name in ("list", "map") and shape.type_name == "string"
        places = (self.path, *self.parents) if is_plain else ()
        return Place(shape, self.path + suffix, put, places)


def cases(operation):
    """Yields every case of an operation."""
    if operation.input_shape is None:
        return
    root = Place(operation.input_shape, "", lambda value: value)
    yield Case(operation.name, "", "least", least(root.shape), VALID, ())
    yield from walk(operation.name, root)


def walk(operation, place):
    for case in of_place(operation, place):
        yield case
    for below in place.below():
        yield from walk(operation, below)


def of_place(operation, place):
    """Yields the cases of one place."""
    shape, kind = place.shape, place.shape.type_name

    def case(what, value, expected, path=None):
        path = path or place.path
        return Case(operation, path, what, place.put(value), expected, (path, *place.parents))

    if place.path:
        yield case("wrong type", WRONG[kind], MALFORMED)
    if kind == "structure":
        whole = least(shape)
        for name in shape.required_members:
            rest = {key: value for key, value in whole.items() if key != name}
            path = f"{place.path}.{name}" if place.path else name
            yield case("missing", rest, INVALID, path)
            yield case("null", {**rest, name: None}, INVALID, path)
    elif kind == "string":
        yield from of_text(shape, case)
    elif kind in ("list", "map"):
        yield from of_size(shape, case)
        if kind == "map":
            yield from of_key(shape, case)
    elif kind == "integer":
        minimum, maximum = bounds_of(shape)
        for what, number, expected in number_cases(minimum, maximum):
            yield case(what, number, expected)


def of_text(shape, case):
    minimum, maximum = bounds_of(shape)
    if shape.enum:
        for value in shape.enum:
            yield case("enum value", value, VALID)
        for value in (shape.enum[0] + "x", shape.enum[0].swapcase(), ""):
            yield case("bad enum value", value, INVALID)
        return
    pattern = pattern_of(shape)
    shortest, is_free = lengths(pattern) if pattern else (0, True)
    if minimum is not None and minimum >= shortest and is_free:
        yield case("least length", text(shape, minimum), VALID)
    if minimum:
        yield case("below least length", text(shape, minimum)[: minimum - 1], INVALID)
    if maximum is not None and is_free:
        yield case("greatest length", text(shape, maximum), VALID)
        yield case("above greatest length", text(shape, maximum + 1), INVALID)
        if not pattern or pattern == ".*":
            # Bounds count characters, not bytes.
            yield case("greatest length, not ASCII", "ü" * maximum, VALID)
    if pattern:
        for bad in failing(pattern):
            yield case("bad pattern", bad, INVALID)


def of_size(shape, case):
    minimum, maximum = bounds_of(shape)

    def of(size):
        if shape.type_name == "list":
            return [distinct(least(shape.member), shape.member, n) for n in range(size)]
        return {text(shape.key, 10) + str(n): least(shape.value) for n in range(size)}

    if minimum:
        yield case("below least size", of(minimum - 1), INVALID)
        yield case("least size", of(minimum), VALID)
    if maximum is not None and maximum <= SIZE_MAX:
        yield case("greatest size", of(maximum), VALID)
        yield case("above greatest size", of(maximum + 1), INVALID)


def of_key(shape, case):
    minimum, maximum = bounds_of(shape.key)
    value = least(shape.value)
    if minimum:
        yield case("key below least length", {"": value}, INVALID)
    if maximum:
        yield case("key of greatest length", {text(shape.key, maximum): value}, VALID)
        yield case("key above greatest length", {text(shape.key, maximum + 1): value}, INVALID)
    if pattern := pattern_of(shape.key):
        for bad in failing(pattern):
            yield case("key of bad pattern", {bad: value}, INVALID)


def number_cases(minimum, maximum):
    if minimum is not None:
        yield "least number", minimum, VALID
        yield "below least number", minimum - 1, INVALID
    if maximum is not None:
        yield "greatest number", maximum, VALID
        yield "above greatest number", maximum + 1, INVALID
    # An int32 of the model; what does not fit is another type.
    yield "beyond 32 bits", 2**31, MALFORMED
    yield "with a fraction", 1.5, MALFORMED
