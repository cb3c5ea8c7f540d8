# Runs inside a root of real interpreters, and makes environments of every kind from them. `/srv/pythons.txt` lists the
# commands that the oracle asks. To add packages to the root, add them here: every interpreter is at hand.
#
#   bash -eu inside.sh ROOT-NAME
list=/srv/pythons.txt
: >"$list"
useradd --create-home --uid 1000 app 2>/dev/null || true
mkdir -p /srv/envs

minor() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }
listed() { printf '%s\n' "$@" >>"$list"; }

# What `site` reads: every form of a line, files that do not count, a directory of that name, a broken link.
pth_files() { # pth_files SITE-DIRECTORY
    mkdir -p "$1" "$1/relative" "$1/zeta" /srv/pth/abs "/srv/pth/with space" /srv/pth/hidden /srv/pth/nested "$1/dir.pth"
    printf '# comment\n\n#also\n/srv/pth/abs\nrelative\n./relative\nmissing\n/srv/pth/../pth/abs\n' >"$1/a.pth"
    printf '/srv/pth/with space   \n\tzeta\nzeta\t\n/srv/pth//nested/\n' >"$1/b.pth"
    printf '/srv/pth/hidden\n' >"$1/.hidden.pth"
    printf '/srv/pth/hidden\r\n' >"$1/c.pth"
    printf '/srv/pth/second\n' >/srv/pth/nested/inner.pth
    printf '\357\273\277/srv/pth/bom\n' >"$1/d-bom.pth"
    mkdir -p /srv/pth/second /srv/pth/bom
    printf './lib-no-newline' >"$1/e-end.pth"
    mkdir -p "$1/lib-no-newline"
    touch "$1/file.zip"
    printf 'file.zip\n' >"$1/f.pth"
    ln -sfn /nowhere "$1/g.pth"
    : >"$1/h-empty.pth"
    printf 'relative\n' >"$1/i.start"
    # 3.15 takes white space before a line for nothing, others for a part of it.
    mkdir -p "$1/indented"
    printf '  indented\n' >"$1/j.pth"
}

# Code that 3.15 does not run, for a `.start` file stands beside it.
start_files() { # start_files SITE-DIRECTORY
    mkdir -p /srv/pth/by-code /srv/pth/beside-code
    printf 'import sys; sys.path.append("/srv/pth/by-code")\n/srv/pth/beside-code\n' >"$1/k.pth"
    printf '# nothing\n\n' >"$1/k.start"
}

user_site() { # user_site HOME MINOR
    mkdir -p "$1/.local/lib/python$2/site-packages/mine"
    echo mine >"$1/.local/lib/python$2/site-packages/user.pth"
}

situations() {
    mkdir -p /srv/path/lib /srv/path/extra /srv/userbase /srv/home
    touch /srv/path/app.zip
    local version
    for version in 2.7 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13 3.14 3.15; do
        user_site /root "$version"
        user_site /home/app "$version"
        mkdir -p "/srv/userbase/lib/python$version/site-packages"
    done
    mkdir -p /home/app/.local/lib/pypy3.{9,10,11}/site-packages
    # Only the plain user can read these homes; root can read all.
    chown -R app: /home/app
    chmod 755 /root
}

