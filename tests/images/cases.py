"""Files for the `debian` image: every way in which one layer can change what another one left.

    cases.py before DIRECTORY    the first layer
    cases.py after DIRECTORY     the second layer: each name says what has happened to it
    cases.py opaque FILE.tar     a third layer, as a tar: opaque whiteouts, which umoci does not write itself

Runs inside the image with its own Python, and `opaque` on the host; standard library only.
"""

import io
import os
import shutil
import stat
import sys
import tarfile

LONG = "long-" + "n" * 95
NOT_UTF8 = b"latin-\xe9.txt"


def write(path, text="content\n"):
    os.makedirs(os.path.dirname(path) or b".", exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def before():
    for name in (
        "kept.txt",
        "removed.txt",
        "changed.txt",
        "touched.txt",
        "mode-only.txt",
        "owner-only.txt",
        "file-to-directory",
        "file-to-link",
        "hard/first",
        "directory-to-file/inner/a.txt",
        "directory-to-link/a.txt",
        "directory-removed/inner/a.txt",
        "directory-emptied/a.txt",
        "directory-mode-only/a.txt",
        "recreated/a.txt",
        "recreated/b.txt",
        "recreated/inner/c.txt",
        "opaque/a.txt",
        "opaque/inner/b.txt",
        "opaque-last/a.txt",
        "target/real.txt",
        "Case/same.txt",
        "case/same.txt",
        "names/with space.txt",
        "names/-dash",
        "names/back\\slash.txt",
        "names/new\nline.txt",
        "names/uni-\u00e9-\u4e2d.txt",
        "names/nfd-e\u0301.txt",
        "names/.hidden",
        "names/.whx",
        f"names/{LONG}/{LONG}/{LONG}/deep.txt",
    ):
        write(name, f"{name.encode()!r} as it was\n")
    write(b"names/" + NOT_UTF8)
    os.mkdir("empty")
    os.link("hard/first", "hard/second")
    write("hard/alone", "a link to this comes in the next layer\n")

    os.symlink("target", "link-to-directory")
    os.symlink("target/real.txt", "link-to-file")
    os.symlink("target", "link-retargeted")
    os.symlink("/srv/cases/target", "link-absolute")
    os.symlink("missing", "link-dangling")
    os.symlink("loop-b", "loop-a")
    os.symlink("loop-a", "loop-b")
    # Beyond the root: the kernel stops at `/`.
    os.symlink("../../../../../../etc/debian_version", "link-above-root")
    os.symlink("x/" * 100 + "long-target", "link-long-target")

    write("special/setuid")
    os.chmod("special/setuid", 0o4755)
    write("special/setgid")
    os.chmod("special/setgid", 0o2755)
    os.mkdir("special/sticky")
    os.chmod("special/sticky", 0o1777)
    write("special/unreadable")
    os.chmod("special/unreadable", 0)
    os.mkfifo("special/fifo")
    os.mknod("special/character", stat.S_IFCHR | 0o644, os.makedev(1, 3))
    os.mknod("special/block", stat.S_IFBLK | 0o640, os.makedev(7, 300))
    write("special/large-owner")
    os.chown("special/large-owner", 3_000_000, 3_000_001)
    write("special/attributed")
    # A PAX record; file systems without extended attributes do without it.
    try:
        os.setxattr("special/attributed", "user.douane", b"value")
    except OSError:
        pass


def after():
    os.remove("removed.txt")
    write("changed.txt", "as it is now\n")
    os.utime("touched.txt", (1_000_000_000, 1_000_000_000))
    os.chmod("mode-only.txt", 0o600)
    os.chown("owner-only.txt", 1000, 1000)
    os.chmod("directory-mode-only", 0o700)

    os.remove("file-to-directory")
    write("file-to-directory/a.txt")
    os.remove("file-to-link")
    os.symlink("kept.txt", "file-to-link")
    shutil.rmtree("directory-to-file")
    write("directory-to-file")
    shutil.rmtree("directory-to-link")
    os.symlink("target", "directory-to-link")
    os.remove("link-to-directory")
    write("link-to-directory/own.txt")
    os.remove("link-to-file")
    write("link-to-file", "no longer a link\n")
    os.remove("link-retargeted")
    os.symlink("kept.txt", "link-retargeted")

    shutil.rmtree("directory-removed")
    os.remove("directory-emptied/a.txt")
    shutil.rmtree("recreated")
    write("recreated/a.txt", "the same name, another file\n")
    write("recreated/new.txt")

    os.remove("hard/first")
    os.link("hard/alone", "hard/joined")


def opaque(path):
    """Two opaque directories: the marker before its siblings, and after them. It hides only what lower layers hold."""

    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:

        def directory(name):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)

        def file(name, content=b""):
            entry = tarfile.TarInfo(name)
            entry.mode, entry.size = 0o644, len(content)
            tar.addfile(entry, io.BytesIO(content))

        directory("srv/cases/opaque")
        file("srv/cases/opaque/.wh..wh..opq")
        file("srv/cases/opaque/fresh", b"fresh\n")
        directory("srv/cases/opaque-last")
        file("srv/cases/opaque-last/fresh", b"fresh\n")
        file("srv/cases/opaque-last/.wh..wh..opq")


def main():
    action, place = sys.argv[1:]
    os.umask(0o022)
    if action == "opaque":
        return opaque(place)
    os.makedirs(place, exist_ok=True)
    os.chdir(place)
    {"before": before, "after": after}[action]()


main()
