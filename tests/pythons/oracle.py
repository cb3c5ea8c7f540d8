"""The truth about the interpreters of a root file system: each says it itself, in a chroot.

    oracle.py ROOT DIRECTORY

Writes `oracle.json`: every command of the root's list in every `SITUATION`; `others.json`: interpreters that are no CPython and no
PyPy; `finds.json`: what environments with import hooks find for names. Root only; standard library only.
"""

import json
import os
import subprocess
import sys

PROBE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe.py")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# What a process starts with: variables, user, working directory. `HOME` is what a container runtime would set.
SITUATIONS = {
    "plain": {"env": {}, "user": None, "workdir": None},
    "user": {"env": {}, "user": "app", "workdir": "/home/app"},
    "path": {
        "env": {"PYTHONPATH": "lib:/srv/path/extra::/srv/path/app.zip:/missing:lib/../lib:/srv/path/extra/"},
        "user": None,
        "workdir": "/srv/path",
    },
    "no-user-site": {"env": {"PYTHONNOUSERSITE": "1"}, "user": "app", "workdir": "/"},
    "user-base": {"env": {"PYTHONUSERBASE": "/srv/userbase"}, "user": None, "workdir": "/"},
    "user-base-relative": {"env": {"PYTHONUSERBASE": "userbase/../userbase"}, "user": None, "workdir": "/srv"},
    "platlibdir": {"env": {"PYTHONPLATLIBDIR": "lib64"}, "user": None, "workdir": None},
    "home": {"env": {"HOME": "/srv/home"}, "user": "app", "workdir": "/"},
}


# What MicroPython says of itself: it has no `platform`, and `json` only where it was built with it.
OTHER = """
import sys
print(sys.implementation[0], ".".join(str(n) for n in sys.version_info[:3]), ".".join(str(n) for n in sys.implementation[1][:3]))
"""


def listed(root, name):
    """What the root's assembly left behind in a list; nothing where it made none."""
    path = os.path.join(root, "srv", name)
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return file.read().split()


def text_of(name):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name)) as file:
        return file.read()


def output(root, *command):
    result = subprocess.run(
        command, preexec_fn=lambda: (os.chroot(root), os.chdir("/")), env={"PATH": PATH, "HOME": "/root"}, capture_output=True,
        text=True, check=True,
    )
    return result.stdout.splitlines()[-1]


def user_of(root, name):
    with open(os.path.join(root, "etc", "passwd")) as file:
        for line in file:
            fields = line.split(":")
            if fields[0] == (name or "root"):
                return int(fields[2]), int(fields[3]), fields[5]
    raise SystemExit(f"{root}: no user {name}")


def run(root, command, situation):
    uid, gid, home = user_of(root, situation["user"])
    # Without a locale, 3.6 reads `.pth` files as ASCII and dies of the mark that one of them begins with.
    environment = {"PATH": PATH, "HOME": home, "LANG": "C.UTF-8", **situation["env"]}
    with open(PROBE) as file:
        probe = file.read()

    def enter():
        os.chroot(root)
        os.chdir(situation["workdir"] or "/")
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)

    # -B: the root stays as it is.
    result = subprocess.run(
        [command, "-B", "-c", probe], env=environment, preexec_fn=enter, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        return {"error": result.stderr.strip().splitlines()[-1:] or [str(result.returncode)]}
    return json.loads(result.stdout.splitlines()[-1])


def main():
    root, out = os.path.realpath(sys.argv[1]), sys.argv[2]

    def write(name, found):
        with open(os.path.join(out, name), "w") as file:
            json.dump(found, file, indent=1, sort_keys=True)

    found = []
    for name, situation in SITUATIONS.items():
        cases = [{"command": command, **run(root, command, situation)} for command in listed(root, "pythons.txt")]
        found.append({"situation": name, **situation, "cases": cases})
    write("oracle.json", found)
    others = []
    for command in listed(root, "others.txt"):
        name, version, own = output(root, command, "-c", OTHER).split()
        others.append({"command": command, "implementation": name, "version": version, "own": own})
    write("others.json", others)
    finds = text_of("finds.py")
    names = "/srv/editables/names.txt"
    write(
        "finds.json",
        [
            {"command": command, "found": json.loads(output(root, command, "-B", "-c", finds, names))}
            for command in listed(root, "finds.txt")
        ],
    )


main()
