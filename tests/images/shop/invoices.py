# -*- coding: latin-1 -*-
"""Invoices: Übersicht, señal, naïve. These bytes are no UTF-8."""

import csv
import decimal as _decimal

from .orders import models as bestellungen

GRÜSSE = "Mit freundlichen Grüßen"


def größe(order: "bestellungen.Order") -> _decimal.Decimal:
    return _decimal.Decimal(len(order.lines))
