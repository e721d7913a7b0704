"""Several keys of the gateway: whose calls go with which, and what holds back which."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from omixa_studio import storage
from omixa_studio.catalogue import load_catalogue
from omixa_studio.gateway.redaction import redact
from omixa_studio.models import (
    Act,
    Charge,
    GatewayKey,
    GatewaySecret,
    Generation,
    Pause,
    Person,
    Project,
)
from omixa_studio.queries.bills import sent_calls
from omixa_studio.queries.holdups import holdups_of
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import claims, gateway_keys, gateway_secrets, pauses, running
from omixa_studio.services.audit import Actor
from omixa_studio.services.gateway_keys import KeyRefused
from omixa_studio.services.refusals import ChoiceRefused
from omixa_studio.services.submission import Choice, retry, submit
from omixa_studio.services.tools import Tools
from omixa_studio.worker import Worker
from tests.factories import make_gateway_key, make_generation, make_person, make_project
from tests.workers import take_turn

pytestmark = pytest.mark.django_db
MARA = Actor(1, "mara", name="Mara")
# The second looks like no key, so that only who knows it can mask it.
ACME, BOLD = "omx_live_acme_0123456789", "bold/9876543210+abcdef"
NEWER = "bold/newer-0123456789"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(more_keys={ACME, BOLD, NEWER}) as gateway:
        yield gateway


@pytest.fixture
def ada() -> Person:
    return make_person("ada", role="admin")


def project_with(key: GatewayKey | None, name: str = "") -> Project:
    project = make_project(name=name)
    if key:
        gateway_keys.give(project, key, by=MARA)
    return project


def ask(person: Person, project: Project | None = None, **values: Any) -> Generation:
    catalogue = load_catalogue(None)
    model = catalogue.find("imagen-4.0-generate-001")
    assert model is not None
    told = {"prompt": "A harbour", "size": "0.5K", **values}
    choice = Choice(model=model, values=told, project_id=project.pk if project else None)
    return submit(person, choice, catalogue=catalogue, wake=no_wake)


def no_wake() -> None:
    """Nobody listens."""


def rotate(key: GatewayKey, secret: str) -> None:
    gateway_keys.rotate(key, secret, wake=no_wake, by=MARA)


def sent_with(sandbox: Sandbox) -> list[str]:
    return [call.headers["Authorization"].removeprefix("Bearer ") for call in sandbox.calls]


def state_of(row: Generation) -> str:
    return Generation.objects.get(pk=row.pk).state


def nothing_to_claim() -> bool:
    return claims.claim_next("sandbox", "test") is None


def test_it_sends_each_project_with_its_own_key_and_the_rest_with_the_environments(
    tools: Tools, sandbox: Sandbox, ada: Person
) -> None:
    acme, bold = make_gateway_key("Acme", ACME), make_gateway_key("Bold", BOLD)
    rows = [
        ask(ada, project_with(acme)),
        ask(ada),
        ask(ada, project_with(bold)),
        ask(ada, project_with(None)),
    ]
    for _row in rows:
        take_turn(tools)
    assert sent_with(sandbox) == [ACME, sandbox.key, BOLD, sandbox.key]
    assert {state_of(row) for row in rows} == {"done"}
    assert Charge.objects.filter(kind="capture").count() == 4


def test_it_names_the_key_of_a_whole_run_in_two_statements(
    ada: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key, project = make_gateway_key("Acme", ACME), make_project()
    rows = [make_generation(ada, project=project, target=key.target) for _ in range(5)]
    with django_assert_num_queries(2):
        gateway_keys.name_keys(rows, {project.pk: key.pk})
    assert {Generation.objects.get(pk=row.pk).gateway_key for row in rows} == {key}


def test_a_request_keeps_the_key_of_its_click_and_a_repeat_takes_that_of_today(
    tools: Tools, sandbox: Sandbox, ada: Person
) -> None:
    acme, bold = make_gateway_key("Acme", ACME), make_gateway_key("Bold", BOLD)
    project = project_with(acme)
    sandbox.script("status:400")
    row = ask(ada, project)
    assert gateway_keys.give(project, bold, by=MARA)
    take_turn(tools)
    row.refresh_from_db()
    retry(row, catalogue=load_catalogue(None), wake=no_wake)
    take_turn(tools)
    assert sent_with(sandbox) == [ACME, BOLD]
    assert gateway_keys.give(project, None, by=MARA)
    assert not gateway_keys.give(project, None, by=MARA)
    ask(ada, project)
    take_turn(tools)
    assert sent_with(sandbox)[-1] == sandbox.key


def test_what_waits_is_sent_with_the_new_secret_and_what_runs_ends_with_the_old_one(
    tools: Tools, sandbox: Sandbox, ada: Person
) -> None:
    bold = make_gateway_key("Bold", BOLD)
    project = project_with(bold)
    first, second = ask(ada, project), ask(ada, project)
    claimed = claims.claim_next("sandbox", "test")
    assert claimed == first
    send = tools.send_with_key

    def rotated_meanwhile(body: bytes, sink: Any, *, before_send: Any, key: str) -> None:
        send(body, sink, before_send=before_send, key=key)
        rotate(bold, NEWER)
        sandbox.more_keys = {NEWER}

    running.run(claimed, replaced(tools, send_with_key=rotated_meanwhile))
    take_turn(tools)
    assert sent_with(sandbox) == [BOLD, NEWER]
    assert {state_of(row) for row in (first, second)} == {"done"}
    assert GatewaySecret.objects.filter(key=bold, replaced_at=None).count() == 1


def replaced(tools: Tools, **fields: Any) -> Tools:
    return Tools(**{**vars(tools), **fields})


def test_a_refused_key_holds_back_its_own_requests_alone(
    tools: Tools, sandbox: Sandbox, ada: Person
) -> None:
    acme, bold = make_gateway_key("Acme", ACME), make_gateway_key("Bold", BOLD)
    ours, theirs = project_with(acme), project_with(bold)
    sandbox.more_keys = {BOLD}
    refused, waits = ask(ada, ours), ask(ada, ours)
    take_turn(tools)
    others = [ask(ada, theirs), ask(ada), ask(ada, theirs)]
    for _row in others:
        take_turn(tools)
    assert nothing_to_claim()
    assert (state_of(refused), state_of(waits)) == ("failed", "queued")
    assert {state_of(row) for row in others} == {"done"}
    pause = Pause.objects.get()
    assert (pause.reason, pause.gateway_key, pause.until) == ("key", acme.pk, None)
    waits.refresh_from_db()
    holdup = holdups_of("sandbox", [waits])[waits.pk]
    assert (holdup.pause, holdup.key) == (pause, "Acme")

    # The same secret again does not end it, another one does.
    pauses.end_outdated("sandbox", sandbox.key, gateway_secrets.digests("sandbox"))
    assert nothing_to_claim()
    sandbox.more_keys = {BOLD, NEWER}
    rotate(acme, NEWER)
    assert not Pause.objects.exists()
    take_turn(tools)
    assert (sent_with(sandbox)[-1], state_of(waits)) == (NEWER, "done")


@pytest.mark.parametrize(
    ("fault", "reason"), [("status:401", "key"), ("status:402", "balance"), ("status:429", "rate")]
)
def test_a_refusal_of_the_environments_key_holds_back_no_project_with_a_key(
    fault: str, reason: str, tools: Tools, sandbox: Sandbox, ada: Person
) -> None:
    project = project_with(make_gateway_key("Acme", ACME))
    sandbox.script(fault)
    ask(ada)
    take_turn(tools)
    assert (Pause.objects.get().reason, Pause.objects.get().gateway_key) == (reason, 0)
    soon = timezone.now() + timedelta(minutes=1)
    Pause.objects.filter(until__isnull=False).update(until=soon)
    ask(ada)
    theirs = ask(ada, project)
    take_turn(tools)
    assert state_of(theirs) == "done"
    assert nothing_to_claim()


def test_a_provider_that_is_missing_holds_back_everybody(
    tools: Tools, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.script("status:503")
    ask(ada, project_with(make_gateway_key("Acme", ACME)))
    ask(ada)
    take_turn(tools)
    assert Pause.objects.get().gateway_key is None
    assert nothing_to_claim()


def test_a_refusal_of_a_secret_that_was_replaced_meanwhile_holds_back_nothing(
    tools: Tools, sandbox: Sandbox, ada: Person
) -> None:
    bold = make_gateway_key("Bold", BOLD)
    ask(ada, project_with(bold))
    sandbox.more_keys = {NEWER}
    send = tools.send_with_key

    def rotated_meanwhile(body: bytes, sink: Any, *, before_send: Any, key: str) -> None:
        send(body, sink, before_send=before_send, key=key)
        rotate(bold, NEWER)

    take_turn(replaced(tools, send_with_key=rotated_meanwhile))
    assert Pause.objects.get().gateway_key == bold.pk
    pauses.end_outdated("sandbox", sandbox.key, gateway_secrets.digests("sandbox"))
    assert not Pause.objects.exists()


def test_nothing_is_sent_with_another_key_while_a_secret_cannot_be_read(
    tools: Tools, sandbox: Sandbox, ada: Person, settings: Settings
) -> None:
    acme = make_gateway_key("Acme", ACME)
    row, before = ask(ada, project_with(acme)), settings.SECRET_KEY
    settings.SECRET_KEY = "another secret of the studio"
    take_turn(tools)
    assert not sandbox.calls
    assert (state_of(row), Generation.objects.get().sent_at) == ("queued", None)
    assert (Pause.objects.get().reason, Pause.objects.get().gateway_key) == ("sealed", acme.pk)
    pauses.end_outdated("sandbox", sandbox.key, gateway_secrets.digests("sandbox"))
    assert nothing_to_claim()
    others = ask(ada)
    take_turn(tools)
    assert state_of(others) == "done"

    # The former secret of the studio is back.
    settings.SECRET_KEY = before
    pauses.end_outdated("sandbox", sandbox.key, gateway_secrets.digests("sandbox"))
    take_turn(tools)
    assert (sent_with(sandbox), state_of(row)) == ([sandbox.key, ACME], "done")


def test_a_key_typed_again_under_another_secret_of_the_studio_sends_what_waits(
    tools: Tools, sandbox: Sandbox, ada: Person, settings: Settings
) -> None:
    acme = make_gateway_key("Acme", ACME)
    row = ask(ada, project_with(acme))
    settings.SECRET_KEY = "another secret of the studio"
    take_turn(tools)
    rotate(acme, ACME)
    take_turn(tools)
    assert (sent_with(sandbox), state_of(row)) == ([ACME], "done")


def test_a_key_without_a_secret_waits_as_after_a_backup_was_restored(
    tools: Tools, sandbox: Sandbox, ada: Person
) -> None:
    acme = make_gateway_key("Acme", ACME)
    row = ask(ada, project_with(acme))
    GatewaySecret.objects.all().delete()
    take_turn(tools)
    assert (sandbox.calls, state_of(row), Pause.objects.get().reason) == ([], "queued", "sealed")
    rotate(acme, ACME)
    take_turn(tools)
    assert state_of(row) == "done"


def test_an_admin_pauses_one_key(tools: Tools, sandbox: Sandbox, ada: Person) -> None:
    acme = make_gateway_key("Acme", ACME)
    row = ask(ada, project_with(acme))
    claimed = claims.claim_next("sandbox", "test")
    assert claimed is not None
    assert gateway_keys.pause(acme, by=MARA)
    assert not gateway_keys.pause(acme, by=MARA)
    # It was claimed before, and is not sent all the same.
    running.run(claimed, tools)
    assert (sandbox.calls, state_of(row), Pause.objects.count()) == ([], "queued", 0)
    assert nothing_to_claim()
    row.refresh_from_db()
    assert holdups_of("sandbox", [row])[row.pk].key == "Acme"
    assert gateway_keys.resume(acme, wake=no_wake, by=MARA)
    take_turn(tools)
    assert state_of(row) == "done"


def test_a_key_in_use_is_not_ended(tools: Tools, sandbox: Sandbox, ada: Person) -> None:
    acme = make_gateway_key("Acme", ACME)
    project = project_with(acme, "Harbour & Sons")
    row = ask(ada, project)
    with pytest.raises(KeyRefused, match="Projects use this key"):
        gateway_keys.end(acme, by=MARA)
    gateway_keys.give(project, None, by=MARA)
    with pytest.raises(KeyRefused, match="still wait"):
        gateway_keys.end(acme, by=MARA)
    take_turn(tools)
    assert (state_of(row), sent_with(sandbox)) == ("done", [ACME])
    gateway_keys.end(acme, by=MARA)
    assert not GatewaySecret.objects.exists()
    assert Generation.objects.get().gateway_key == acme
    with pytest.raises(KeyRefused, match="was ended"):
        gateway_keys.give(project, acme, by=MARA)
    # Its name and its secret can be used for another one.
    make_gateway_key("Acme", ACME)


def test_a_key_never_goes_to_another_gateway(
    tools: Tools, sandbox: Sandbox, ada: Person, settings: Settings
) -> None:
    project = project_with(make_gateway_key("Acme", ACME), "Harbour")
    row = ask(ada, project)
    GatewayKey.objects.update(target="gateway.example")
    take_turn(tools)
    assert (sandbox.calls, state_of(row)) == ([], "queued")
    # Practice goes with the key of practice; money does not move to another account.
    assert ask(ada, project).gateway_key is None
    settings.GATEWAY_TARGET = "www.omixa.cloud"
    with pytest.raises(ChoiceRefused, match="key of another gateway"):
        ask(ada, project)
    assert Generation.objects.count() == 2


@pytest.mark.parametrize("secret", ["short", "with a space in it", "кириллица-и-ещё-буквы", ""])
def test_it_refuses_what_is_no_key(secret: str) -> None:
    with pytest.raises(KeyRefused):
        gateway_keys.make("sandbox", "Acme", secret, on_own_bill=True, by=MARA)
    assert not GatewayKey.objects.exists()


def test_it_refuses_a_key_that_is_known(settings: Settings) -> None:
    settings.GATEWAY_KEY = "omx_live_of_the_environment"
    with pytest.raises(KeyRefused, match="key of the environment"):
        make_gateway_key("Acme", settings.GATEWAY_KEY)
    acme = make_gateway_key("Acme", ACME)
    with pytest.raises(KeyRefused, match="is this one already"):
        make_gateway_key("Bold", f" {ACME} ")
    with pytest.raises(KeyRefused, match="a key of this name"):
        make_gateway_key("ACME", BOLD)
    with pytest.raises(KeyRefused, match="same key as before"):
        rotate(acme, ACME)


def test_no_row_and_no_log_holds_a_secret(tools: Tools, sandbox: Sandbox, ada: Person) -> None:
    bold = make_gateway_key("Bold", BOLD)
    ask(ada, project_with(bold))
    answer = {"data": [{"image": "x" * 99}], "seen": BOLD, "usage": {"billed_amount": "0.04"}}
    sandbox.script("answer-file", answer=json.dumps(answer).encode())
    take_turn(tools)
    rotate(bold, NEWER)
    gateway_keys.change(bold, "Bolder", on_own_bill=False, by=MARA)
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = str(cursor.fetchall())
        assert BOLD not in rows, table
        assert NEWER not in rows, table
    file = Generation.objects.get().files.get()
    assert b'"seen": "%s"' % (b"*" * len(BOLD)) in storage.get(file.name)
    assert {act.kind for act in Act.objects.all()} >= {
        "gateway_key_set",
        "gateway_key_rotated",
        "gateway_key_changed",
        "project_key",
    }
    assert redact(f"a {BOLD} b {NEWER} c") == "a [key] b [key] c"


def test_a_worker_masks_secrets_that_were_replaced_before_it_started(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    bold = make_gateway_key("Bold", BOLD)
    rotate(bold, NEWER)
    monkeypatch.setattr("omixa_studio.gateway.redaction._known", set())
    monkeypatch.setattr(gateway_secrets, "_learned", set())
    assert BOLD in redact(BOLD)
    worker.sweep()
    assert redact(f"{BOLD} {NEWER}") == "[key] [key]"


def test_the_bill_of_the_environment_has_nothing_of_keys_on_another(ada: Person) -> None:
    own, same = make_gateway_key(), make_gateway_key(on_own_bill=False)
    now = timezone.now()
    rows = [
        make_generation(ada, sent_at=now, gateway_key=key, created_at=now)
        for key in (None, own, same)
    ]
    found = {told[0] for told in sent_calls("sandbox", now, now.replace(year=now.year + 1))}
    assert found == {rows[0].pk, rows[2].pk}
