"""The truth about the interpreters of a root file system: each says it itself, in a chroot.

    oracle.py ROOT OUT.json

Runs every command of `CASES` below in every `SITUATION`, where both are there. Root only; standard library only.
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


def commands(root):
    """Every interpreter and environment: the names in the list that the root's assembly left behind."""
    with open(os.path.join(root, "srv", "pythons.txt")) as file:
        return file.read().split()


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
    found = []
    for name, situation in SITUATIONS.items():
        cases = [{"command": command, **run(root, command, situation)} for command in commands(root)]
        found.append({"situation": name, **situation, "cases": cases})
    with open(out, "w") as file:
        json.dump(found, file, indent=1, sort_keys=True)


main()
