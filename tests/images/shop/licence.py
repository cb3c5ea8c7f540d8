"""Shipped as byte code only: the source goes in the step that compiles it."""

from hashlib import sha256


def valid(key):
    return sha256(key).digest()[0] == 0
