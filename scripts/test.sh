#!/bin/sh
# Run tests:  test.sh [PATH or WORD] [options of pytest]
# A first argument that is no option and no path is a word (or an expression) of names.
set -eu
cd "$(dirname "$0")/.."

case ${1:-} in
    "") [ $# -eq 0 ] || shift ;;
    -*) ;;
    *) [ -e "${1%%::*}" ] || set -- -k "$@" ;;
esac
# Tests start hundreds of programs; each would compile all its modules anew.
unset PYTHONDONTWRITEBYTECODE
# Tests sync to disk some twenty thousand times, which takes a disk minutes and memory nothing.
memory=/dev/shm
if [ -z "${TMPDIR:-}" ] && [ -w $memory ] && ! grep -q " $memory .*noexec" /proc/mounts; then
    free=$(df -Pk $memory | awk 'NR == 2 { print $4 }')
    [ "$free" -lt 4194304 ] || export TMPDIR=$memory
fi
# A process for each core and two more; work is stolen so that none ends long before the others.
exec sh scripts/python.sh .venv-test requirements-test.lock -m pytest \
    -n auto --dist worksteal "$@"
