"""manage.py createsuperuser: disabled; Django's would create a member without checks or log."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management import CommandError


class Command(createsuperuser.Command):
    help = "Say where accounts are made: roles here are not Django's."

    def handle(self, *args: Any, **options: Any) -> str | None:
        raise CommandError(
            "The first admin is made on /setup/ or by STUDIO_ADMIN_USERNAME and "
            "STUDIO_ADMIN_PASSWORD, everybody else on /people/."
        )
