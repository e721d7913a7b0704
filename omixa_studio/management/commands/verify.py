"""manage.py verify: compare all that the studio keeps with each other."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from omixa_studio.services.verifying import Finding, verify


class Command(BaseCommand):
    help = (
        "Compare rows with files and their hashes, files with rows, balances and totals with the "
        "ledger, counts with pictures, the index of prompts with prompts. Changes nothing; exit "
        "code 1 if anything is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--quick", action="store_true", help="look at sizes of files instead of reading them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for told in verify(read_files=not options["quick"]):
            if isinstance(told, Finding):
                wrong += 1
                self.stderr.write(told.sentence)
            else:
                self.stdout.write(f"Compared: {told.number} {told.what}.")
        if wrong:
            raise CommandError(f"{wrong} things are wrong.")
        self.stdout.write("All is as it should be.")
