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
            "abi_flags": getattr(sys, "abiflags", None),
            "debug": hasattr(sys, "gettotalrefcount"),
            "free_threaded": bool(sysconfig and sysconfig.get_config_var("Py_GIL_DISABLED")),
            "user_site": getattr(site, "USER_SITE", None) if getattr(site, "ENABLE_USER_SITE", None) else None,
            "builtin_module_names": sorted(sys.builtin_module_names),
        },
        sort_keys=True,
    )
)
