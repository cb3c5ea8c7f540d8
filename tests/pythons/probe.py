"""What an interpreter says of itself, as one line of JSON. Runs in every Python from 2.7 on, by `-c`.

It takes `sys.path` before it imports anything, so that its own imports cannot change it.
"""

import sys

path = list(sys.path)
# -c puts the working directory first; what stands behind it is what every program gets.
if path and path[0] == "":
    del path[0]
import json
import os
import platform

try:
    import sysconfig
except ImportError:
    sysconfig = None
try:
    from importlib.machinery import EXTENSION_SUFFIXES as suffixes
except ImportError:
    import imp

    suffixes = [suffix for suffix, _, kind in imp.get_suffixes() if kind == imp.C_EXTENSION]

def variable(name):
    return sysconfig.get_config_var(name) if sysconfig else None


def abi():
    """The tag of its wheels, by the rules that installers have."""
    if platform.python_implementation() == "PyPy":
        return "_".join(variable("SOABI").split("-")[:2]) if variable("SOABI") and sys.version_info[0] > 2 else None
    if sys.version_info[0] > 2:
        return "cp" + variable("SOABI").split("-")[1]
    flags = [
        ("d", hasattr(sys, "gettotalrefcount")),
        ("m", variable("WITH_PYMALLOC")),
        ("u", sys.maxunicode == 0x10FFFF),
    ]
    return "cp27" + "".join(letter for letter, is_set in flags if is_set)


implementation = getattr(sys, "implementation", None)
site = sys.modules.get("site")
number = "%d.%d.%d" % sys.version_info[:3]
if sys.version_info[3] != "final":
    number += {"alpha": "a", "beta": "b", "candidate": "rc"}[sys.version_info[3]] + str(sys.version_info[4])

print(
    json.dumps(
        {
            "version": number,
            "implementation": platform.python_implementation(),
            "path": path,
            "executable": sys.executable,
            "resolved": os.path.realpath(sys.executable),
            "prefix": sys.prefix,
            "base_prefix": getattr(sys, "base_prefix", getattr(sys, "real_prefix", sys.prefix)),
            "multiarch": getattr(implementation, "_multiarch", None),
            "cache_tag": getattr(implementation, "cache_tag", None),
            "extension_suffixes": list(suffixes),
            "abi": abi(),
            # CS_GNU_LIBC_VERSION, by its number: 2.7 does not know the name.
            "libc_name": os.confstr(2).split()[0],
            "libc_version": os.confstr(2).split()[1],
            "abi_flags": getattr(sys, "abiflags", None),
            "debug": hasattr(sys, "gettotalrefcount"),
            "free_threaded": bool(sysconfig and sysconfig.get_config_var("Py_GIL_DISABLED")),
            "user_site": getattr(site, "USER_SITE", None) if getattr(site, "ENABLE_USER_SITE", None) else None,
            "builtin_module_names": sorted(sys.builtin_module_names),
        },
        sort_keys=True,
    )
)
