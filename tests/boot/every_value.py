"""Starts of the web server with one variable set, a forked process each; for test_every_value.py.

Reads [variable, value] pairs as JSON, answers for each what it said, "" where it would serve.
"""

import json
import os
import sys
import traceback
from contextlib import suppress

# Loaded once for all, since none of them reads the environment.
import dj_database_url  # noqa: F401
import idna  # noqa: F401
import psycopg  # noqa: F401
import redis  # noqa: F401

from omixa_studio.serving import server  # noqa: F401

WITH_DRIVERS = ("DATABASE_URL", "QUEUE_URL", "STORAGE_URL")


def main() -> None:
    print(json.dumps([outcome(name, value) for name, value in json.load(sys.stdin)]))


def outcome(name: str, value: str) -> str:
    reading, writing = os.pipe()
    if not os.fork():
        os.close(reading)
        said = tell(name, value)
        with suppress(BrokenPipeError), os.fdopen(writing, "w", errors="backslashreplace") as sink:
            sink.write(said)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as source:
        said = source.read()
    os.wait()
    return said


def tell(name: str, value: str) -> str:
    os.environ[name] = value
    if name == "OMIXA_BASE_URL":  # which nobody reads without a key
        os.environ["OMIXA_API_KEY"] = "omx_live_1"
    try:
        import omixa_studio.webserver  # noqa: F401

        if name in WITH_DRIVERS:
            os.environ["DJANGO_SETTINGS_MODULE"] = "omixa_studio.settings"
            from omixa_studio import checks

            faults = [*checks.the_queue_can_be_used(), *checks.the_storage_can_be_used()]
            return "\n".join(f"{fault.msg} {fault.hint}" for fault in faults)
    except SystemExit as end:
        return str(end.code)
    except BaseException:  # noqa: BLE001 (told to the test)
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    main()
