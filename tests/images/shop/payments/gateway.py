"""`shop.payments` is a namespace package: it has no `__init__.py`."""

import ssl
from importlib import import_module

json = import_module("json")


def pay(order) -> bool:
    import urllib3

    from . import methods

    return bool(order.total and methods.NAMES and ssl.OPENSSL_VERSION and urllib3 and json)


class Gateway: ...
