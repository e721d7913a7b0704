"""Fill the studio with demo data; only in the sandbox, where nothing is billed."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from omixa_studio.demo.fill import Amounts, Made, NotPractice, fill
from omixa_studio.services.people import new_password

MOST_MONTHS = 240


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pictures", type=int, default=400, help="number of pictures")
        parser.add_argument("--charges", type=int, default=0, help="minimum number of ledger rows")
        parser.add_argument("--people", type=int, default=5, help="number of accounts")
        parser.add_argument("--open", type=int, default=0, help="number of requests left open")
        parser.add_argument("--months", type=int, default=24, help="number of calendar months")
        parser.add_argument("--no-files", action="store_true", help="make rows alone")
        parser.add_argument("--seed", type=int, default=1, help="seed of the random data")
        parser.add_argument("--password", help="password of the new accounts; random by default")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("pictures", "charges", "people", "open"):
            if options[name] < 0:
                raise CommandError(f"--{name} must not be negative.")
        if not 1 <= options["months"] <= MOST_MONTHS:
            raise CommandError(f"--months must be from 1 to {MOST_MONTHS}.")
        password = options["password"] or new_password()
        amounts = Amounts(
            pictures=options["pictures"],
            charges=options["charges"],
            people=options["people"],
            open_ones=options["open"],
            months=options["months"],
            files=not options["no_files"],
        )
        if settings.SANDBOX_MODE:  # a folder that has never been served has no tables
            call_command("migrate", verbosity=0)
        try:
            made = fill(amounts, seed=options["seed"], password=password, tell=self.stderr.write)
        except NotPractice:
            raise CommandError(
                f"This studio is connected to {settings.GATEWAY_TARGET}. Demo data would mix"
                " with real costs; use a separate data folder without OMIXA_API_KEY."
            ) from None
        self.stdout.write(report(made, password))


def report(made: Made, password: str) -> str:
    """Return a summary of what was made, and the accounts to log in with."""
    lines = [
        f"Made {made.pictures} pictures (from {made.originals} originals),"
        f" {made.generations} generations and {made.charges} ledger rows."
    ]
    if made.newcomers:
        lines.append(f"New accounts (password: {password}):")
        lines += [f"  {one.username}  {one.role}  {one.name}" for one in made.newcomers]
    if len(made.newcomers) < len(made.people):
        kept = len(made.people) - len(made.newcomers)
        lines.append(f"{kept} existing accounts keep their passwords.")
    return "\n".join(lines)
