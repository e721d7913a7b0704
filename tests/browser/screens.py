"""Every screen that the address map knows, in a studio that has something of everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.urls import reverse
from django.utils import timezone

from omixa_studio.gateway.errors import told
from omixa_studio.gateway.posting import Receipt
from omixa_studio.models import (
    ActKind,
    BackgroundJob,
    Collection,
    Limit,
    OffReason,
    Period,
    Person,
    Picture,
    Project,
    ReportMail,
    RequestState,
    Run,
    Scope,
    Webhook,
)
from omixa_studio.places import PLACES, SUB_PAGES
from omixa_studio.services import audit, factors, ledger, notices, pauses, tagging, webhook_sending
from omixa_studio.services.audit import Actor
from omixa_studio.services.budget import set_limit
from omixa_studio.services.comments import Author, add_comment
from omixa_studio.services.limits import raise_limit
from omixa_studio.services.rules import RuleTerms, set_rule
from omixa_studio.services.webhooks import send_test, switch_off
from tests.factories import (
    hold,
    in_old_words,
    make_answer_file,
    make_bill_file,
    make_blind_test,
    make_budget_request,
    make_collection,
    make_comment,
    make_export,
    make_generation,
    make_limit,
    make_link,
    make_lost_call,
    make_person,
    make_picture,
    make_preset,
    make_project,
    make_report,
    make_top_up,
    make_webhook,
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
    "gallery": ("?colour=model", "?q=nothing", f"?q=picture&model={IMAGEN}&since=x"),
    "export_new": ("?gallery=/gallery/&all=1", "?gallery=/gallery/&all=1&pack=client&format=jpeg"),
    "costs": ("?by=person", "?by=person&then=model", "?from=x"),
    "keepers_list": ("?which=failed",),
    "team": ("?colour=cost",),
    "acts": ("?kind=model",),
    "new_run": ("?mode=compare",),
    "link_new": ("?picture={picture}",),
}
# An odd address is refused; where there are people already, nothing is left to set up.
# Apps are asked about by an address of their own, and only where OAuth is on.
REFUSED = {"costs?from=x": 422, "setup": 404, "app_connect": 404}
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
    return [*screens, *_organised(admin, picture)]


def _make_reports(admin: Person) -> None:
    """Make a spreadsheet of costs, and a report whose last mail failed."""
    make_export(admin, table="costs", format="xlsx")
    report = make_report(admin, name=LONG_WORD, query="by=person&then=week")
    said = "SMTPRecipientsRefused: " + LONG_NAME
    week = {"first": date(2026, 11, 16), "last": date(2026, 11, 22)}
    ReportMail.objects.create(report=report, person=admin, state="failed", error=said, **week)


def _organised(admin: Person, picture: int) -> list[Screen]:
    """Give the screens of a picture with marks, and of collections that hold pictures."""
    held = Collection.objects.get(owner=admin, name=LONG_WORD).pk
    things = {"picture": picture, "picture_marks": picture}
    things["project"] = Project.objects.get(name="Farewell").pk
    things["webhook"] = Webhook.objects.filter(url__contains=LONG_WORD).get().pk
    things |= {"collection": held, "collection_arrange": held}
    return [Screen(f"{name} in full", reverse(name, args=[pk])) for name, pk in things.items()]


def furnish(admin: Person) -> None:
    """Give a studio something of everything: states, bills, failures, limits, a pause."""
    other = make_person(username="jon", first_name="Jon", is_active=False)
    make_limit(None, 50_000_000)
    make_preset(admin, LONG_WORD)
    make_export(admin, left_out=2, pack="client", format="webp", side=2048)
    make_blind_test(admin, name=LONG_WORD)
    _make_reports(admin)
    _make_pictures(admin)
    _make_board(admin)
    _make_marks(admin)
    _make_jobs(admin)
    _make_bills(admin, other)
    # Below what is spent by now, as an admin may set it; before that it would refuse the holds.
    make_limit(other.pk, 100_000)
    _make_budgets(admin)
    _make_webhooks(admin)
    _make_acts(admin, other)
    _make_links(admin)
    _make_projects(admin, other)
    Run.objects.create(person=admin, kind="list")
    _make_factors(admin)
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


def _make_marks(admin: Person) -> None:
    marked = Picture.objects.filter(person=admin, trashed_at=None).order_by("-pk")[:6]
    for name in ("Harbour", LONG_WORD[:60]):
        tagging.tag_pictures(admin, [picture.pk for picture in marked], name)
    note = f"{LONG_WORD} " * 9
    make_collection(admin, *marked, name=LONG_WORD, note=note, access="team_write")
    Picture.objects.filter(pk=marked[0].pk).update(note=note, verdict="rejected")


def _make_jobs(admin: Person) -> None:
    for state in ("running", "failed", "queued"):
        BackgroundJob.objects.create(
            person=admin,
            kind="step",
            parameters={"step": "share"},
            state=state,
            done=12_000,
            total=400_000,
            error=in_old_words("The disk is full.") if state == "failed" else [],
        )
    Person.objects.filter(pk=admin.pk).update(has_jobs=True)


def _make_bills(admin: Person, other: Person) -> None:
    for n, model in enumerate((IMAGEN, "gpt-image-1.5", "long-gone") * 2):
        at = timezone.now().replace(day=1 + n)
        made = make_generation((admin, other)[n % 2], model=model, created_at=at)
        made.refresh_from_db()
        hold(made)
        ledger.capture(made, 40_000 * (n + 1), "", pictures=1)


def _make_projects(admin: Person, other: Person) -> None:
    project = make_project(admin, other, name=LONG_WORD, note=f"{LONG_WORD} {LONG_NAME}")
    closed = make_project(admin, name="Farewell", closed_at=timezone.now())
    made = make_generation(admin, project=closed)
    hold(made)
    ledger.capture(made, 40_000, "", pictures=1)
    held = Collection.objects.get(owner=admin, name=LONG_WORD)
    Picture.objects.filter(collected__collection=held).update(project=project)


def _make_links(admin: Person) -> None:
    shown = Picture.objects.filter(person=admin, trashed_at=None).order_by("pk").last()
    assert shown
    link = make_link(admin, shown, title=LONG_WORD, password=LONG_WORD[:60])
    make_link(make_person(), title=LONG_WORD)
    guest = Author(link=link, guest="a" * 64, guest_name=LONG_WORD[:60])
    add_comment(shown, guest, LONG_WORD * 9, approval="needs_work")
    _ask_for_money(admin)
    make_top_up(note=f"{LONG_WORD} {LONG_NAME}"[:200], by_name=LONG_NAME)
    make_bill_file(f"created_at,cost,{LONG_WORD}\n2026-11-20 12:00:00,0.04,{LONG_NAME}\n")
    make_comment(shown, admin, "Good.", approval="approved")


def _make_webhooks(admin: Person) -> None:
    """A webhook whose messages were answered in several ways, and the studio's, switched off."""
    webhook = make_webhook(admin, url=f"https://{LONG_NAME.partition('@')[2]}/{LONG_WORD}" * 2)
    receipts = (
        Receipt(seconds=0.2, status=204),
        Receipt(seconds=1.4, status=500, answer=f"{LONG_WORD} " * 4),
        Receipt(seconds=15.0, fault=(told("hook_no_answer", why=LONG_WORD),)),
    )
    for receipt in receipts:
        send_test(webhook)
        for message in webhook_sending.claim_due(9, []):
            webhook_sending.note(message, receipt)
    switch_off(make_webhook(None), OffReason.FAILING, by=Actor())


