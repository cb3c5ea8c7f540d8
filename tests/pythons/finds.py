"""Which file the import system loads for each name, as one line of JSON. Runs by `-c` with the file of the names."""

import importlib.util
import json
import sys


def find(name):
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        return None
    if spec is None:
        return None
    # A namespace has no file.
    return spec.origin if spec.has_location else ""


with open(sys.argv[1]) as file:
    names = file.read().split()
print(json.dumps({name: find(name) for name in sorted(set(names))}))
