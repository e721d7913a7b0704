"""Claim queued generations and run them."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from omixa_studio.env import MOST_THREADS
from omixa_studio.known_migrations import refuse_newer
from omixa_studio.services.claims import LONGEST_LEASE_SECONDS
from omixa_studio.worker import Times, build_worker, run_worker

MOST_SECONDS = 1_000_000
NAMES = ("lease", "renew", "sweep", "stop", "seen", "gone")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        usual = Times(stop=settings.STOP_SECONDS)
        parser.add_argument("--threads", type=int, default=settings.WORKER_THREADS)
        for name in NAMES:
            parser.add_argument(
                f"--{name}-seconds", type=float, default=getattr(usual, name), dest=name
            )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["threads"] <= MOST_THREADS:
            raise CommandError(f"--threads must be between 1 and {MOST_THREADS}.")
        for name in NAMES:
            if not 0 <= options[name] <= MOST_SECONDS:  # also rejects "nan"
                raise CommandError(f"--{name}-seconds must be between 0 and {MOST_SECONDS}.")
        times = Times(**{name: options[name] for name in NAMES})
        if times.lease > LONGEST_LEASE_SECONDS:
            raise CommandError(f"--lease-seconds must be at most {LONGEST_LEASE_SECONDS:g}.")
        refuse_newer()
        run_worker(build_worker(threads=options["threads"], times=times))
