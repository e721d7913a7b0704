"""A person's notices: told once, counted while unread, read."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from omixa_studio.models import Notice, Person


def tell(
    people: Iterable[Person], kind: str, facts: Mapping[str, object], *, path: str, key: str = ""
) -> int:
    """Tell people something in the app and by mail; return how many are told now.

    `kind` names a sentence of presenters/news.NEWS, and `facts` its values as JSON: amounts under
    names that end in `_micros`, moments as ISO texts under names that end in `_at`, under
    `amount_period` the period of which an amount is, and under `text` what a person wrote. `path`
    is where the notice leads. With a `key` each person is told once. Deactivated accounts are told
    nothing.

    It locks accounts, so it must not be called while balances are locked.
    """
    wanted = [person.pk for person in people]
    rows = Person.objects.filter(pk__in=wanted, is_active=True).order_by("pk")
    with transaction.atomic():
        told = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
        if key:
            before = Notice.objects.filter(key=key, person__in=told)
            told = sorted({*told} - {*before.values_list("person", flat=True)})
        Notice.objects.bulk_create(
            Notice(person_id=pk, kind=kind, facts=dict(facts), path=path, key=key) for pk in told
        )
        Person.objects.filter(pk__in=told).update(unread=F("unread") + 1)
    return len(told)


def read_notices(person: Person, *, up_to: int | None = None, only: int | None = None) -> None:
    """Mark a person's notices as read: those up to an id, or one."""
    rows = Notice.objects.filter(person=person, read_at=None)
    rows = rows.filter(pk__lte=up_to) if up_to is not None else rows
    rows = rows.filter(pk=only) if only is not None else rows
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        rows.update(read_at=Now())
        count_unread(person.pk)


def settle(key: str) -> None:
    """Mark what was told under a key as read by everybody: it needs nobody any more."""
    rows = Notice.objects.filter(key=key, read_at=None)
    with transaction.atomic():
        people = Person.objects.filter(notices__in=rows).order_by("pk").distinct()
        pks = list(people.values_list("pk", flat=True))
        list(Person.objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True))
        rows.update(read_at=Now())
        for pk in pks:
            count_unread(pk)


def count_unread(person_id: int) -> None:
    """Count a person's unread notices, without those of deleted comments."""
    left = Notice.objects.filter(person=person_id, read_at=None, comment__deleted_at=None)
    Person.objects.filter(pk=person_id).update(unread=left.count())
