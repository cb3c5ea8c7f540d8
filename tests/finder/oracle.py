"""What an interpreter's own finder says of small trees: one tree a line in, one list of modules a line out (2.7 and 3.x)."""
import json, marshal, os, shutil, sys, tempfile, zipfile

NAMES = ["a", "amodule", "b", "bmodule", "c", "cmodule", "cmodulemodule", "__init__module"]
if sys.version_info[0] == 2:
    import imp

    def find(name, paths):
        try:
            opened, path, (_, _, kind) = imp.find_module(name, paths)
        except ImportError:
            return None
        if opened:
            opened.close()
        if kind != imp.PKG_DIRECTORY:
            return {imp.C_EXTENSION: "Extension", imp.PY_SOURCE: "Source", imp.PY_COMPILED: "Bytecode"}[kind], path, None
        inner, path_of_init, (_, _, kind) = imp.find_module("__init__", [path])
        inner.close()
        kind = {imp.C_EXTENSION: "Extension", imp.PY_SOURCE: "Package", imp.PY_COMPILED: "Bytecode"}[kind]
        return kind, path_of_init, [path]
else:
    import importlib.machinery as machinery, importlib.util, zipimport

    def find(name, paths):
        spec = machinery.PathFinder.find_spec(name, paths)
        if spec is None:
            return None
        below = spec.submodule_search_locations
        if below is not None and spec.origin in (None, "namespace"):
            return "Namespace", None, list(below)
        if isinstance(spec.loader, zipimport.zipimporter):
            source = "Source" if below is None else "Package"
            return "Bytecode" if spec.origin.endswith(".pyc") else source, spec.origin, below
        kind = {
            machinery.ExtensionFileLoader: "Extension",
            machinery.SourceFileLoader: "Source" if below is None else "Package",
            machinery.SourcelessFileLoader: "Bytecode",
        }[type(spec.loader)]
        return kind, spec.origin, below


def archive(path, names):
    """Writes an archive; bytecode in it is sound, but older than any source."""
    code = marshal.dumps(compile("", "x", "exec"))
    with zipfile.ZipFile(path, "w") as opened:
        for name in names:
            header = importlib.util.MAGIC_NUMBER + bytes(8 if sys.version_info < (3, 7) else 12)
            opened.writestr(name, header + code if name.endswith(".pyc") else b"")


def walk(root, prefix, paths, found, depth):
    count = 0
    for name in NAMES:
        hit = find(name, paths)
        if hit is None:
            continue
        kind, path, below = hit
        full = prefix + name
        before = len(found)
        found.append("%s %s%s" % (full, kind, "" if path is None else " " + path[len(root):]))
        inner = walk(root, full + ".", below, found, depth + 1) if below is not None and depth < 8 else 0
        # A namespace is listed only where a module can be imported below it.
        if kind == "Namespace" and inner == 0:
            del found[before:]
        count += inner + (kind != "Namespace")
    return count


for line in iter(sys.stdin.readline, ""):
    tree = json.loads(line)
    root = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    try:
        for kind, path, target in tree["entries"]:
            path = root + str(path)
            if not os.path.isdir(os.path.dirname(path)):
                os.makedirs(os.path.dirname(path))
            if kind == "link":
                os.symlink(str(target), path)
            elif kind == "directory":
                os.makedirs(path)
            elif kind == "zip":
                archive(path, target.split())
            else:
                open(path, "w").close()
        sys.path_importer_cache.clear()
        found = []
        walk(root, "", [root + str(entry) for entry in tree["path"]], found, 0)
    finally:
        shutil.rmtree(root)
    sys.stdout.write(json.dumps(sorted(found)) + "\n")
    sys.stdout.flush()
