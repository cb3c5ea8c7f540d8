import logging
import os.path
import shop.catalog.cache


def run(currency):
    logging.getLogger(__name__).info("%s %s", currency, shop.catalog.cache.key(os.path.curdir))
