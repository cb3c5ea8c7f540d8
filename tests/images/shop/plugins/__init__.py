"""Plugins by name: the targets are computed."""

import importlib
from importlib import import_module as load_module

KNOWN = {"export": "shop.plugins.export", "audit": "shop.plugins.audit"}


def load(name):
    return importlib.import_module("shop.plugins." + name)


def load_known(key):
    return load_module(KNOWN[key])


def load_anything(name):
    return __import__(name)


def load_all():
    return [importlib.import_module(f".{name}", package=__name__) for name in ("export", "audit")]
