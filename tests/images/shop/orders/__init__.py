"""Lazily loaded submodules (PEP 562)."""

import importlib

_SUBMODULES = ("models", "views", "tools")


def __getattr__(name: str):
    if name in _SUBMODULES:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(name)
