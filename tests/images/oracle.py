"""The truth about an unpacked image, from tools that have nothing to do with douane. README.md has the formats.

    oracle.py manifest ROOTFS OUT.jsonl        every path of a tree that umoci unpacked
    oracle.py python ROOTFS LAYOUT OUT_DIR     what the image's own interpreters say; they run in a chroot

Root only. Standard library only.
"""

import hashlib
import json
import os
import re
import stat
import subprocess
import sys

INTERPRETER = re.compile(rb"(python|pypy)[0-9.]*t?(-c)?")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


# --- the tree ------------------------------------------------------------------------------------------------------


def text(key, name):
    """A name as JSON can hold it: as text, or in hexadecimal under another key when it is not UTF-8."""
    try:
        return {key: name.decode()}
    except UnicodeDecodeError:
        return {f"{key}_hex": name.hex()}


def walk(root):
    """Every path beneath a root, itself included, as bytes that start with `/`; in byte order."""
    found = [b"/"]
    for directory, directories, files in os.walk(root, followlinks=False):
        prefix = directory[len(root) :] + b"/"
        found += [prefix + name for name in directories + files]
    return sorted(found)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe(root, path):
    host = root + path
    status = os.lstat(host)
    mode = status.st_mode
    entry = {
        **text("path", path),
        "type": "",
        "mode": format(stat.S_IMODE(mode), "04o"),
        "uid": status.st_uid,
        "gid": status.st_gid,
    }
    if stat.S_ISREG(mode):
        entry |= {"type": "file", "size": status.st_size, "sha256": digest(host)}
    elif stat.S_ISDIR(mode):
        entry["type"] = "directory"
    elif stat.S_ISLNK(mode):
        entry |= {"type": "symlink", **text("target", os.readlink(host))}
    elif stat.S_ISFIFO(mode):
        entry["type"] = "fifo"
    elif stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        entry["type"] = "character" if stat.S_ISCHR(mode) else "block"
        entry |= {"major": os.major(status.st_rdev), "minor": os.minor(status.st_rdev)}
    return entry


def write_manifest(rootfs, out):
    root = os.fsencode(os.path.realpath(rootfs))
    with open(out, "w") as file:
        file.writelines(json.dumps(describe(root, path), ensure_ascii=False) + "\n" for path in walk(root))


# --- the interpreters ----------------------------------------------------------------------------------------------

