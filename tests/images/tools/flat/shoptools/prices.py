from decimal import Decimal


def rounded(value):
    return round(Decimal(value), 2)
