__version__ = ".".join(["1", "2"])
