"""manage.py backup: copy the studio into a folder while it goes on working."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from omixa_studio.services.backup_folder import BackupError, BackupFolder
from omixa_studio.services.backup_taking import Taken, take


class Command(BaseCommand):
    help = (
        "Copy the studio into a folder while it goes on working: the database of one moment, and "
        "those pictures that are not in the folder yet. With STUDIO_BACKUP_PASSPHRASE all of it is "
        "encrypted. The gateway's key and the studio's secret are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--keep", type=int, default=settings.BACKUP_KEEP, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] < 1:
            raise CommandError("--keep must be at least 1.")
        path = options["path"].absolute()
        if path.resolve().is_relative_to(settings.DATA_DIR.resolve()):
            raise CommandError("The folder of the backups must not lie in the data folder.")
        try:
            folder = BackupFolder.create(path, settings.BACKUP_PASSPHRASE)
            steps = list(take(folder, keep=options["keep"]))
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        self._report(steps[-1])

    def _report(self, taken: Taken) -> None:
        self.stdout.write(
            f"Snapshot {taken.snapshot}: {taken.total} files, {taken.new} of them new "
            f"({taken.new_bytes} bytes)."
        )
        for name in taken.damaged:
            self.stderr.write(f"{name} is not what its row says; it was copied as it is.")
        for name in taken.missing:
            self.stderr.write(f"{name} is missing.")
        if taken.damaged or taken.missing:
            raise CommandError("The backup was made, but not all files are as they should be.")
