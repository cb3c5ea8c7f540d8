# Runs inside a root: makes a project for each back end, installs it in editable mode, and lists the names to be asked for.
#
#   bash -eu editables.sh ENVIRONMENT      a virtual environment; /srv/wheels/editable holds the back ends
environment=$1
work=/srv/editables
names=$work/names.txt
mkdir -p "$work"
: >"$names"

project() { # project NAME BACK-END
    mkdir -p "$work/$1"
    printf '[build-system]\nrequires = []\nbuild-backend = "%s"\n\n[project]\nname = "%s"\nversion = "1.0"\n' "$2" "$1" \
        >"$work/$1/pyproject.toml"
}

package() { # package DIRECTORY MODULE-NAME
    mkdir -p "$work/$1/sub" "$work/$1/data"
    echo 'x = 1' >"$work/$1/__init__.py"
    echo 'import os' >"$work/$1/mod.py"
    echo 'y = 1' >"$work/$1/sub/__init__.py"
    echo 'z = 1' >"$work/$1/sub/deep.py"
    echo text >"$work/$1/data/text.txt"
    printf '%s\n' "$2" "$2.mod" "$2.sub" "$2.sub.deep" "$2.nothing" >>"$names"
}

settings() { cat >>"$work/$1/pyproject.toml"; }

project st-flat setuptools.build_meta
package st-flat/st_flat st_flat
echo 'a = 1' >"$work/st-flat/st_single.py"
echo st_single >>"$names"
settings st-flat <<'END'
[tool.setuptools]
packages = ["st_flat", "st_flat.sub"]
py-modules = ["st_single"]
END

project st-src setuptools.build_meta
package st-src/src/st_src st_src

# Packages somewhere else, one of them in a namespace that is no directory, one below another.
project st-dir setuptools.build_meta
package st-dir/code/inner st_dir
package st-dir/code/ns st_ns.part
package st-dir/code/other st_dir.other
echo st_ns >>"$names"
settings st-dir <<'END'
[tool.setuptools]
packages = ["st_dir", "st_dir.sub", "st_dir.other", "st_ns.part"]
[tool.setuptools.package-dir]
st_dir = "code/inner"
"st_dir.other" = "code/other"
"st_ns.part" = "code/ns"
END

# The path has modules of these names too.
project st-hidden setuptools.build_meta
package st-hidden/code/hidden st_hidden
package st-hidden/code/space st_space
settings st-hidden <<'END'
[tool.setuptools]
packages = ["st_hidden", "st_hidden.sub", "st_space", "st_space.sub"]
[tool.setuptools.package-dir]
st_hidden = "code/hidden"
st_space = "code/space"
END

project st-strict setuptools.build_meta
package st-strict/st_strict st_strict
settings st-strict <<'END'
[tool.setuptools]
packages = ["st_strict", "st_strict.sub"]
END

project hatch-src hatchling.build
package hatch-src/src/hatch_src hatch_src

project pdm-hook pdm.backend
package pdm-hook/src/pdm_hook pdm_hook
settings pdm-hook <<'END'
[tool.pdm.build]
editable-backend = "editables"
END

project flit-path flit_core.buildapi
package flit-path/flit_path flit_path
sed -i 's/^version.*/dynamic = ["version", "description"]/' "$work/flit-path/pyproject.toml"
printf '"""A package."""\n__version__ = "1.0"\n' >"$work/flit-path/flit_path/__init__.py"

project poetry-path poetry.core.masonry.api
package poetry-path/poetry_path poetry_path

project cmake-hook scikit_build_core.build
package cmake-hook/src/cmake_hook cmake_hook
echo cmake_hook.made >>"$names"
cat >"$work/cmake-hook/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.15)
project(cmake_hook LANGUAGES NONE)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/made.py "made = 1")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/made.py DESTINATION cmake_hook)
END

pip="$environment/bin/python -m pip"
$pip install -q --no-index --find-links /srv/wheels/editable -U setuptools wheel hatchling editables pdm-backend flit_core \
    poetry-core scikit-build-core cmake ninja
export PATH=$environment/bin:$PATH
for each in "$work"/*/; do
    mode=()
    [[ $each != */st-strict/ ]] || mode=(--config-settings editable_mode=strict)
    $pip install -q --no-index --no-build-isolation --no-deps "${mode[@]}" -e "$each"
done
site=$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo 'x = 1' >"$site/st_hidden.py"
mkdir -p "$site/st_space"
echo 'x = 1' >"$site/st_space/own.py"
echo st_space.own >>"$names"
