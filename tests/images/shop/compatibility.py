"""What may be missing."""

try:
    import tomllib
except ImportError:
    import tomli as tomllib

try:
    import redis
except (ImportError, AttributeError):
    redis = None

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader

import sys

if sys.version_info >= (3, 12):
    from itertools import batched
else:
    from .orders.tools import batched

__all__ = ["tomllib", "redis", "SafeLoader"]
__all__ += ["batched"]
