"""Who may do what at which address, as data. An address without a rule here fails a test."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from omixa_studio.models import (
    BackgroundJob,
    BillAnswer,
    GenerationInput,
    InputImage,
    Invitation,
    Limit,
    LimitRaise,
    Notice,
    Pair,
    PasswordReset,
    Person,
    PersonSession,
    Run,
)
from omixa_studio.queries import api_files
from omixa_studio.queries.guests import token_of
from omixa_studio.queries.password_resets import digest_of_reset
from omixa_studio.services import blind_tests, selections
from omixa_studio.services.audit import Actor
from omixa_studio.services.invitations import InvitationTerms, invite
from omixa_studio.services.tagging import tag_pictures
from omixa_studio.services.tokens import make_token
from omixa_studio.services.webhooks import send_test
from tests.factories import (
    make_answer_file,
    make_bill_file,
    make_bill_match,
    make_blind_test,
    make_budget_request,
    make_collection,
    make_comment,
    make_export,
    make_gateway_key,
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

ROLES = ("member", "manager", "admin")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READ = ("GET", "HEAD")
CHANGE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Rule:
    """What an address lets in.

    `methods` are those that somebody let in may use; any other is a 405, every one of
    somebody who is not logged in leads to the login, and a role below `who` gets a 403.
    `who` is the least role, or "anyone", or "strangers" (who is logged in is led to the
    studio), or "nobody" (404 as soon as there is an account), or "apps" (404 unless they are let
    in by OAuth). `thing` is what the number in
    the address counts, and `whose` of them: "own", "visible" (own and shared) or "any";
    one that is not is 404; `changed` says it for changes where fewer may change than see,
    `shared_from` is the least role that changes what others share, and `all_from` the least one
    that sees everybody's.
    `posted` is the answer to an empty form, `deleted` to DELETE. `names` are things that
    the query or the form may name: parameter, thing, whose, and what else must be sent along.
    `scope` is that of the token a program needs, "any" for any token, `scope_to_post` another one
    for a change, with spaces between several; such an address opens to no session, unless `session`
    says that people may read it.
    `again` is whether an admin whose password is no longer fresh is asked for it: every address
    at which only admins post says so.
    """

    methods: tuple[str, ...]
    who: str = "member"
    thing: str = ""
    whose: str = ""
    changed: str = ""
    shared_from: str = ""
    all_from: str = ""
    posted: int = 303
    deleted: int = 200
    read: int = 200
    read_by_strangers: int = 200
    names: tuple["Name", ...] = ()
    again: bool | None = None
    scope: str = ""
    scope_to_post: str = ""
    session: bool = False

    def may(self, method: str, role: str, *, shared: bool) -> bool:
        """Say whether a method may reach somebody else's thing."""
        if self.all_from and ROLES.index(role) >= ROLES.index(self.all_from):
            return True
        if method in CHANGE and shared and self.shared_from in ROLES[: ROLES.index(role) + 1]:
            return True
        whose = (method in CHANGE and self.changed) or self.whose
        return whose == "any" or (whose == "visible" and shared)

    def answer_by_token(self, method: str, role: str, scopes: Collection[str]) -> int:
        """What is answered to a token of a person with a role."""
        if method not in self.methods:
            return 405
        needed = (method in CHANGE and self.scope_to_post) or self.scope
        missing = not {*needed.split()} <= {"any", *scopes}
        if missing or ROLES.index(role) < ROLES.index(self.who):
            return 403
        if method == "DELETE":
            return self.deleted
        return self.posted if method in CHANGE else self.read

    def answer(self, method: str, role: str) -> int | str:
        """What is answered about something that `role` ("" not logged in) may see: a status,
        or "login" or "studio", to where one is led."""
        if self.scope and not (role and self.session and method in READ):
            return 401
        if self.who in ROLES and not role:
            return "login"
        if self.who == "apps":
            return 404
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
SHARED = (
    Name("picture", "picture", "visible"),
    Name("ids", "picture", "visible"),
    Name("collection", "collection", "visible"),
)
OF_ALLAUTH = ("GET", "HEAD", "POST", "PUT", "OPTIONS")

