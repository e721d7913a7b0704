"""Check the health of the studio on this machine: exit code 0 if healthy, else 1."""

import socket
import sys

from omixa_studio import env

SECONDS = 4


def is_well(host: str, port: int, *, seconds: float = SECONDS) -> bool:
    """Return whether /health answers 200. Raises OSError when there is no answer in time."""
    with socket.create_connection((host, port), timeout=seconds) as connection:
        connection.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return b" 200 " in connection.recv(32)


def main() -> int:
    try:
        return 0 if is_well(*env.listen()) else 1
    except (OSError, env.ConfigurationError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
