"""The module that contracts here are about, where a case has no module of its own."""

__version__ = "1.2"

API_VERSION = 2
title: str = "audit"
ratio = 1.5
nothing = None
enabled: bool = True
computed = len("x")


def initialize(config: dict, verbose=False, *, limit: int = 10) -> None:
    pass


def untyped(first):
    return first


class Base:
    def close(self):
        pass


class Plugin(Base):
    kind: str = "plugin"
    size = 3

    def run(self, context: "Context", retries: int = 3) -> str:
        return ""
