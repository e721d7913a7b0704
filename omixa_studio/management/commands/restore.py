"""manage.py restore: put a backup into an empty studio."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as AnyDatabaseError

from omixa_studio import boot
from omixa_studio.env import ConfigurationError
from omixa_studio.services.backup_folder import BackupError, BackupFolder
from omixa_studio.services.restoring import restore


class Command(BaseCommand):
    help = (
        "Put the newest backup of a folder into an empty studio: an empty database and data "
        "folder, as the settings name them. Nothing is overwritten, every hash, count and sum is "
        "compared, and the queue is paused until an admin has looked at the bill."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--snapshot", metavar="NAME", help="another one than the newest")
        parser.add_argument("--list", action="store_true", help="list the snapshots, no more")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            folder = BackupFolder.open(options["path"].absolute(), settings.BACKUP_PASSPHRASE)
            names = folder.snapshots()
            if options["list"]:
                self.stdout.write("\n".join(names) or "No snapshot yet.")
                return
            chosen = options["snapshot"] or (names[-1] if names else "")
            if chosen not in names:
                raise CommandError(f"There is no snapshot {chosen!r} in {options['path']}.")
            with boot.claim_folder(settings.DATA_DIR, "manage.py restore"):
                for sentence in restore(folder, chosen):
                    self.stdout.write(sentence)
        except (BackupError, ConfigurationError, OSError, AnyDatabaseError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The studio is restored.")
