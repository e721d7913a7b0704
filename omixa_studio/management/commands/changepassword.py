"""manage.py changepassword: Django's command, plus a row in the audit log."""

from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from omixa_studio.models import ActKind, Person
from omixa_studio.services import audit


class Command(changepassword.Command):
    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> str | None:
        told = super().handle(*args, **options)
        person = Person.objects.get(username=options["username"])
        audit.write(ActKind.PASSWORD_GIVEN, by=audit.STUDIO, whom=person)
        return told
