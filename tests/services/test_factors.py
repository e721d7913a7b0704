"""Second steps under a race: a code counts once, whoever is faster."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import connection

from omixa_studio.services import factors
from omixa_studio.services.audit import Actor
from tests.factories import make_person

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 6


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_many_at_once_one_uses_a_code(kind: str) -> None:
    person = make_person("mara")
    secret = generate_totp_secret()
    recovery = factors.add_app(person, secret, 1, by=Actor(person.pk))
    *_earlier, step = yield_hotp_counters_from_time()
    code = recovery[3] if kind == "recovery" else format_hotp_value(hotp_value(secret, step))

    together = Barrier(THREADS)

    def use(_number: int) -> bool:
        connection.ensure_connection()
        together.wait()
        try:
            return factors.use_code(person, code, by=Actor()) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(use, range(THREADS))) == 1
    assert Authenticator.objects.count() == 2
