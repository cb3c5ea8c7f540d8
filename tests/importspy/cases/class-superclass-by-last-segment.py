import logging


class Handler(logging.StreamHandler):
    pass
