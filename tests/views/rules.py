"""Who may do what at which address, as data. An address without a rule here fails a test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from omixa_studio.models import GenerationInput, InputImage, Pair, Person, Run
from omixa_studio.services import blind_tests
from tests.factories import (
    make_answer_file,
    make_blind_test,
    make_generation,
    make_lost_call,
    make_person,
    make_picture,
    make_preset,
)

ROLES = ("member", "manager", "admin")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READ = ("GET", "HEAD")


@dataclass(frozen=True)
class Rule:
    """What an address lets in.

    `methods` are those that somebody let in may use; any other is a 405, every one of
    somebody who is not logged in leads to the login, and a role below `who` gets a 403.
    `who` is the least role, or "anyone", or "strangers" (who is logged in is led to the
    studio), or "nobody" (404 as soon as there is an account). `thing` is what the number in
    the address counts, and `whose` of them: "own", "visible" (own and shared) or "any";
    one that is not is 404. `posted` is the answer to an empty form. `names` are things that
    the query or the form may name: parameter, thing, whose, and what else must be sent along.
    `again` is whether an admin whose password is no longer fresh is asked for it: every address
    at which only admins post says so.
    """

    methods: tuple[str, ...]
    who: str = "member"
    thing: str = ""
    whose: str = ""
    posted: int = 303
    read: int = 200
    read_by_strangers: int = 200
    names: tuple["Name", ...] = ()
    again: bool | None = None

    def answer(self, method: str, role: str) -> int | str:
        """What is answered about something that `role` ("" not logged in) may see: a status,
        or "login" or "studio", to where one is led."""
        if self.who in ROLES and not role:
            return "login"
        if self.who == "strangers" and role:
            return "studio"
        if method not in self.methods:
            return 405
        if self.who == "nobody":
            return 404
        if self.who in ROLES and ROLES.index(role) < ROLES.index(self.who):
            return 403
        if method in ("POST", "PUT"):
            return self.posted
        return self.read if role or method not in READ else self.read_by_strangers


@dataclass(frozen=True)
class Name:
    parameter: str
    thing: str
    whose: str
    method: str = "GET"
    also: dict[str, str] = field(default_factory=dict)


def post(thing: str = "", whose: str = "", **more: Any) -> Rule:
    return Rule(("POST",), thing=thing, whose=whose, **more)


def read(thing: str = "", whose: str = "", **more: Any) -> Rule:
    return Rule(READ, thing=thing, whose=whose, **more)


def both(thing: str = "", whose: str = "", **more: Any) -> Rule:
    return Rule(("GET", "HEAD", "POST"), thing=thing, whose=whose, posted=200, **more)


REUSED = (
    Name("again", "generation", "visible"),
    Name("edit", "picture", "visible"),
    Name("mask", "picture", "visible"),
    Name("reuse", "used_prompt", "own"),
    Name("apply", "preset", "own"),
)
BULK = (
    Name("ids", "picture", "own", "POST", {"action": "share"}),
    Name("ids", "picture", "own", "POST", {"action": "private"}),
    Name("ids", "picture", "own", "POST", {"action": "trash"}),
    Name("ids", "picture", "own", "POST", {"action": "restore"}),
    Name("ids", "picture", "visible", "POST", {"action": "upscale"}),
    Name("ids", "picture", "visible", "POST", {"action": "cutout"}),
)
OF_ALLAUTH = ("GET", "HEAD", "POST", "PUT", "OPTIONS")

RULES = {
    # The studio
    "studio": read(names=REUSED),
    "submit": post(posted=422),
    "cards": Rule(("GET", "HEAD", "POST"), posted=204, read=204),
    "composer": both(names=REUSED),
    "estimate": read(),
    "cancel": post("queued", "own"),
    "retry": post("failed", "own"),
    "answer_file": read("answer_file", "own"),
    # A word on one's own picture.
    "mask_worked": post("masked", "own", who="admin", again=False),
    "mask_other": post("masked", "own", who="admin", again=False),
    # Prompts
    "prompts": read(),
    "palette_models": read(),
    "palette_prompts": read(),
    # Presets
    "presets": read(),
    "preset_menu": read(),
    "preset_new": both(names=(Name("picture", "picture", "visible"),)),
    "preset_change": post("preset", "own"),
    "preset_delete": post("preset", "own"),
    "preset_restore": post("preset", "own"),
    # Many at once
    "new_run": both(),
    "run": read("run", "own"),
    "run_pause": post("run", "own"),
    "run_resume": post("run", "own"),
    "run_cancel": post("run", "own"),
    "final": both("run", "own"),
    "picture_winner": post("picture", "own"),
    # Blind tests
    "blind_tests": read(),
    "new_blind_test": both(names=(Name("picture", "picture", "visible"),)),
    "blind_test": read("blind_test", "visible"),
    "blind_close": post("blind_test", "own"),
    "blind_adopt": post("blind_test", "visible", who="admin", again=True),
    "blind_export": read("blind_test", "visible"),
    "blind_join": post("blind_test", "visible"),
    "blind_vote": Rule(("GET", "HEAD", "POST"), thing="blind_test", whose="visible"),
    "blind_undo": post("blind_test", "visible"),
    "blind_finish": post("blind_test", "visible"),
    "blind_left": read("blind_pair", "visible"),
    "blind_right": read("blind_pair", "visible"),
    # Pictures
    "gallery": read(),
    "team": read(),
    "trash": read(),
    "picture": read("picture", "visible"),
    "picture_file": read("picture", "visible"),
    "picture_thumb": read("picture", "visible"),
    "picture_preview": read("picture", "visible"),
    "picture_share": post("picture", "own"),
    "picture_private": post("picture", "own"),
    "picture_star": post("picture", "own"),
    "picture_unstar": post("picture", "own"),
    "picture_trash": post("picture", "own"),
    "picture_restore": post("picture", "own"),
    "picture_upscale": Rule(("GET", "HEAD", "POST"), thing="picture", whose="visible"),
    "picture_cutout": Rule(("GET", "HEAD", "POST"), thing="picture", whose="visible"),
    "bulk": post(posted=400, names=BULK),
    "input_thumb": read("input", "visible"),
    "input_file": read("input", "visible"),
    "reference_upload": post(posted=422),
    "reference_picker": read(),
    "reference_from": post("picture", "visible", posted=200),
    # Money
    "costs": read(who="manager"),
    "costs_export": read(who="manager"),
    "unknown": read(who="admin"),
    "unknown_usage": read(who="admin"),
    "unknown_thumb": read("unknown_picture", "any", who="admin"),
    "unknown_decide": post("unknown_call", "any", who="admin", posted=422, again=True),
    "lost_close": post(who="admin", again=True),
    "lost_answer": read("lost_call", "any", who="admin"),
    # People
    "people": read(who="admin"),
    "people_limits": post(who="admin", posted=422, again=True),
    "person": read("person", "any", who="admin"),
    "person_add": post(who="admin", posted=422, again=True),
    "studio_limit": post(who="admin", posted=422, again=True),
    "person_role": post("person", "any", who="admin", posted=422, again=True),
    "person_limit": post("person", "any", who="admin", posted=422, again=True),
    "person_password": post("person", "any", who="admin", posted=200, again=True),
    "person_deactivate": post("person", "any", who="admin", again=True),
    "person_reactivate": post("person", "any", who="admin", again=True),
    "acts": read(who="admin"),
    "acts_export": read(who="admin", again=True),
    "resume": post(who="admin", again=True),
    # A brake has to be quick, and gives nobody anything.
    "queue_pause": post(who="admin", posted=400, again=False),
    "queue_resume": post(who="admin", posted=400, again=True),
    "queue_cancel": post(who="admin", posted=400, again=True),
    "lines": read(),
    "models": read(who="admin"),
    "models_ask": post(who="admin", posted=200, again=False),
    "models_apply": post(who="admin", again=True),
    "models_forget": post(who="admin", posted=400, again=True),
    # Accounts
    "health": read(who="anyone"),
    "setup": Rule(("GET", "HEAD", "POST"), who="nobody"),
    "account_login": Rule(OF_ALLAUTH, who="strangers", posted=200),
    "account_signup": Rule(METHODS, who="strangers", posted=200),
    "account_logout": Rule(
        ("GET", "HEAD", "POST", "OPTIONS"), who="anyone", posted=302, read_by_strangers=302
    ),
    "account_reauthenticate": Rule(OF_ALLAUTH, posted=200),
    "account_inactive": Rule(("GET", "HEAD", "OPTIONS"), who="anyone"),
    "account_reset_password": read(who="anyone"),
    "account": read(),
    "account_change_password": read(),
    "account_set_password": read(),
    "account_email": read(),
    "account_email_verification_sent": read(),
    "change_password": post(posted=422),
    "choose_language": post(posted=302),
    "theme": post(posted=422),
}


def _generation(state: str) -> Callable[[Person, bool], int]:
    return lambda person, shared: make_generation(person, state=state).pk


def _pictured(person: Person, shared: bool) -> int:
    generation = make_generation(person)
    make_picture(generation, shared=shared)
    return generation.pk


def _picture(person: Person, shared: bool) -> int:
    return make_picture(make_generation(person), shared=shared, size=(80, 80)).pk


def _input(person: Person, shared: bool) -> int:
    """An image made from a picture, and sent along for another one; both shared, or neither."""
    source = make_picture(make_generation(person), shared=shared)
    made = make_picture(make_generation(person), shared=shared)
    image = InputImage.objects.create(
        person=person,
        picture=source,
        sha256=source.sha256,
        name=source.name,
        mime="image/png",
        width=source.width,
        height=source.height,
        bytes=source.bytes,
    )
    GenerationInput.objects.create(generation=made.generation, image=image, position=0)
    return image.pk


def _masked(person: Person, shared: bool) -> int:
    made = make_generation(person, model="gpt-image-1.5", body='{"prompt":"x","mask":{}}')
    image = InputImage.objects.create(
        person=person, sha256=uuid4().hex, name="x", mime="image/png", width=9, height=9, bytes=9
    )
    made.sent_inputs.create(image=image, position=0, is_mask=True)
    return made.pk


def _blind_test(person: Person, shared: bool) -> int:
    closed = timezone.now()
    return make_blind_test(person, prompts=1, open_to_all=shared, closed_at=closed).pk


def _blind_pair(person: Person, shared: bool) -> int:
    test = make_blind_test(person, prompts=1, open_to_all=shared)
    blind_tests.prepare(test)
    return Pair.objects.get(test=test).pk


# What a number in an address counts: makes one of a person, shared with the team or not.
THINGS: dict[str, Callable[[Person, bool], object]] = {
    "blind_pair": _blind_pair,
    "blind_test": _blind_test,
    "answer_file": lambda person, shared: make_answer_file(make_generation(person)).pk,
    "unknown_picture": lambda person, shared: (
        make_picture(make_generation(person, charged="unknown")).pk
    ),
    "lost_call": lambda person, shared: make_lost_call(answer=b"{}").pk,
    "queued": _generation("queued"),
    "failed": _generation("failed"),
    "unknown_call": _generation("unknown"),
    "generation": _pictured,
    "preset": lambda person, shared: make_preset(person).pk,
    "used_prompt": lambda person, shared: make_generation(person).used_prompt_id,
    "masked": _masked,
    "run": lambda person, shared: Run.objects.create(person=person, kind="list").pk,
    "picture": _picture,
    "input": _input,
    "person": lambda person, shared: make_person().pk,
}


def path_of(name: str, owner: Person, *, shared: bool = False) -> str:
    """The path of an address, about a thing of the owner's where it has a number."""
    rule = RULES[name]
    return reverse(name, args=[THINGS[rule.thing](owner, shared)] if rule.thing else [])
