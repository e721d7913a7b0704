"""Soft limits: told once per period to whom they concern, and stopping nothing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from omixa_studio.models import Limit, Notice, Period, Scope
from omixa_studio.services import ledger, soft_limits
from omixa_studio.services.budget import set_limit
from tests.factories import hold, make_generation, make_person

pytestmark = pytest.mark.django_db


def told() -> dict[str, int]:
    names = Notice.objects.values_list("person__username", flat=True)
    return {name: list(names).count(name) for name in names}


def test_it_is_told_once_per_period_to_the_person_and_admins(
    client: Client, time_machine: TimeMachineFixture
) -> None:
    jon, ada = make_person("jon", language="ru"), make_person("ada", role="admin")
    make_person("eva")
    set_limit(Scope.PERSON, jon.pk, 40_000, period=Period.WEEK, hard=False)
    set_limit(Scope.STUDIO, "", 80_000, hard=False)
    assert soft_limits.tell_of_reached("sandbox") == 0
    hold(make_generation(jon, state="queued"))
    assert soft_limits.tell_of_reached("sandbox") == 1
    assert soft_limits.tell_of_reached("sandbox") == 0
    assert told() == {"jon": 1, "ada": 1}
    hold(make_generation(jon, state="queued"))
    assert soft_limits.tell_of_reached("sandbox") == 1
    assert told() == {"jon": 1, "ada": 2}
    assert soft_limits.tell_of_reached("gateway") == 0
    client.force_login(ada)
    html = client.get(reverse("notices")).content.decode()
    assert "The budget of jon is reached: $0.040 of $0.040 a week" in html
    assert "The studio&#x27;s budget is reached" in html
    # A higher one is told again when it is reached, and each in its next period.
    set_limit(Scope.PERSON, jon.pk, 100_000, period=Period.WEEK, hard=False)
    hold(make_generation(jon, state="queued"))
    assert soft_limits.tell_of_reached("sandbox") == 1
    time_machine.move_to(timezone.now() + timedelta(days=40))
    assert soft_limits.tell_of_reached("sandbox") == 0
    ledger.hold(make_generation(jon, state="queued", held_micros=100_000))
    assert soft_limits.tell_of_reached("sandbox") == 2


def test_a_crash_after_telling_tells_nobody_twice() -> None:
    jon = make_person("jon")
    set_limit(Scope.PERSON, jon.pk, 1, hard=False)
    hold(make_generation(jon, state="queued"))
    soft_limits.tell_of_reached("sandbox")
    Limit.objects.update(told_on=None)
    assert soft_limits.tell_of_reached("sandbox") == 1
    assert told() == {"jon": 1}
