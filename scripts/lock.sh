#!/bin/sh
# Write the locks anew from pyproject.toml. They hold no address of an index, and every
# package for every system and Python from 3.11 on; without --universal the files do not
# install on Debian 12's Python 3.11.2.
set -eu
cd "$(dirname "$0")/.."

if ! command -v uv >/dev/null 2>&1; then
    echo "Writing the locks needs uv." >&2
    exit 1
fi

compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header "$@"
}

compile pyproject.toml -o requirements.lock
compile pyproject.toml --group test -c requirements.lock -o requirements-test.lock
compile --group pyproject.toml:litellm -o requirements-litellm.lock
