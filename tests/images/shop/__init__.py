"""A small shop: the application in the `venv` test image. It has one of everything that imports can look like."""

__version__ = "2.4.1"