# Runs inside the image, in whatever Python that has (3.9 and later), and imports nothing that the image's own code
# could have replaced before sys.path is taken.
PROBE = r"""
import sys
path = list(sys.path)
# -c puts the current directory first; what stands behind it is what every program gets.
if path and path[0] == "":
    del path[0]
import base64, csv, hashlib, importlib.machinery, importlib.metadata, json, os, platform, sysconfig

FINDER = importlib.machinery.PathFinder
SUFFIXES = importlib.machinery.all_suffixes()
sys.setrecursionlimit(10000)


def names(directory):
    "Candidates only: the finder decides."
    try:
        entries = os.listdir(directory)
    except (OSError, ValueError):
        return
    for entry in entries:
        if entry == "__pycache__":
            continue
        name = entry
        if not os.path.isdir(os.path.join(directory, entry)):
            for suffix in sorted(SUFFIXES, key=len, reverse=True):
                if entry.endswith(suffix):
                    name = entry[: -len(suffix)]
                    break
            else:
                continue
        if "." not in name and name != "__init__":
            yield name


def kind(spec):
    loader = spec.loader
    locations = spec.submodule_search_locations
    # A namespace has no loader up to 3.10 and a NamespaceLoader since; its origin is None either way.
    if locations is not None and spec.origin is None:
        return "namespace"
    how = {"ExtensionFileLoader": "extension", "SourcelessFileLoader": "bytecode", "SourceFileLoader": "source"}
    return how.get(type(loader).__name__, type(loader).__name__)


def modules(directories, prefix, seen):
    for name in sorted({name for directory in directories for name in names(directory)}):
        # The last part is all that the finder looks at; a dotted name would make it look for an imported parent.
        spec = FINDER.find_spec(name, list(directories))
        # Every directory is a namespace; those that no statement can name are nobody's packages.
        if spec is not None and (kind(spec) != "namespace" or name.isidentifier()):
            yield from found(spec, prefix + name, seen)


def found(spec, name, seen):
    "A module, and what lies in it."
    locations = spec.submodule_search_locations
    entry = {"name": name, "kind": kind(spec), "package": locations is not None}
    if entry["kind"] != "namespace":
        entry["origin"] = spec.origin
    if locations is not None:
        entry["locations"] = list(getattr(locations, "_path", locations))
    yield entry
    if locations is not None:
        real = tuple(sorted(os.path.realpath(each) for each in entry["locations"]))
        # A symbolic link back to a parent would go on for ever.
        if real not in seen and name.count(".") < 40:
            yield from modules(entry["locations"], name + ".", seen | {real})


def record(distribution):
    "What RECORD lists, each file against its hash: by what is wrong with it."
    text = distribution.read_text("RECORD")
    if text is None:
        return None
    base = str(distribution.locate_file(""))
    result = {"listed": 0, "hashed": 0, "modified": [], "missing": [], "unhashed": []}
    for row in csv.reader(text.splitlines()):
        if not row or not row[0]:
            continue
        path = os.path.normpath(os.path.join(base, row[0]))
        result["listed"] += 1
        if not os.path.isfile(path):
            result["missing"].append(path)
        elif len(row) < 2 or not row[1]:
            result["unhashed"].append(path)
        else:
            name, _, wanted = row[1].partition("=")
            with open(path, "rb") as file:
                digest = hashlib.new(name, file.read()).digest()
            result["hashed"] += 1
            if base64.urlsafe_b64encode(digest).decode().rstrip("=") != wanted.rstrip("="):
                result["modified"].append(path)
    return {key: sorted(value) if isinstance(value, list) else value for key, value in result.items()}


known, duplicates, order = {}, [], []
claimed = set()
for distribution in importlib.metadata.distributions(path=path):
    name = distribution.metadata["Name"]
    # Broken metadata, and a directory that an interrupted installation left, have no name.
    if not name:
        continue
    entry = {"name": name, "version": distribution.version, "metadata": str(distribution._path)}
    entry["location"] = str(distribution.locate_file(""))
    for key in ("INSTALLER", "REQUESTED", "direct_url.json"):
        value = distribution.read_text(key)
        if value is not None:
            entry[key.lower().replace(".json", "")] = json.loads(value) if key.endswith(".json") else value.strip()
    entry["files"] = None if distribution.files is None else len(distribution.files)
    entry["requires"] = distribution.requires or []
    metadata = distribution.metadata
    folded = lambda name: " ".join((metadata[name] or "").split())
    entry["license"] = folded("License-Expression") or folded("License")
    entry["classifiers"] = [each for each in metadata.get_all("Classifier", []) if each.startswith("License ::")]
    entry["extras"] = metadata.get_all("Provides-Extra", [])
    entry["requires_python"] = metadata["Requires-Python"]
    entry["entry_points"] = sorted([each.group, each.name, each.value] for each in distribution.entry_points)
    entry["record"] = record(distribution)
    claimed.update(os.path.normpath(os.path.join(entry["location"], str(each))) for each in distribution.files or [])
    key = __import__("re").sub(r"[-_.]+", "-", name).lower()
    (duplicates if key in known else order).append(entry)
    known.setdefault(key, entry)

# Files of site directories that no distribution lists; what was compiled from a source that one lists is that source's.
unlisted = []
for each in path:
    if os.path.basename(each) != "site-packages":
        continue
    for directory, _, names_there in os.walk(each):
        for name in names_there:
            file = os.path.join(directory, name)
            if os.path.basename(directory) == "__pycache__" and name.endswith(".pyc"):
                file = os.path.join(os.path.dirname(directory), name.split(".")[0] + ".py")
            if file not in claimed and os.path.join(directory, name) not in claimed:
                unlisted.append(os.path.join(directory, name))

# Installed in place by setuptools: a finder of its own, which knows modules that no path entry has.
mappings = {}
hooks = {}
for finder in sys.meta_path:
    mapping = getattr(sys.modules.get(getattr(finder, "__module__", None)), "MAPPING", {})
    mappings.update(mapping)
    hooks.update((name, finder) for name in mapping)

result = {
    "executable": sys.executable,
    "resolved": os.path.realpath(sys.executable),
    "version": platform.python_version(),
    "version_info": list(sys.version_info),
    "implementation": {"name": sys.implementation.name, "version": list(sys.implementation.version)},
    "cache_tag": sys.implementation.cache_tag,
    "extension_suffixes": importlib.machinery.EXTENSION_SUFFIXES,
    "prefix": sys.prefix,
    "base_prefix": sys.base_prefix,
    "exec_prefix": sys.exec_prefix,
    "platform": sysconfig.get_platform(),
    "path": path,
    "editable_mapping": mappings,
    "user_site": (lambda site: {"enabled": site.ENABLE_USER_SITE, "path": site.getusersitepackages()})(__import__("site"))
    if "site" in sys.modules else None,
    "builtin_module_names": sorted(sys.builtin_module_names),
    "stdlib_module_names": sorted(getattr(sys, "stdlib_module_names", ())) or None,
    "distributions": sorted(order, key=lambda entry: entry["name"].lower()),
    "shadowed": duplicates,
    "unlisted": sorted(unlisted),
}
print(json.dumps(result))
on_path = set()
for entry in modules(path, "", frozenset()):
    on_path.add(entry["name"])
    print(json.dumps(entry))
# The hook is asked after the path.
for name in sorted(set(hooks) - on_path):
    for entry in found(hooks[name].find_spec(name), name, frozenset()):
        print(json.dumps(entry))
"""