RULES = {
    # The studio
    "studio": read(names=REUSED),
    "submit": post(posted=422),
    "cards": Rule(("GET", "HEAD", "POST"), posted=204, read=204),
    "composer": both(names=REUSED),
    "estimate": read(),
    "made_before": both(),
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
    "review": read(),
    # Collections
    "collections": read(),
    "collection_new": post(),
    "collection_choices": read(read=303),
    "collection_add": post(posted=400, names=(Name("ids", "picture", "visible", "POST"),)),
    "collection": read("collection", "visible"),
    "collection_change": post("own_collection", "own"),
    "collection_delete": post("own_collection", "own"),
    "collection_restore": post("own_collection", "own"),
    "collection_cover": post("own_collection", "own"),
    "collection_share": post("collection", "visible"),
    "collection_remove": post("own_collection", "own", posted=400),
    "collection_put": post("own_collection", "own", posted=400),
    "collection_arrange": read("own_collection", "own"),
    "collection_move": post("own_collection", "own", posted=400),
    "collection_geometry": read("collection", "visible"),
    "collection_window": read("collection", "visible"),
    "collection_place": read("collection", "visible", read=400),
    # Projects. They give nobody power, and what an admin did is undone with a click.
    "projects": read(),
    "project_new": post(who="admin", posted=422, again=False),
    "projects_require": post(who="admin", again=False),
    "project_choices": read(read=303),
    "project": read("project", "own", all_from="manager"),
    "project_change": post("project", "any", who="admin", posted=422, again=False),
    "project_close": post("project", "any", who="admin", again=False),
    "project_reopen": post("project", "any", who="admin", again=False),
    "project_key": post("project", "any", who="admin", again=True),
    "project_add": post("project", "any", who="admin", again=False),
    "project_remove": post("project", "any", who="admin", again=False),
    # Pictures
    "gallery": read(),
    "team": read(),
    "person_choices": read(read=303),
    "trash": read(),
    "gallery_geometry": read(),
    "gallery_window": read(names=(Name("key", "picture", "visible"),)),
    "gallery_place": read(read=400, names=(Name("picture", "picture", "visible"),)),
    "team_geometry": read(),
    "gallery_colours": read(read=400),
    "team_colours": read(read=400),
    "team_window": read(names=(Name("key", "picture", "visible"),)),
    "team_place": read(read=400),
    "trash_geometry": read(),
    "trash_window": read(),
    "trash_place": read(read=400),
    "picture": read("picture", "visible"),
    "similar": read("picture", "visible"),
    "picture_file": read("picture", "visible"),
    "picture_thumb": read("picture", "visible"),
    "picture_preview": read("picture", "visible"),
    "picture_share": post("picture", "own"),
    "picture_private": post("picture", "own"),
    "picture_star": post("picture", "own"),
    "picture_unstar": post("picture", "own"),
    "picture_reject": post("picture", "own"),
    "picture_unreject": post("picture", "own"),
    "picture_trash": post("picture", "own"),
    "picture_restore": post("picture", "own"),
    "picture_collect": both("picture", "visible"),
    "picture_marks": Rule(("GET", "HEAD", "POST"), thing="picture", whose="visible", changed="own"),
    "tags": read(),
    "tag_rename": post("own_tag", "own"),
    "tag_delete": post("own_tag", "own"),
    "tags_suggest": read(),
    "picture_upscale": Rule(("GET", "HEAD", "POST"), thing="picture", whose="visible"),
    "picture_cutout": Rule(("GET", "HEAD", "POST"), thing="picture", whose="visible"),
    "picture_download": read("picture", "visible"),
    "picture_converted": read("picture", "visible", read=303),
    "picture_lineage": read("picture", "visible"),
    "bulk": post(posted=400, names=BULK),
    "input_thumb": read("input", "visible"),
    "input_file": read("input", "visible"),
    "reference_upload": post(posted=422),
    "reference_picker": read(),
    "exports": read(),
    "export_new": Rule(
        ("GET", "HEAD", "POST"),
        posted=422,
        names=(Name("ids", "picture", "visible", "POST"), Name("ids", "picture", "visible")),
    ),
    "export_names": read(),
    "export_file": read("export", "own"),
    "take_away": post(again=True),
    "export_delete": post("export", "own"),
    "export_restore": post("export", "own"),
    "origin": post(posted=204),
    "reference_from": post("picture", "visible", posted=200),
    # Background jobs
    "jobs": read(),
    "jobs_shown": read(read=204),
    "job": read("job", "own", read=303),
    "job_cancel": post("job", "own"),
    "job_undo": post("step", "own"),
    "job_close": post("job", "own"),
    # Comments, and what guests see
    "picture_comments": Rule(("GET", "HEAD", "POST"), thing="picture", whose="visible", posted=422),
    "comment_change": post("comment", "own"),
    "comment_delete": post("comment", "own"),
    "comment_restore": post("comment", "own"),
    "notices": read(),
    "notices_read": post(),
    "notice_open": post("notice", "own"),
    "links": read(),
    "link_new": Rule(("GET", "HEAD", "POST"), posted=422, names=SHARED),
    "link_change": post("link", "own"),
    "link_revoke": post("link", "own"),
    "link_restore": post("link", "own"),
    # Closing has to be quick, and the address gives nobody more than it did.
    "link_close": post("link", "any", who="admin", again=False),
    "link_reopen": post("link", "any", who="admin", again=False),
    "guest": read("guest_link", "any", who="anyone"),
    "guest_enter": post("guest_link", "any", who="anyone"),
    "guest_picture": read("guest_picture", "any", who="anyone"),
    "guest_file": read("guest_picture", "any", who="anyone"),
    "guest_thumb": read("guest_picture", "any", who="anyone"),
    "guest_preview": read("guest_picture", "any", who="anyone"),
    "guest_comments": post("guest_picture", "any", who="anyone", posted=422),
    # Only the browser that left a comment changes it.
    "guest_comment_change": post("guest_picture", "any", who="anyone", posted=404),
    "guest_comment_delete": post("guest_picture", "any", who="anyone", posted=404),
    # Money
    "costs": read(who="manager"),
    "costs_export": read(who="manager"),
    "costs_generations": read(who="manager"),
    "spending": read(),
    "spending_generations": read(),
    "costs_review": read(who="manager"),
    "keepers": read(who="manager"),
    "keepers_list": read(who="manager"),
    "keepers_finals": read(who="manager"),
    "reports": read(who="admin"),
    "report_add": post(who="admin", posted=422, again=False),
    "report_change": post("report", "any", who="admin", posted=422, again=False),
    "report_preview": read("report", "any", who="admin"),
    "report_send": post("report", "any", who="admin", again=False),
    "report_again": post("report", "any", who="admin", again=False),
    "report_delete": post("report", "any", who="admin", again=False),
    "report_restore": post("report", "any", who="admin", again=False),
    "costs_sheet": post(who="manager"),
    "costs_focus": read(who="manager"),
    "costs_unpriced": read(who="manager"),
    "budget_requests": read(),
    "budget_requests_mine": read(read=303),
    "budget_ask": post(posted=422),
    "budget_approvers": post(who="admin", again=True),
    "budget_withdraw": post("budget_request", "own"),
    "budget_close": post("budget_request", "own"),
    "budget_grant": post("budget_request", "any", who="admin", again=True),
    "budget_decline": post("budget_request", "any", who="admin", again=True),
    "unknown": read(who="admin"),
    "unknown_usage": read(who="admin"),
    "unknown_thumb": read("unknown_picture", "any", who="admin"),
    "unknown_decide": post("unknown_call", "any", who="admin", posted=422, again=True),
    "lost_close": post(who="admin", again=True),
    "matching": read(who="manager"),
    # It asks the gateway for its books, which is free.
    "matching_start": post(who="admin", again=False),
    "matching_day": read("bill_day", "any", who="manager"),
    "matching_day_explain": post("bill_day", "any", who="admin", posted=422, again=True),
    "matching_row": read("bill_match", "any", who="manager"),
    "matching_explain": post("bill_match", "any", who="admin", posted=422, again=True),
    "matching_adjust": post("bill_match", "any", who="admin", posted=422, again=True),
    "matching_answer": read("bill_answer", "any", who="admin"),
    # They book nothing in the ledger.
    "bill_upload": post(who="admin", again=False),
    "bill_file": Rule(
        ("GET", "HEAD", "POST"),
        who="admin",
        thing="bill_file",
        whose="any",
        posted=422,
        again=False,
    ),
    "wallet": read(who="manager"),
    "wallet_add": post(who="admin", posted=422, again=True),
    "wallet_least": post(who="admin", posted=422, again=True),
    "wallet_take_back": post("top_up", "any", who="admin", again=True),
    "lost_answer": read("lost_call", "any", who="admin"),
    "budgets": read(who="manager"),
    "limit_add": post(who="admin", posted=422, again=True),
    "limit_restore": post(who="admin", posted=404, again=True),
    "limit_default": post(who="admin", posted=422, again=True),
    "limit_change": post("limit", "any", who="admin", posted=422, again=True),
    "limit_remove": post("limit", "any", who="admin", again=True),
    "limit_raise": post("limit", "any", who="admin", posted=422, again=True),
    "raise_end": post("limit_raise", "any", who="admin", again=True),
    "rules": read(who="admin"),
    "rule_save": post(who="admin", posted=422, again=True),
    "rules_admins": post(who="admin", again=True),
    # People
    "people": read(who="admin"),
    "people_limits": post(who="admin", posted=422, again=True),
    "storage": read(who="admin"),
    "storage_quota": post(who="admin", posted=422, again=True),
    "storage_retention": post(who="admin", posted=422, again=True),
    "person": read("person", "any", who="admin"),
    "person_add": post(who="admin", posted=422, again=True),
    "studio_limit": post(who="admin", posted=422, again=True),
    "person_role": post("person", "any", who="admin", posted=422, again=True),
    "person_limit": post("person", "any", who="admin", posted=422, again=True),
    "person_password": post("person", "any", who="admin", posted=200, again=True),
    "person_deactivate": post("person", "any", who="admin", again=True),
    "person_reactivate": post("person", "any", who="admin", again=True),
    "person_leaving": read("person", "any", who="admin"),
    "person_remove": post("person", "any", who="admin", posted=422, again=True),
    "person_stay": post("person", "any", who="admin", again=True),
    "person_everything": post("person", "any", who="admin", again=True),
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
    "gateway_keys": read(who="admin"),
    "gateway_key_new": post(who="admin", posted=422, again=True),
    "gateway_key_rotate": post("gateway_key", "any", who="admin", posted=422, again=True),
    "gateway_key_change": post("gateway_key", "any", who="admin", posted=422, again=True),
    "gateway_key_switch": post("gateway_key", "any", who="admin", again=True),
    "gateway_key_end": post("gateway_key", "any", who="admin", again=True),
    "models_forget": post(who="admin", posted=400, again=True),
    # Programs
    "api_me": read(scope="any"),
    "api_schema": read(scope="any", session=True),
    "api_models": read(scope="any"),
    "api_estimate": post(scope="any", posted=415),
    "api_generations": Rule(
        ("GET", "HEAD", "POST"), scope="read", scope_to_post="make", posted=415
    ),
    "api_generation": read("generation", "own", scope="read"),
    # With `make` alone only what the same token asked for.
    "api_cancel": post("queued", "own", scope="make read", posted=200),
    "mcp": post(scope="any", posted=415),
    **{
        name: Rule((), who="apps")
        for name in (
            *("oauth_resource", "oauth_resource_mcp", "oauth_server"),
            *("oauth_register", "oauth_token", "oauth_revoke"),
        )
    },
    "api_inputs": post(scope="make", posted=415),
    "api_pictures": Rule(
        ("GET", "HEAD", "PATCH"), scope="read", scope_to_post="make read", posted=415
    ),
    "api_picture": Rule(
        ("GET", "HEAD", "PATCH"),
        thing="picture",
        whose="visible",
        changed="own",
        scope="read",
        scope_to_post="make read",
        posted=415,
    ),
    "api_picture_file": read("picture", "visible", scope="read"),
    "api_picture_thumb": read("picture", "visible", scope="read"),
    "api_collections": Rule(
        ("GET", "HEAD", "POST"), scope="read", scope_to_post="make read", posted=415
    ),
    "api_collection": Rule(
        ("GET", "HEAD", "PATCH", "DELETE"),
        thing="collection",
        whose="visible",
        changed="own",
        shared_from="admin",
        scope="read",
        scope_to_post="make read",
        posted=415,
    ),
    "api_collection_restore": post("own_collection", "own", scope="make read", posted=200),
    "api_collection_pictures": Rule(
        ("GET", "HEAD", "POST"),
        thing="collection",
        whose="visible",
        changed="own",
        scope="read",
        scope_to_post="make read",
        posted=415,
    ),
    "api_costs": read(scope="costs"),
    "api_spent": read(scope="costs"),
    "api_budgets": read(scope="costs"),
    "api_asks": Rule(("GET", "HEAD", "POST"), scope="costs", scope_to_post="make", posted=400),
    "api_ask_withdraw": post("budget_request", "own", scope="make", posted=200),
    "api_docs": read(),
    "v1_generations": post(scope="make", posted=415),
    "v1_edits": post(scope="make", posted=415),
    "v1_models": read(scope="any"),
    "v1_model": read("model_name", "any", scope="any"),
    "v1_picture_file": read("signed_picture", "any", who="anyone"),
    # Accounts
    "health": read(who="anyone"),
    "readiness": read(who="anyone"),
    "metrics": read(scope="admin", who="admin"),
    "setup": Rule(("GET", "HEAD", "POST"), who="nobody"),
    "account_login": Rule(OF_ALLAUTH, who="strangers", posted=200),
    # Without a password before it leads to the login.
    "mfa_authenticate": Rule(METHODS, who="strangers", posted=302, read=302, read_by_strangers=302),
    "passkey_login": Rule((*READ, "POST"), who="strangers", posted=422),
    # Without a provider there is nothing there.
    "sso_start": post(who="anyone", posted=404),
    "sso_callback": Rule(("GET",), who="anyone", read=302, read_by_strangers=302),
    "sso_connect": post(posted=404, again=True),
    "sso_disconnect": post(posted=404, again=True),
    "speak": post(who="anyone", posted=302),
    "account_signup": Rule(METHODS, who="strangers", posted=200),
    "account_logout": Rule(
        ("GET", "HEAD", "POST", "OPTIONS"), who="anyone", posted=302, read_by_strangers=302
    ),
    "account_reauthenticate": Rule(OF_ALLAUTH, posted=200),
    "account_inactive": Rule(("GET", "HEAD", "OPTIONS"), who="anyone"),
    # Without mail it shows who can help.
    "account_reset_password": Rule(("GET", "HEAD", "POST"), who="anyone", posted=200),
    "password_reset": Rule(
        ("GET", "HEAD", "POST"), who="anyone", thing="reset", whose="any", posted=422
    ),
    "account": read(),
    "account_change_password": read(),
    "account_set_password": read(),
    "account_email": read(),
    "account_email_verification_sent": read(),
    "change_password": post(posted=422),
    "choose_language": post(posted=302),
    "theme": post(posted=422),
    "choose_mail": post(),
    "sessions_end": post(),
    "session_end": post("person_session", "own"),
    "invitations": read(who="admin"),
    "invitation_new": post(who="admin", posted=422, again=True),
    # Like closing a guest link: it has to be quick.
    "invitation_revoke": post("invitation", "any", who="admin", again=False),
    "join": Rule(("GET", "HEAD", "POST"), who="anyone", thing="invited", whose="any", posted=422),
    "two_step": read(),
    "app_new": post(posted=200, again=True),
    "app_add": post(again=True),
    "recovery_codes": post(again=True),
    "passkey_new": post(posted=200, again=True),
    "passkey_add": post(posted=422, again=True),
    "passkey_rename": post("passkey", "own", again=True),
    "factor_remove": post("passkey", "own", again=True),
    "factors_require": post(who="admin", again=True),
    "person_factors_reset": post("person", "any", who="admin", again=True),
    "tokens": read(),
    "token_new": post(posted=422, again=True),
    "token_limit": post("token", "own"),
    "token_revoke": post("token", "own"),
    # Nothing is there unless STUDIO_OAUTH is on; tests/views/test_oauth.py asks then.
    "app_connect": read(read=404),
    "app_allow": post(posted=404, again=True),
    "app_cancel": post(posted=404),
    "webhooks": read(),
    "webhook_new": post(posted=422, again=True),
    "studio_webhooks": read(who="admin"),
    "studio_webhook_new": post(who="admin", posted=422, again=True),
    "webhook": read("webhook", "own"),
    "webhook_change": post("webhook", "own", posted=422, again=True),
    "webhook_rotate": post("webhook", "own", posted=200, again=True),
    "webhook_switch": post("webhook", "own"),
    "webhook_delete": post("webhook", "own"),
    "webhook_test": post("webhook", "own"),
    "webhook_again": post("webhook_message", "own"),
    # Like closing a guest link: it has to be quick.
    "person_token_revoke": post("token", "any", who="admin", again=False),
}


