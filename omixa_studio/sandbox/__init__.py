"""A stand-in for the gateway: the documented contract over real HTTP, nothing billed.

`main(argv)` is the command, `Sandbox` the same in a thread for tests.
"""

from .book import Call
from .command import main
from .server import Sandbox

__all__ = ["Call", "Sandbox", "main"]
