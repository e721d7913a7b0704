"""A studio whose ledger has so many charges in one month: `python -m bench.charges COUNT`."""

import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from omixa_studio.models import Balance, Scope  # noqa: E402
from omixa_studio.models.ledger import today  # noqa: E402
from omixa_studio.queries.balance_check import differences  # noqa: E402
from omixa_studio.services.budget import set_limit  # noqa: E402
from omixa_studio.services.people import make_first_admin  # noqa: E402

from .studio import ADMIN, PASSWORD  # noqa: E402

FAR_ABOVE = 10**15
# One statement that both databases take; the rows belong to generations that are gone.
INSERT = """
WITH RECURSIVE numbers(n) AS (
    SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %(count)s
)
INSERT INTO omixa_studio_charge (
    kind, amount_micros, received_text, reason, target, month, day, generation_id,
    person_id, person_name, model, operation, pictures, created_at
)
SELECT 'capture', 40000, '0.040000', '', %(target)s, %(month)s, %(day)s, 1000000000 + n,
    %(person)s, 'bench', 'imagen-4.0-generate-001', 'generate', 1, CURRENT_TIMESTAMP
FROM numbers
"""


def main(count: int) -> None:
    """Book so many captures of one person, who has a limit far above them, as has the studio."""
    person = make_first_admin(ADMIN, PASSWORD)
    if person is None:
        raise RuntimeError("the studio has an account already")
    set_limit(Scope.PERSON, person.pk, FAR_ABOVE)
    set_limit(Scope.STUDIO, "", FAR_ABOVE)
    day = today()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            {
                "count": count,
                "person": person.pk,
                "target": settings.GATEWAY_TARGET,
                "month": f"{day:%Y-%m}",
                "day": day,
            },
        )
        for key, above in differences().items():
            Balance.objects.create(**key._asdict(), counted_micros=-above)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main(int(sys.argv[1]))