if [[ $1 == bookworm ]]; then
    situations
    listed /usr/bin/python3 /usr/bin/python3.11 /usr/bin/python3.11-dbg /usr/bin/pypy3
    pth_files /usr/local/lib/python3.11/dist-packages
    python3 -m venv /srv/envs/debian
    python3 -m venv --system-site-packages /srv/envs/debian-open
    pypy3 -m venv /srv/envs/pypy
    pypy3 -m venv --system-site-packages /srv/envs/pypy-open
    listed /srv/envs/{debian,debian-open,pypy,pypy-open}/bin/python3
    /srv/envs/debian/bin/python -m venv /srv/envs/of-venv
    listed /srv/envs/of-venv/bin/python
    ln -s envs/debian /srv/linked
    listed /srv/linked/bin/python
    for python in "$PYENV"/versions/*/bin/python; do
        version=$(minor "$python")
        listed "$python"
        pth_files "$(dirname "$(dirname "$python")")/lib/python$version/site-packages"
        [[ $version == 2.7 ]] && continue
        "$python" -m venv "/srv/envs/$version"
        "$python" -m venv --without-pip --system-site-packages "/srv/envs/$version-open"
        "$python" -m venv --without-pip --copies "/srv/envs/$version-copy"
        listed "/srv/envs/$version/bin/python" "/srv/envs/$version-open/bin/python3" "/srv/envs/$version-copy/bin/python"
        pth_files "/srv/envs/$version/lib/python$version/site-packages"
    done
    # virtualenv: the one that still knows 2.7, today's, and the old one, which has no pyvenv.cfg.
    /srv/envs/debian/bin/pip install -q --no-index --find-links /srv/wheels/new virtualenv
    for version in 3.8 3.11 3.13; do
        /srv/envs/debian/bin/virtualenv -q --no-download -p "$(echo "$PYENV"/versions/$version.*/bin/python)" "/srv/envs/virtualenv-$version"
        listed "/srv/envs/virtualenv-$version/bin/python"
    done
    mkdir -p /srv/old
    (cd /srv/old && python3 -m zipfile -e /srv/wheels/virtualenv-16.7.10-py2.py3-none-any.whl .)
    for version in 2.7 3.6; do
        python=$(echo "$PYENV"/versions/$version.*/bin/python)
        [[ -x $python ]] || continue
        "$python" /srv/old/virtualenv.py -q --no-download --no-wheel "/srv/envs/old-$version"
        "$python" /srv/old/virtualenv.py -q --no-download --no-wheel --system-site-packages "/srv/envs/old-$version-open"
        listed /srv/envs/old-$version{,-open}/bin/python
    done
    python3 -m venv /srv/envs/editables
    bash -eu /srv/editables.sh /srv/envs/editables
    listed /srv/envs/editables/bin/python
    echo /srv/envs/editables/bin/python >/srv/finds.txt
    rm -rf /srv/old /srv/wheels
    # ._pth: beside the executable; with and without `import site`.
    for version in 3.11 3.12 3.13; do
        python=$(echo "$PYENV"/versions/$version.*/bin/python$version)
        [[ -x $python ]] || continue
        home=$(dirname "$(dirname "$python")")
        mkdir -p /srv/envs/pth-$version/bin /srv/envs/pth-site-$version/bin
        cp "$python" /srv/envs/pth-$version/bin/python$version
        printf '%s\n' "$home/lib/python$version" "$home/lib/python$version/lib-dynload" '../app' '# no' >/srv/envs/pth-$version/bin/python$version._pth
        cp "$python" /srv/envs/pth-site-$version/bin/python$version
        printf '%s\n' "$home/lib/python$version" "$home/lib/python$version/lib-dynload" 'import site' >/srv/envs/pth-site-$version/bin/python$version._pth
        listed /srv/envs/pth{,-site}-$version/bin/python$version
    done
    # The same binary elsewhere finds no library beside itself, but that which was compiled in.
    mkdir -p /opt/alone/bin
    cp "$(echo "$PYENV"/versions/3.12.*/bin/python3.12)" /opt/alone/bin/snake
    listed /opt/alone/bin/snake
fi

if [[ $1 == sid ]]; then
    situations
    for version in 3.13 3.14 3.15; do
        listed /usr/bin/python$version
        python$version -m venv /srv/envs/$version
        python$version -m venv --without-pip --system-site-packages /srv/envs/$version-open
        python$version -m venv --without-pip --copies /srv/envs/$version-copy
        listed /srv/envs/$version{,-open,-copy}/bin/python3
        pth_files /usr/local/lib/python$version/dist-packages
        pth_files /srv/envs/$version/lib/python$version/site-packages
        listed /usr/bin/python$version-dbg
        python$version-dbg -m venv --without-pip /srv/envs/$version-dbg
        listed /srv/envs/$version-dbg/bin/python3
    done
    start_files /srv/envs/3.15/lib/python3.15/site-packages
    echo /usr/bin/micropython >/srv/others.txt
    listed /usr/bin/pypy3
    pypy3 -m venv --without-pip /srv/envs/pypy
    listed /srv/envs/pypy/bin/python3
fi
