#!/bin/sh
# Install focus-validator in an environment of its own, for the tests of /costs/focus.csv: it needs
# older parts than the studio has.
set -eu
cd "$(dirname "$0")/.."
python3 -m venv .venv-focus
# It declares no upper bound, and fails with multimethod 2.
.venv-focus/bin/python -m pip install --quiet focus-validator==1.0.0 "multimethod<2"
