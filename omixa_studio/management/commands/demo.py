"""Fill the studio with demonstration data; only where pictures are drawn and nothing is billed."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from omixa_studio.demo.fill import Amounts, Made, NotPractice, fill
from omixa_studio.services.people import new_password


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pictures", type=int, default=400, help="exactly so many")
        parser.add_argument("--charges", type=int, default=0, help="at least so many ledger rows")
        parser.add_argument("--people", type=int, default=5, help="so many accounts in all")
        parser.add_argument("--open", type=int, default=0, help="requests still to be drawn")
        parser.add_argument("--seed", type=int, default=1, help="another one, other data")
        parser.add_argument("--password", help="for the new accounts; drawn when not given")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("pictures", "charges", "people", "open"):
            if options[name] < 0:
                raise CommandError(f"--{name} must be a number from 0 on.")
        password = options["password"] or new_password()
        amounts = Amounts(
            pictures=options["pictures"],
            charges=options["charges"],
            people=options["people"],
            open_ones=options["open"],
        )
        if settings.SANDBOX_MODE:  # a folder that no studio has served yet has no tables
            call_command("migrate", verbosity=0)
        try:
            made = fill(amounts, seed=options["seed"], password=password, tell=self.stderr.write)
        except NotPractice:
            raise CommandError(
                f"This studio books on {settings.GATEWAY_TARGET}. Demonstration data would mix"
                " with real money; use a data folder of its own, without OMIXA_API_KEY."
            ) from None
        self.stdout.write(report(made, password))


def report(made: Made, password: str) -> str:
    """What there is now, and who can log in."""
    lines = [
        f"Made {made.pictures} pictures (from {made.originals} originals),"
        f" {made.generations} generations and {made.charges} ledger rows."
    ]
    if made.newcomers:
        lines.append(f"New accounts, password {password}")
        lines += [f"  {one.username}  {one.role}  {one.name}" for one in made.newcomers]
    if len(made.newcomers) < len(made.people):
        kept = len(made.people) - len(made.newcomers)
        lines.append(f"{kept} accounts were here before and keep their passwords.")
    return "\n".join(lines)
