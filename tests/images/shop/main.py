"""Where the container starts."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from . import plugins
from .settings import CURRENCY
from shop.catalog.models import Product

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas


def diagnose() -> None:
    """Prints how this process was set up."""
    import platform

    print(json.dumps({"argv0": sys.argv[0], "path": sys.path, "python": platform.python_version()}))


def report(products: Sequence[Product]) -> pandas.DataFrame:
    import pandas as pd

    return pd.DataFrame([vars(product) for product in products])


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["diagnose"]:
        diagnose()
        return 0
    for name in arguments:
        plugins.load(name).run(CURRENCY)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
