#!/usr/bin/env python3
"""The studio's commands: studio, worker, sandbox, demo, and Django's own."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec

# Started without Django, which these two neither need nor have the memory for.
LIGHT_COMMANDS = {
    "studio": "omixa_studio.supervisor",
    "sandbox": "omixa_studio.sandbox",
}


def main(arguments: list[str]) -> int | str:
    """Run one command; return its exit code, or the sentence that says why it cannot run."""
    os.umask(0o077)  # pictures, sessions and the database are for nobody else on this machine
    if sys.version_info < (3, 11) or not find_spec("django"):
        return "Omixa Studio's packages are not here; start it with: make run"
    try:
        return _run(arguments)
    except import_module("omixa_studio.env").ConfigurationError as fault:
        return str(fault)
    except KeyboardInterrupt:  # Ctrl+C while a command has not yet set up its own way to stop
        return 130


def _run(arguments: list[str]) -> int:
    command = arguments[0] if arguments else "help"
    if command in LIGHT_COMMANDS:
        return import_module(LIGHT_COMMANDS[command]).main(arguments[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omixa_studio.settings")
    import_module("django.core.management").execute_from_command_line(["manage.py", *arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
