from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ..catalog.models import Product
    from ..payments.gateway import Gateway


class Order:
    lines: list[Product]

    def __init__(self, lines: list[Product], gateway: Gateway | None = None) -> None:
        self.lines = lines
        self.gateway = gateway

    @property
    def total(self) -> int:
        return sum(line.price for line in self.lines)
