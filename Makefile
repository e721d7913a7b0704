# Each command sets up all that it needs; Python 3.11 or newer and make are enough.
.PHONY: help run dev test test-quick lint bench lighthouse lock

help:
	@exec sed -n 's/^# \([a-z-]*\):/make \1 /p' Makefile

# run:   serve the studio on http://127.0.0.1:8000
run:
	@exec sh scripts/python.sh .venv requirements.lock manage.py studio --with-parent

# dev:   serve it, and start it anew after each change of code, a template or a style
dev:
	@exec sh scripts/python.sh .venv requirements.lock scripts/dev.py

# test:  run every test; T=tests/views one path, T=mask what has that word in its name
test:
	@exec sh scripts/test.sh "$(T)"

# test-quick: run what needs no browser, no PostgreSQL and no killed worker
test-quick:
	@exec sh scripts/test.sh "$(T)" -m "not browser and not postgres and not crash and not slow"

# lint:  check style, types, migrations and the deployment settings
lint:
	@exec sh scripts/python.sh .venv-test requirements-test.lock scripts/lint.py

# bench: measure against a floor in the same run
bench:
	@exec sh scripts/python.sh .venv-test requirements-test.lock -m bench

# lighthouse: judge the main pages on a phone and a desktop; PAGES="studio costs" some of them
lighthouse:
	@exec sh scripts/python.sh .venv-test requirements-test.lock -m scripts.lighthouse $(PAGES)

# lock:  write both requirement locks anew from pyproject.toml
lock:
	@exec sh scripts/lock.sh
