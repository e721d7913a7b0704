"""manage.py restored: the database is an older copy, and the journal of sent requests is lost."""

from django.conf import settings
from django.core.management.base import BaseCommand

from omixa_studio.services import older_copies


class Command(BaseCommand):
    help = (
        "Declare that the database was restored from a backup while the journal of sent requests "
        "(data/sent) was lost: queued requests are not sent, and the queue is paused."
    )

    def handle(self, **options: object) -> None:
        number = older_copies.declare(settings.GATEWAY_TARGET)
        self.stdout.write(f"{number} queued requests now need review; the queue is paused.")
