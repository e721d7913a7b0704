# Each command sets up all that it needs; Python 3.11 or newer and make are enough.
.PHONY: help run dev test lint bench lock

help:
	@exec sed -n 's/^# \([a-z]*\):/make \1 /p' Makefile

# run:   serve the studio on http://127.0.0.1:8000
run:
	@exec sh scripts/python.sh .venv requirements.lock manage.py studio --with-parent

# dev:   serve it, and start it anew after each change of code, a template or a style
dev:
	@exec sh scripts/python.sh .venv requirements.lock scripts/dev.py

# test:  run every test
test:
	@exec sh scripts/python.sh .venv-test requirements-test.lock -m pytest -n 2 --dist worksteal

# lint:  check style, types, migrations and the deployment settings
lint:
	@exec sh scripts/python.sh .venv-test requirements-test.lock scripts/lint.py

# bench: measure against a floor in the same run
bench:
	@exec sh scripts/python.sh .venv-test requirements-test.lock -m bench

# lock:  write both requirement locks anew from pyproject.toml
lock:
	@exec sh scripts/lock.sh
