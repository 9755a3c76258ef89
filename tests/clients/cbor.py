"""Writes values as CBOR without asking a model, for requests that no serializer would write."""

import struct


class Moment(float):
    """Seconds since 1970 that CBOR tags as a moment; JSON writes them as the number that they are."""


def written(value):
    """Returns the bytes of a value; pairs of a tag's number and a value are tags."""
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, Moment):
        return head(6, 1) + written(float(value))
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        encoded = value.encode("utf-8", "surrogatepass")
        return head(3, len(encoded)) + encoded
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(written, value))
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(written(key) + written(member) for key, member in value.items())
    tag, inner = value
    return head(6, tag) + written(inner)


def head(major, size):
    for additional, count, limit in ((24, 1, 1 << 8), (25, 2, 1 << 16), (26, 4, 1 << 32), (27, 8, 1 << 64)):
        if size < 24:
            return bytes([major << 5 | size])
        if size < limit:
            return bytes([major << 5 | additional]) + size.to_bytes(count, "big")
    raise OverflowError(size)
