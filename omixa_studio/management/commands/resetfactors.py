"""manage.py resetfactors: the way back in for somebody who has lost phone, keys and codes."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from omixa_studio.queries.people import known_as
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.factors import reset_factors


class Command(BaseCommand):
    help = (
        "Remove the second steps of somebody's login (authenticator app, passkeys, recovery codes) "
        "and log them out everywhere. The password stays. It is in the log."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="username or e-mail")

    def handle(self, *args: Any, **options: Any) -> None:
        person = known_as(options["username"])
        if person is None:
            raise CommandError(f"Nobody here is called {options['username']}.")
        if not reset_factors(person, by=STUDIO):
            raise CommandError(f"The login of {person.username} has no second step.")
        self.stdout.write(
            f"The login of {person.username} asks for the password alone now: "
            f"{settings.STUDIO_URL}{reverse('account_login')}\n"
            f"A new second step is set up at {settings.STUDIO_URL}{reverse('two_step')}"
        )
