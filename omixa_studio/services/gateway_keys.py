"""Keys of the gateway: set, rotated, changed, paused and ended by admins, and given to projects.

A request names its key at its click, as it names its project; the key's secret is read when the
request is sent. So a new secret is used by the next call, also of what waits, and nothing moves to
another account by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.address import SANDBOX
from omixa_studio.gateway.keys import LONGEST_SECRET, SHORTEST_SECRET, check_key
from omixa_studio.models import (
    OPEN_STATES,
    ActKind,
    GatewayKey,
    GatewaySecret,
    Generation,
    Pause,
    Project,
)

from . import audit, gateway_secrets, pauses
from .audit import Actor
from .refusals import ChoiceRefused, Refused

TAIL = 4

ELSEWHERE = N_(
    "The project “%(project)s” uses a key of another gateway (%(target)s). An admin has to choose "
    "another key for it."
)


class KeyRefused(Refused):
    """The key cannot be set, changed or ended; faults say why."""

    reason = "gateway_key"


def make(target: str, name: str, secret: str, *, on_own_bill: bool, by: Actor) -> GatewayKey:
    """Set a new key for a gateway. Raises KeyRefused."""
    secret = _checked(secret)
    try:
        with transaction.atomic():
            key = GatewayKey.objects.create(
                target=target,
                name=name,
                tail=secret[-TAIL:],
                on_own_bill=on_own_bill,
                made_by=by.shown,
            )
            GatewaySecret.objects.create(key=key, sealed=gateway_secrets.sealed(secret))
            audit.write(ActKind.GATEWAY_KEY_SET, by=by, thing=name, after=f"…{key.tail}")
    except IntegrityError as error:
        raise _taken() from error
    return key


def rotate(key: GatewayKey, secret: str, *, wake: Callable[[], None], by: Actor) -> None:
    """Give a key another secret, which the next call is sent with. Raises KeyRefused.

    Calls that left with the former one end as they would have. Pauses because of the former one
    end.
    """
    secret = _checked(secret, of=key)
    with transaction.atomic():
        row = _locked(key)
        GatewaySecret.objects.filter(key=row, replaced_at=None).update(replaced_at=Now())
        GatewaySecret.objects.create(key=row, sealed=gateway_secrets.sealed(secret))
        GatewayKey.objects.filter(pk=row.pk).update(
            tail=secret[-TAIL:], rotated_at=Now(), rotated_by=by.shown
        )
        Pause.objects.filter(
            target=row.target, gateway_key=row.pk, reason__in=pauses.OF_A_SECRET
        ).delete()
        before, after = f"…{row.tail}", f"…{secret[-TAIL:]}"
        audit.write(ActKind.GATEWAY_KEY_ROTATED, by=by, thing=row.name, before=before, after=after)
        transaction.on_commit(wake, robust=True)


def change(key: GatewayKey, name: str, *, on_own_bill: bool, by: Actor) -> bool:
    """Change a key's name, or whose bill it is on; return whether anything changed.

    Raises KeyRefused.
    """
    try:
        with transaction.atomic():
            row = _locked(key)
            old = _told(row)
            row.name, row.on_own_bill = name, on_own_bill
            if _told(row) == old:
                return False
            row.save(update_fields=["name", "name_search", "on_own_bill"])
            audit.write(
                ActKind.GATEWAY_KEY_CHANGED, by=by, thing=key.name, before=old, after=_told(row)
            )
    except IntegrityError as error:
        raise _taken() from error
    return True


def pause(key: GatewayKey, *, by: Actor) -> bool:
    """Let the requests of a key wait; return False if they did."""
    with transaction.atomic():
        rows = GatewayKey.objects.filter(pk=key.pk, paused_at=None, ended_at=None)
        if not rows.update(paused_at=Now()):
            return False
        audit.write(ActKind.GATEWAY_KEY_PAUSED, by=by, thing=key.name)
    return True


def resume(key: GatewayKey, *, wake: Callable[[], None], by: Actor) -> bool:
    """Send the requests of a paused key again; return False if it was not paused."""
    with transaction.atomic():
        rows = GatewayKey.objects.filter(pk=key.pk, paused_at__isnull=False, ended_at=None)
        if not rows.update(paused_at=None):
            return False
        audit.write(ActKind.GATEWAY_KEY_RESUMED, by=by, thing=key.name)
        transaction.on_commit(wake, robust=True)
    return True


def end(key: GatewayKey, *, by: Actor) -> None:
    """End a key that nothing uses, and erase its secrets. Raises KeyRefused.

    Refused while a project names it or a request waits for it: either would have to be paid by
    another account, which only a person may decide.
    """
    with transaction.atomic():
        row = _locked(key, key_is_kept=False)
        _refuse_in_use(row)
        GatewaySecret.objects.filter(key=row).delete()
        Pause.objects.filter(target=row.target, gateway_key=row.pk).delete()
        GatewayKey.objects.filter(pk=row.pk).update(ended_at=Now(), paused_at=None)
        audit.write(ActKind.GATEWAY_KEY_ENDED, by=by, thing=row.name, before=f"…{row.tail}")


def give(project: Project, key: GatewayKey | None, *, by: Actor) -> bool:
    """Send a project's new requests with a key, None for the environment's; return if that is new.

    What waits keeps the key it was asked for with. Raises KeyRefused if the key was ended, or is
    for another gateway.
    """
    with transaction.atomic():
        row = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        if key is not None:
            key = _locked(key)
        before = row.gateway_key
        if before == key:
            return False
        if key is not None and key.target != settings.GATEWAY_TARGET:
            said = N_("This key is for another gateway (%(target)s).")
            raise KeyRefused(Fault("key", said, {"target": key.target}))
        Project.objects.filter(pk=row.pk).update(gateway_key=key)
        audit.write(
            ActKind.PROJECT_KEY,
            by=by,
            thing=row.name,
            before=before.name if before else "",
            after=key.name if key else "",
        )
    return True


def name_keys(rows: Collection[Generation], keys: Mapping[int, int]) -> None:
    """Name on requests the keys of their projects, given by id of project.

    Call it in the transaction that queues them, with the projects locked, so that no key is ended
    in between. Raises ChoiceRefused if a key is of another gateway, except in practice.
    """
    if not keys:
        return
    found = GatewayKey.objects.in_bulk(set(keys.values()))
    named = defaultdict(list)
    for row in rows:
        key = found.get(keys.get(row.project_id or 0, 0))
        if key is None:
            continue
        if key.target == row.target:
            row.gateway_key = key
            named[key].append(row.pk)
        elif row.target != SANDBOX:
            told = {"project": row.project.name if row.project else "", "target": key.target}
            raise ChoiceRefused(Fault("project", ELSEWHERE, told))
    for key, pks in named.items():
        Generation.objects.filter(pk__in=pks).update(gateway_key=key)


def _locked(key: GatewayKey, *, key_is_kept: bool = True) -> GatewayKey:
    """Lock a key that was not ended; `key_is_kept` lets others go on naming it meanwhile."""
    rows = GatewayKey.objects.select_for_update(no_key=key_is_kept)
    row = rows.filter(pk=key.pk, ended_at=None).first()
    if row is None:
        raise KeyRefused(Fault("", N_("This key was ended."), {}))
    return row


def _refuse_in_use(key: GatewayKey) -> None:
    projects = list(Project.objects.filter(gateway_key=key).order_by("name_search")[:3])
    if projects:
        names = ", ".join(f"“{one.name}”" for one in projects)
        said = N_(
            "Projects use this key: %(projects)s. Choose another key for them first; their "
            "requests are never moved to another account by themselves."
        )
        raise KeyRefused(Fault("", said, {"projects": names}))
    if Generation.objects.filter(gateway_key=key, state__in=OPEN_STATES).exists():
        said = N_(
            "Requests still wait for this key or are under way. Let them end or cancel them first."
        )
        raise KeyRefused(Fault("", said, {}))


def _checked(secret: str, *, of: GatewayKey | None = None) -> str:
    try:
        secret = check_key(secret)
    except ValueError:
        said = N_("A key is one word of plain letters, digits and signs.")
        raise KeyRefused(Fault("secret", said, {})) from None
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        said = N_("A key has %(least)s to %(most)s characters.")
        told = {"least": SHORTEST_SECRET, "most": LONGEST_SECRET}
        raise KeyRefused(Fault("secret", said, told))
    if secret == settings.GATEWAY_KEY:
        said = N_("This is the key of the environment, which is used without any project's key.")
        raise KeyRefused(Fault("secret", said, {}))
    owner = gateway_secrets.owner_of(secret)
    if owner is not None:
        said = (
            N_("The key “%(name)s” is this one already.")
            if owner != of
            else N_("This is the same key as before.")
        )
        raise KeyRefused(Fault("secret", said, {"name": owner.name}))
    return secret


def _taken() -> KeyRefused:
    return KeyRefused(Fault("name", N_("There is already a key of this name."), {}))


def _told(key: GatewayKey) -> str:
    return f"{key.name} · {'own bill' if key.on_own_bill else 'the same bill'}"
