"""Installed by `setup.py develop`, as before PEP 660: an egg-link, and a line in `easy-install.pth`."""

from setuptools import setup

setup(
    name="shop-legacy",
    version="0.9",
    packages=["shoplegacy"],
    license="BSD",
    install_requires=["six>=1.10"],
    extras_require={"fast": ["numpy"], ":python_version < '3'": ["enum34"]},
    entry_points={"console_scripts": ["shop-legacy = shoplegacy:main"]},
)
