"""manage.py restored: the database is an older copy, and nothing else tells what was sent."""

from django.conf import settings
from django.core.management.base import BaseCommand

from omixa_studio.services import older_copies


class Command(BaseCommand):
    help = (
        "Say that the database was put back from a copy while the journal of what was sent "
        "(data/sent) is lost: nothing that waits in it is sent, and the queue pauses."
    )

    def handle(self, **options: object) -> None:
        number = older_copies.declare(settings.GATEWAY_TARGET)
        self.stdout.write(f"{number} waiting requests are unknown now; the queue is paused.")
