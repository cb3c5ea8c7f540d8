"""Pickles in a cache: what a policy on deserialisation should find."""

import pickle
import pickle as p
from hashlib import md5


def key(value: object) -> str:
    return md5(pickle.dumps(value)).hexdigest()


def load(data: bytes) -> object:
    return p.loads(data)
