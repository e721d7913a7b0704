"""Read webhooks: those of a person or the studio, their log, and what is to be sent now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Now

from omixa_studio.models import Person, Picture, Webhook, WebhookDelivery, WebhookTry


@dataclass(frozen=True)
class DueHook:
    """A webhook to which something is to be sent, whose it is (None: the studio's), and whether
    its last delivery failed."""

    pk: int
    person_id: int | None
    is_failing: bool


def webhooks_of(person: Person | None) -> list[Webhook]:
    """Return the webhooks of a person, without one those of the studio, oldest first."""
    return list(Webhook.objects.filter(person=person).order_by("pk"))


def webhooks_in_reach(person: Person) -> QuerySet[Webhook]:
    """Select the webhooks that a person may see and change: their own, an admin the studio's."""
    reach = Q(person=person)
    return Webhook.objects.filter(reach | Q(person=None) if person.is_admin else reach)


def deliveries_of(
    webhook: Webhook, *, most: int, before: int | None = None
) -> list[WebhookDelivery]:
    """Return messages of a webhook with their tries, newest first, from below an id on."""
    rows = WebhookDelivery.objects.filter(webhook=webhook)
    rows = rows.filter(pk__lt=before) if before else rows
    log = Prefetch("log", WebhookTry.objects.order_by("-pk"))
    return list(rows.order_by("-pk").prefetch_related(log)[:most])


def due_hooks() -> list[DueHook]:
    """Return the webhooks to which something is to be sent, longest due first.

    The first message of each is looked up: this is asked after each message that is sent, and a
    server that was away for long has very many.
    """
    waiting = _free_and_due().filter(webhook=OuterRef("pk")).order_by("due_at")
    rows = _open_hooks().annotate(first=Subquery(waiting.values("due_at")[:1]))
    return [
        DueHook(pk, person_id, failing_since is not None)
        for pk, person_id, failing_since in rows.filter(first__isnull=False)
        .order_by("first")
        .values_list("pk", "person_id", "failing_since")
    ]


def due_deliveries() -> QuerySet[WebhookDelivery]:
    """Select what is to be sent now and no worker holds; nothing of a deactivated person."""
    return _free_and_due().filter(webhook__in=_open_hooks().values("pk"))


def _open_hooks() -> QuerySet[Webhook]:
    active = Q(person=None) | Q(person__is_active=True)
    return Webhook.objects.filter(active, off_at=None)


def _free_and_due() -> QuerySet[WebhookDelivery]:
    held_by_nobody = Q(lease=None) | Q(lease__lt=Now())
    return WebhookDelivery.objects.filter(held_by_nobody, due_at__lte=Now())


def pictures_of(generation_id: int) -> Iterator[Picture]:
    """Yield the pictures of a request that are not in the trash, in their order."""
    rows = Picture.objects.filter(generation_id=generation_id, trashed_at=None)
    yield from rows.order_by("index")


def last_tries(webhooks: list[Webhook]) -> Mapping[int, WebhookTry]:
    """Return the last try of each webhook, by its id. One statement."""
    tries = WebhookTry.objects.in_bulk([one.last_try for one in webhooks if one.last_try])
    return {one.pk: tries[one.last_try] for one in webhooks if one.last_try in tries}
