"""The import graphs of large packages beside grimp and `ruff analyze graph`: every difference has its reason, or is a failure.

    tests/graph/compare.py DOUANE VENV

DOUANE is the program, VENV a virtual environment that holds the packages, grimp and ruff (`tests/run graph` makes it from `requirements.txt`). The
edges that are compared lead from a module of a package to a module of the same package: what a statement names itself, not the
packages on the way to it. Prints a table, and every difference that no reason explains.
"""

import json
import pathlib
import subprocess
import sys

PACKAGES = ["django", "sqlalchemy", "sympy", "botocore", "networkx", "celery", "twisted", "ansible", "jedi", "sphinx"]

# What may differ, and why: each difference is counted under one of these, or makes the run fail.
REASONS = {
    "dynamic": "a literal `import_module` or `__import__`: the others follow statements only",
    "extension": "an extension module is found before the source beside it: grimp and ruff read the source",
    "not seen": "a module that grimp has not: below a directory without `__init__.py`",
    "itself": "an import of the module by itself",
}


def douane(program, venv):
    """Each package's modules: {name: (file, kind, {(target, kind of import)})}."""
    patterns = [argument for package in PACKAGES for argument in ("--modules", package + ".**")]
    command = [program, "inspect", "env:" + str(venv), "-f", "json", *patterns]
    inventory = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    modules = {module["name"]: module for module in inventory["environments"][0]["modules"]}
    for module in modules.values():
        by_import = {}
        for edge in module["edges"]:
            by_import.setdefault(edge["import"], {})[edge["target"]] = edge["certainty"]
        named = set()
        for position, targets in by_import.items():
            statement = module["imports"][position]
            base = absolute(module, statement)
            names = statement["names"]
            if not names:
                named.add((base, statement["kind"]))
            for name in names:
                below = base + "." + name if base else name
                named.add((below if below in targets else base, statement["kind"]))
            assert "must" in targets.values() or base in targets or not base, (module["name"], statement)
        module["named"] = named
    return modules


def absolute(module, statement):
    if not statement["level"]:
        return statement["target"]
    is_package = module["kind"] in ("package", "namespace")
    parts = module["name"].split(".")
    parts = parts[: len(parts) - (statement["level"] - is_package)]
    return ".".join(parts + ([statement["target"]] if statement["target"] else []))


def ours(modules, package):
    within = lambda name: name == package or name.startswith(package + ".")
    edges = {}
    for name, module in modules.items():
        if within(name):
            for target, kind in module["named"]:
                if within(target) and target in modules and target != name:
                    edges.setdefault((name, target), set()).add(kind)
    return edges


def grimp(venv, package):
    script = (
        "import grimp, json, sys\n"
        "graph = grimp.build_graph(sys.argv[1], cache_dir=None)\n"
        "print(json.dumps([[m, t] for m in sorted(graph.modules) for t in sorted(graph.find_modules_directly_imported_by(m))]))\n"
        "print(json.dumps(sorted(graph.modules)))\n"
    )
    run = subprocess.run([str(venv / "bin/python"), "-c", script, package], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        return None, run.stderr.strip().splitlines()[-1]
    edges, modules = run.stdout.splitlines()
    return {tuple(edge) for edge in json.loads(edges)}, set(json.loads(modules))


def ruff(venv, package, modules):
    site = next((venv / "lib").glob("python3*")) / "site-packages"
    names = {}
    for name, module in modules.items():
        if module["file"]:
            # Of an extension that has its source beside it, ruff names the source.
            file = pathlib.Path(module["file"])
            names[str(file.parent / (file.name.split(".")[0] + ".py") if module["kind"] == "extension" else file)] = name
    command = [str(venv / "bin/ruff"), "analyze", "graph", "--quiet", "--isolated", "--python", str(venv / "bin/python"), str(site / package)]
    graph = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=site).stdout)
    edges = set()
    for source, targets in graph.items():
        for target in targets:
            pair = names.get(str(site / source)), names.get(str(site / target))
            if all(pair) and pair[1].split(".")[0] == package and pair[0] != pair[1]:
                edges.add(pair)
    return edges


def main():
    program, venv = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    modules = douane(program, venv)
    failed, counted = False, {}
    print(f"{'package':12} {'modules':>8} {'edges':>8} | {'grimp':>8} {'differ':>7} | {'ruff':>8} {'differ':>7}")
    for package in PACKAGES:
        mine = ours(modules, package)
        line = f"{package:12} {sum(1 for name in modules if name.split('.')[0] == package):8} {len(mine):8} |"
        unexplained = []
        for tool, (theirs, known) in {"grimp": grimp(venv, package), "ruff": (ruff(venv, package, modules), None)}.items():
            if theirs is None:
                line += f" {'failed':>8} {'':>7} |"
                unexplained.append((tool, "failed", known))
                continue
            differences = [(tool, "not ours", edge) for edge in sorted(theirs - set(mine))]
            differences += [(tool, "ours alone", edge) for edge in sorted(set(mine) - theirs)]
            for difference in differences:
                reason = explained(difference, mine, modules, known)
                if reason is None:
                    unexplained.append(difference)
                else:
                    counted[tool, reason] = counted.get((tool, reason), 0) + 1
            line += f" {len(theirs):8} {len(differences):7} |"
        print(line)
        for tool, what, edge in unexplained[:20]:
            print(f"    {tool}: {what}: {edge}")
        failed |= bool(unexplained)
    for (tool, reason), count in sorted(counted.items()):
        print(f"{count:6} {tool}: {reason}: {REASONS[reason]}")
    sys.exit(failed)


def explained(difference, mine, modules, known):
    """The reason of a difference; nothing where there is none."""
    _, what, (source, target) = difference
    if what == "ours alone":
        if mine[source, target] == {"dynamic"}:
            return "dynamic"
        if known is not None and not {source, target} <= known:
            return "not seen"
    elif source == target:
        return "itself"
    elif modules.get(source, {}).get("kind") == "extension":
        return "extension"
    return None


main()
