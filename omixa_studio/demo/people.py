"""The people of the demonstration."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from omixa_studio.models import Limit, Person, Role, Scope

USERNAME = "demo-{}"
# Far above what a demonstration spends in a month, and low enough to show a bar.
LIMIT_MICROS = 400_000_000
NAMES = (
    "Anna Berg",
    "Mikhail Orlov",
    "Chloé Martin",
    "Yuki Tanaka",
    "Ольга Седова",
    "Tomás Rivera",
    "Priya Nair",
    "Lars Holm",
    "Екатерина Малышева-Константинопольская",
    "Ada Obi",
    "Noah Weiss",
    "Mei Lin",
)


def ensure_people(count: int, password: str, now: datetime) -> tuple[list[Person], list[Person]]:
    """Return the demonstration's people, and those of them who were just created.

    The first is an admin, the second a manager; existing accounts stay unchanged.
    """
    usernames = [USERNAME.format(number + 1) for number in range(count)]
    known = {one.username: one for one in Person.objects.filter(username__in=usernames)}
    hashed = make_password(password)
    missing = [
        _person(number, username, hashed, now)
        for number, username in enumerate(usernames)
        if username not in known
    ]
    made = Person.objects.bulk_create(missing)
    known |= {one.username: one for one in made}
    limited = [
        Limit(scope=Scope.PERSON, subject=str(one.pk), amount_micros=LIMIT_MICROS)
        for one in made[2::3]
    ]
    Limit.objects.bulk_create(limited, ignore_conflicts=True)
    return [known[username] for username in usernames], made


def _person(number: int, username: str, hashed: str, now: datetime) -> Person:
    first, _, last = NAMES[number % len(NAMES)].partition(" ")
    repeated = f" {number // len(NAMES) + 1}" if number >= len(NAMES) else ""
    roles = (Role.ADMIN, Role.MANAGER)
    return Person(
        username=username,
        first_name=first,
        last_name=last + repeated,
        email=f"{username}@example.org",
        password=hashed,
        role=roles[number] if number < len(roles) else Role.MEMBER,
        date_joined=now - timedelta(days=430),
    )