def _webhook_message(person: Person, shared: bool) -> int:
    message = send_test(make_webhook(person))
    assert message
    return message.pk


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


def _comment(person: Person, shared: bool) -> int:
    """A comment on a picture that only its maker sees."""
    return make_comment(make_picture(make_generation(person)), person).pk


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


def _limit() -> Limit:
    make_limit(make_person().pk, 1_000_000)
    return Limit.objects.latest("pk")


def _raise() -> LimitRaise:
    return LimitRaise.objects.create(limit=_limit(), extra_micros=1, until=timezone.now())


def _reset(person: Person, shared: bool) -> str:
    secret, now = uuid4().hex, timezone.now()
    PasswordReset.objects.create(person=person, digest=digest_of_reset(secret), mailed_at=now)
    return secret


def _invite() -> tuple[Invitation, str]:
    admin = make_person(role="admin")
    terms = InvitationTerms(expires_at=timezone.now() + timedelta(days=1))
    return invite("Somebody", terms, by=Actor(admin.pk, admin.username))


# What a number in an address counts: makes one of a person, shared with the team or not.
THINGS: dict[str, Callable[[Person, bool], object]] = {
    "budget_request": lambda person, shared: make_budget_request(person).pk,
    "export": lambda person, shared: make_export(person).pk,
    "report": lambda person, shared: make_report(person).pk,
    "blind_pair": _blind_pair,
    "blind_test": _blind_test,
    "answer_file": lambda person, shared: make_answer_file(make_generation(person)).pk,
    "unknown_picture": lambda person, shared: (
        make_picture(make_generation(person, charged="unknown")).pk
    ),
    "lost_call": lambda person, shared: make_lost_call(answer=b"{}").pk,
    "bill_day": lambda person, shared: make_bill_match(person).bill_day_id,
    "bill_match": lambda person, shared: make_bill_match(person).pk,
    "bill_answer": lambda person, shared: (
        BillAnswer.objects.create(target="sandbox", what="requests", body="{}").pk
    ),
    "bill_file": lambda person, shared: make_bill_file().pk,
    "top_up": lambda person, shared: make_top_up().pk,
    "queued": _generation("queued"),
    "failed": _generation("failed"),
    "unknown_call": _generation("unknown"),
    "generation": _pictured,
    "job": lambda person, shared: BackgroundJob.objects.create(person=person, kind="count").pk,
    "step": lambda person, shared: selections.take_now(person, "share", []).pk,
    "preset": lambda person, shared: make_preset(person).pk,
    "collection": lambda person, shared: (
        make_collection(person, access="team_read" if shared else "private").pk
    ),
    "own_tag": lambda person, shared: (
        tag_pictures(person, [make_picture(make_generation(person)).pk], "linen").tag.pk
    ),
    "gateway_key": lambda person, shared: make_gateway_key().pk,
    "project": lambda person, shared: make_project(person).pk,
    "own_collection": lambda person, shared: make_collection(person).pk,
    "used_prompt": lambda person, shared: make_generation(person).used_prompt_id,
    "masked": _masked,
    "run": lambda person, shared: Run.objects.create(person=person, kind="list").pk,
    "picture": _picture,
    "input": _input,
    "person": lambda person, shared: make_person().pk,
    "comment": _comment,
    "notice": lambda person, shared: (
        Notice.objects.create(person=person, comment_id=_comment(person, shared)).pk
    ),
    "limit": lambda person, shared: _limit().pk,
    "limit_raise": lambda person, shared: _raise().pk,
    "link": lambda person, shared: make_link(person).pk,
    "token": lambda person, shared: make_token(person, "Script", ["read"], None)[0].pk,
    "webhook": lambda person, shared: make_webhook(person).pk,
    "webhook_message": _webhook_message,
    "passkey": lambda person, shared: (
        Authenticator.objects.create(
            user=person, type="webauthn", data={"name": "Laptop", "credential": {}}
        ).pk
    ),
    "model_name": lambda person, shared: "gpt-image-1.5",
    "signed_picture": lambda person, shared: api_files.sign(
        make_picture(make_generation(person)),
        make_token(person, "tests", ["make"], None)[0],
    ),
    "reset": _reset,
    "person_session": lambda person, shared: (
        PersonSession.objects.create(person=person, session_key=uuid4().hex).pk
    ),
    "invitation": lambda person, shared: _invite()[0].pk,
    "invited": lambda person, shared: _invite()[1],
    "guest_link": lambda person, shared: token_of(make_link(person)),
    "guest_picture": lambda person, shared: (token_of(make_link(person)), 1),
}


def path_of(name: str, owner: Person, *, shared: bool = False) -> str:
    """The path of an address, about a thing of the owner's where it has a number."""
    rule = RULES[name]
    found = THINGS[rule.thing](owner, shared) if rule.thing else ()
    return reverse(name, args=found if isinstance(found, tuple) else [found])
