"""Workers that are killed while calls go with several keys, and secrets are replaced meanwhile."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db.models.functions import Now

from omixa_studio.models import GatewayKey, Generation, Pause, Person, Project
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import gateway_keys
from omixa_studio.services.audit import Actor
from tests.crash.harness import Forker, answer_of, click, no_wake, refreshed, settle_everything
from tests.factories import make_gateway_key, make_person, make_project
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MARA = Actor(1, "mara", name="Mara")
ACME, BOLD, NEWER = "acme/0123456789-abcdef", "bold/9876543210+abcdef", "acme/newer-0123456789"
ROWS = 12


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A gateway that knows three keys besides that of the environment."""
    answer = answer_of((96, 64))
    with Sandbox(fixed_answer=answer, seconds=0.1, more_keys={ACME, BOLD, NEWER}) as running:
        yield running


@pytest.fixture
def ada(transactional_db: None) -> Person:
    return make_person("ada", role="admin")


def project_with(key: GatewayKey) -> Project:
    project = make_project()
    gateway_keys.give(project, key, by=MARA)
    return project


def ask(person: Person, project: Project | None, number: int) -> Generation:
    name = project.name if project else "none"
    return click(person, f"{name} {number}", wake=no_wake, project=project)


def key_of(sandbox: Sandbox, prompt: str) -> list[str]:
    return [
        call.headers["Authorization"].removeprefix("Bearer ")
        for call in sandbox.calls
        if call.prompt == prompt
    ]


def test_each_call_goes_once_and_with_its_own_key_through_kills_and_a_rotation(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    acme = make_gateway_key("Acme", ACME)
    ours, theirs = project_with(acme), project_with(make_gateway_key("Bold", BOLD))
    rows = [ask(ada, one, n) for n in range(ROWS // 3) for one in (ours, theirs, None)]
    instants = ("after the guard", "before the spool rename", "after the claim", "before settling")
    for number, instant in enumerate(instants):
        process = workers.worker(str(number), threads=2, lease=60, renew=5, instant=instant)
        process.wait()
        if number == 1:
            gateway_keys.rotate(acme, NEWER, wake=no_wake, by=MARA)
    Generation.objects.filter(state="running").update(lease=Now())
    settle_everything(workers)
    sent = Counter(call.prompt for call in sandbox.calls)
    assert max(sent.values()) == 1
    known = {ours: {ACME, NEWER}, theirs: {BOLD}, None: {sandbox.key}}
    for row in map(refreshed, rows):
        project = {ours.pk: ours, theirs.pk: theirs}.get(row.project_id or 0)
        assert set(key_of(sandbox, row.prompt)) <= known[project]
        assert row.state in ("done", "unknown")
        # Killed after the guard and before the first byte, it may never have left.
        assert row.state == "unknown" or key_of(sandbox, row.prompt)
    assert NEWER in {key for row in rows for key in key_of(sandbox, row.prompt)}
    assert not Pause.objects.exists()
    for secret in (ACME, BOLD, NEWER):
        assert secret not in workers.log()


def test_a_worker_goes_on_for_others_while_one_key_is_refused_and_takes_the_new_secret(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.more_keys = {BOLD, NEWER}
    acme = make_gateway_key("Acme", ACME)
    ours, theirs = project_with(acme), project_with(make_gateway_key("Bold", BOLD))
    first = ask(ada, ours, 0)
    workers.worker("one")
    wait_until(lambda: refreshed(first).state == "failed")
    waits = [ask(ada, ours, n) for n in range(1, 4)]
    others = [ask(ada, theirs, n) for n in range(3)] + [ask(ada, None, n) for n in range(3)]
    wait_until(lambda: {refreshed(row).state for row in others} == {"done"})
    assert {refreshed(row).state for row in waits} == {"queued"}
    assert Pause.objects.get().gateway_key == acme.pk
    done = threading.Event()
    gateway_keys.rotate(acme, NEWER, wake=done.set, by=MARA)
    assert done.is_set()
    wait_until(lambda: {refreshed(row).state for row in waits} == {"done"})
    assert all(key_of(sandbox, row.prompt) == [NEWER] for row in waits)