def _make_budgets(admin: Person) -> None:
    """Limits of every scope, hard and soft, one raised, and a rule of a person."""
    project = make_project(admin, name=LONG_WORD[:60])
    subjects = {"role": "member", "project": project.pk, "model": IMAGEN, "studio": ""}
    for scope, subject in subjects.items():
        set_limit(Scope(scope), subject, 900_000_000, period=Period.WEEK)
    set_limit(Scope.PERSON, admin.pk, 1, period=Period.DAY, hard=False)
    by = Actor(admin.pk, admin.username, "", LONG_WORD)
    until = timezone.now() + timedelta(days=3)
    for limit in Limit.objects.filter(period=Period.WEEK):
        raise_limit(limit, 5_000_000, until, by=by, reason=LONG_WORD)
    forbidden = {"size": ["4K"], "quality": ["high"]}
    terms = RuleTerms(dearest_micros=90_000_000, most_pictures=9, forbidden=forbidden)
    set_rule(Scope.PERSON, str(admin.pk), terms, by=by)


def _make_acts(admin: Person, other: Person) -> None:
    by = Actor(admin.pk, LONG_NAME, "2001:db8:85a3:1234:5678:8a2e:370:7334")
    audit.write(ActKind.CANCELLED, by=by, whom=other, thing=f"run {uuid4()}", after="12")
    audit.write(ActKind.LOGIN_FAILED, by=Actor(address=by.address), whom=other)


def _make_factors(admin: Person) -> None:
    by = Actor(admin.pk)
    factors.add_app(admin, generate_totp_secret(), 1, by=by)
    factors.add_passkey(
        admin, LONG_WORD, {"clientExtensionResults": {"credProps": {"rk": 1}}}, by=by
    )


def _ask_for_money(admin: Person) -> None:
    """Requests for money in every state, of one's own and of somebody with a long name."""
    other = make_person(first_name=LONG_WORD)
    choice = {"model": IMAGEN, "values": {"prompt": LONG_WORD, "n": 2}, "project": None}
    waiting = {"choices": [{**choice, "held_micros": 80_000}], "run": None}
    answered = {"answered_by_name": LONG_WORD, "note": LONG_WORD * 3}
    for state in RequestState.values:
        said = {} if state == RequestState.WAITING else answered
        for person in (admin, other):
            make_budget_request(person, state=state, message=LONG_WORD * 3, kept=waiting, **said)
    facts = {"who": LONG_WORD, "amount_micros": 1, "text": LONG_WORD * 3}
    notices.tell([admin], "budget_declined", facts, path="/")
