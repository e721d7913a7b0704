"""Every screen that the address map knows, in a studio that has something of everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.utils import timezone

from omixa_studio.models import ActKind, Person, Picture, Run
from omixa_studio.places import PLACES, SUB_PAGES
from omixa_studio.services import audit, ledger, pauses
from omixa_studio.services.audit import Actor
from tests.factories import (
    hold,
    in_old_words,
    make_answer_file,
    make_blind_test,
    make_generation,
    make_limit,
    make_lost_call,
    make_person,
    make_picture,
    make_preset,
)
from tests.views.rules import ROLES, RULES, path_of

IMAGEN = "imagen-4.0-generate-001"
LONG_NAME = "aleksandra.konstantinopolskaya-vasilevskaya@a-long-name-of-a-studio.example.org"
LONG_WORD = "Donaudampfschifffahrtsgesellschaft" * 2
FAILURES = ("input", "policy", "gateway", "rate", "model", "ours")
SHAPES = ((160, 90), (90, 160), (100, 100), (130, 91))
# What else a screen shows, by what its address says: nothing, a fault, another part of it.
ALSO = {
    "studio": (f"?model={IMAGEN}", "?edit={picture}", "?mask={picture}"),
    "gallery": ("?q=nothing", f"?q=picture&model={IMAGEN}&since=x"),
    "costs": ("?by=person", "?from=x"),
    "acts": ("?kind=model",),
    "new_run": ("?mode=compare",),
}
# An odd address is refused; where there are people already, nothing is left to set up.
REFUSED = {"costs?from=x": 422, "setup": 404}
NOWHERE = "/no/such/page"


@dataclass(frozen=True)
class Screen:
    """A page to look at: its address, whose it is, and the status it is answered with."""

    name: str
    path: str
    for_strangers: bool = False
    status: int = 200


def screens_of(admin: Person) -> list[Screen]:
    """Give every screen of a furnished studio, with what else some of them show."""
    picture = Picture.objects.filter(person=admin).latest("pk").pk
    screens = [Screen("nowhere", NOWHERE, for_strangers=True, status=404)]
    for name in sorted({place.name for place in PLACES} | SUB_PAGES):
        path, rule = path_of(name, admin), RULES[name]
        strange = rule.who not in ROLES and rule.read_by_strangers == 200
        screens += [
            Screen(
                name + also,
                path + also.format(picture=picture),
                strange,
                REFUSED.get(name + also, 200),
            )
            for also in ("", *ALSO.get(name, ()))
        ]
    return screens


def furnish(admin: Person) -> None:
    """Give a studio something of everything: states, bills, failures, limits, a pause."""
    other = make_person(username="jon", first_name="Jon", is_active=False)
    make_limit(None, 50_000_000)
    make_preset(admin, LONG_WORD)
    make_blind_test(admin, name=LONG_WORD)
    _make_pictures(admin)
    _make_board(admin)
    _make_bills(admin, other)
    # Below what is spent by now, as an admin may set it; before that it would refuse the holds.
    make_limit(other.pk, 100_000)
    _make_acts(admin, other)
    Run.objects.create(person=admin, kind="list")
    make_lost_call(answer=b"{}")
    pauses.pause("sandbox", "key", error=in_old_words("The gateway rejects the key."))


def _make_pictures(admin: Person) -> None:
    for n in range(13):
        made = make_generation(admin, prompt=f"Picture {n}")
        make_picture(made, size=SHAPES[n % 4], shared=n % 2 == 0, transparent=n == 3)
    Picture.objects.filter(generation__prompt="Picture 12").update(trashed_at=timezone.now())


def _make_board(admin: Person) -> None:
    told: dict[str, Any] = {
        "request_id": "req_00c1",
        "error_detail": "the provider's own words " * 6,
    }
    wide: dict[str, Any] = {"options": {"aspect_ratio": "16:9", "n": 2}, "count": 2}
    for kind in FAILURES:
        make_generation(admin, state="failed", error_kind=kind, error="Refused.", **told)
    for state in ("cancelled", "queued"):
        make_generation(admin, state=state, **wide)
    make_generation(admin, state="running", sent_at=timezone.now(), **wide)
    unclear: dict[str, Any] = {"state": "unknown", "charged": "unknown", "sent_at": timezone.now()}
    ledger.hold(make_generation(admin, **unclear, **wide, **told))
    make_answer_file(make_generation(admin, error="No picture."))
    make_picture(make_generation(admin, charged="unknown", billed_micros=None, count=2, error="x"))
    make_picture(make_generation(admin, prompt="A long description " * 200), size=(160, 90))


def _make_bills(admin: Person, other: Person) -> None:
    for n, model in enumerate((IMAGEN, "gpt-image-1.5", "long-gone") * 2):
        at = timezone.now().replace(day=1 + n)
        made = make_generation((admin, other)[n % 2], model=model, created_at=at)
        made.refresh_from_db()
        hold(made)
        ledger.capture(made, 40_000 * (n + 1), "", pictures=1)


def _make_acts(admin: Person, other: Person) -> None:
    by = Actor(admin.pk, LONG_NAME, "2001:db8:85a3:1234:5678:8a2e:370:7334")
    audit.write(ActKind.CANCELLED, by=by, whom=other, thing=f"run {uuid4()}", after="12")
    audit.write(ActKind.LOGIN_FAILED, by=Actor(address=by.address), whom=other)