def image_config(layout):
    """The runtime configuration in a layout's one image."""

    def blob(descriptor):
        with open(os.path.join(layout, "blobs", *descriptor["digest"].split(":")), "rb") as file:
            return json.load(file)

    with open(os.path.join(layout, "index.json"), "rb") as file:
        manifest = blob(json.load(file)["manifests"][0])
    return blob(manifest["config"]).get("config", {})


def passwd(rootfs):
    try:
        with open(os.path.join(rootfs, "etc/passwd")) as file:
            return [line.rstrip("\n").split(":") for line in file if line.count(":") >= 6]
    except FileNotFoundError:
        return []


class Container:
    """Runs a program the way a container runtime would, as far as an interpreter can notice."""

    def __init__(self, rootfs, config):
        self.rootfs = rootfs
        self.config = config
        user = (config.get("User") or "0").partition(":")[0]
        account = next((entry for entry in passwd(rootfs) if user in (entry[0], entry[2])), None)
        self.uid = int(account[2]) if account else int(user)
        self.gid = int(account[3]) if account else 0
        self.environment = {"PATH": DEFAULT_PATH}
        self.environment |= dict(each.split("=", 1) for each in config.get("Env") or [])
        self.environment.setdefault("HOME", account[5] if account else "/")

    def run(self, command, directory="/", **more):
        def enter():
            os.chroot(self.rootfs)
            os.chdir(directory)
            os.setgroups([])
            os.setgid(self.gid)
            os.setuid(self.uid)

        # Byte code must not be written: the tree stays as it was unpacked.
        environment = self.environment | {"PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            command,
            check=False,
            env=environment,
            preexec_fn=enter,
            capture_output=True,
            text=True,
            timeout=600,
            **more,
        )


def is_executable(host):
    status = os.lstat(host)
    if not stat.S_ISREG(status.st_mode) or not status.st_mode & 0o111:
        return False
    with open(host, "rb") as file:
        return file.read(4) == b"\x7fELF"


def find_interpreters(rootfs):
    """Real interpreters by file name and ELF magic; each virtual environment by its own bin/python."""
    root = os.fsencode(os.path.realpath(rootfs))
    environments, executables = [], []
    for path in walk(root):
        directory, _, name = path.rpartition(b"/")
        if name == b"pyvenv.cfg" and os.path.lexists(root + directory + b"/bin/python"):
            environments.append(os.fsdecode(directory + b"/bin/python"))
        elif INTERPRETER.fullmatch(name) and is_executable(root + path):
            executables.append(os.fsdecode(path))
    return executables, environments


def write_python(rootfs, layout, out):
    config = image_config(layout)
    container = Container(rootfs, config)
    executables, environments = find_interpreters(rootfs)
    interpreters = []
    for kind, command in [("interpreter", each) for each in executables] + [("venv", each) for each in environments]:
        done = container.run([command, "-c", PROBE])
        if done.returncode != 0:
            raise SystemExit(f"{command}: {done.stderr}")
        first, *rest = done.stdout.splitlines()
        listing = f"modules-{len(interpreters)}.jsonl"
        with open(os.path.join(out, listing), "w") as file:
            file.write("".join(line + "\n" for line in rest))
        top = [json.loads(line)["name"] for line in rest if "." not in json.loads(line)["name"]]
        entry = {"kind": kind, "command": command, **json.loads(first)}
        entry |= {"modules": listing, "module_count": len(rest), "top_level_modules": top}
        interpreters.append(entry)
    result = {
        "user": {"uid": container.uid, "gid": container.gid, "home": container.environment["HOME"]},
        "environment": container.environment,
        "interpreters": interpreters,
        "entrypoint": entrypoint(container, config),
    }
    with open(os.path.join(out, "oracle.json"), "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


def entrypoint(container, config):
    """What sys.path[0] really becomes: only the shop can tell, it has a command for that."""
    command = (config.get("Entrypoint") or []) + ["diagnose"]
    if "shop.main" not in command:
        return None
    done = container.run(command, directory=config.get("WorkingDir") or "/")
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.stderr}")
    return {"command": command, **json.loads(done.stdout)}


def main():
    match sys.argv[1:]:
        case ["manifest", rootfs, out]:
            write_manifest(rootfs, out)
        case ["python", rootfs, layout, out]:
            write_python(rootfs, layout, out)
        case _:
            raise SystemExit(__doc__)


main()
