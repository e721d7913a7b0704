#!/bin/sh
# Run Python with the packages of a lock:  python.sh ENVIRONMENT LOCK ARGUMENTS...
# Builds the environment first when it is missing, or was built from another lock.
set -eu
cd "$(dirname "$0")/.."
environment=$1
lock=$2
shift 2

say() {
    printf '%s\n' "$*" >&2
}

# Print the newest Python 3.11 or later that can build an environment; by running it, since
# a name on the PATH may lead nowhere.
find_python() {
    found=
    for name in python3.14 python3.13 python3.12 python3.11 python3 python; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        found=yes
        if have_uv || "$name" -c 'import ensurepip, venv' 2>/dev/null; then
            "$name" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    if [ -n "$found" ]; then
        say "Python's venv module is missing: install it (on Debian and Ubuntu: apt install python3-venv)."
    else
        say "Omixa Studio needs Python 3.11 or newer, and none was found on the PATH."
    fi
    return 1
}

have_uv() {
    command -v uv >/dev/null 2>&1
}

# Wheels only: building a package from its source would ask for a compiler.
build_with_uv() {
    uv venv --quiet --relocatable --python "$1" "$part" &&
        uv pip install --quiet --python "$part/bin/python" \
            --require-hashes --only-binary :all: -r "$lock"
}

build_with_pip() {
    "$1" -m venv "$part" &&
        "$part/bin/python" -m pip install --quiet --disable-pip-version-check \
            --require-hashes --only-binary :all: -r "$lock"
}

# Build beside the environment in use and change over at the end, so that what bears its
# name is always whole. The copy of the lock inside says what it was built from.
build() {
    python=$(find_python) || exit 1
    say "Installing the packages of $lock into $environment ..."
    part=$environment.part
    rm -rf "$part"
    if ! { have_uv && build_with_uv "$python"; }; then
        rm -rf "$part"
        if ! build_with_pip "$python"; then
            rm -rf "$part"
            say "The packages of $lock could not be installed; the lines above say why."
            exit 1
        fi
    fi
    cp "$lock" "$part/$lock"
    rm -rf "$environment.old"
    [ ! -e "$environment" ] || mv "$environment" "$environment.old"
    mv "$part" "$environment"
    rm -rf "$environment.old"
    "$environment/bin/python" -c "$name_the_new_folder" "$environment" "$part" >/dev/null
}

# What pip and venv write into bin/ names the folder that it was built in.
name_the_new_folder='
import os, pathlib, sys
new, old = map(os.fsencode, sys.argv[1:])
for script in pathlib.Path(sys.argv[1], "bin").iterdir():
    if script.is_file() and not script.is_symlink() and old in (text := script.read_bytes()):
        script.write_bytes(text.replace(old, new))
'

if ! { [ -x "$environment/bin/python" ] && cmp -s "$lock" "$environment/$lock"; }; then
    build
fi
exec "$environment/bin/python" "$@"
