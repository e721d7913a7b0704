"""The append-only audit log, written in the transaction of the logged act itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from omixa_studio.models import Act, ActKind, Person


@dataclass(frozen=True)
class Actor:
    """The acting person and their address; views build it with `views.requests.actor_of`.

    The log stores the `username`, which identifies the login; elsewhere the `name` is shown.
    """

    person_id: int = 0
    username: str = ""
    address: str = ""
    name: str = ""

    @property
    def shown(self) -> str:
        """Return the actor's name for screens; "" for the studio itself."""
        return self.name or self.username


# The environment, a command or the worker: nobody is logged in.
STUDIO = Actor()


def write(
    kind: ActKind,
    *,
    by: Actor,
    whom: Person | None = None,
    thing: str = "",
    before: object = "",
    after: object = "",
) -> None:
    """Write one row of the log; call it inside the transaction of the act, after its writes.

    `whom` is the affected person, `thing` the affected thing if it is not a person ("G-12", a
    model, a target). `before` and `after` are the changed values, as plain keys and figures: never
    a password, a prompt or a key. Long texts are cut.
    """
    row_of(kind, by=by, whom=whom, thing=thing, before=before, after=after).save(force_insert=True)


def write_each(rows: Iterable[Act]) -> None:
    """Write many rows of the log, built by `row_of`; call it as `write`."""
    Act.objects.bulk_create(rows)


def row_of(
    kind: ActKind,
    *,
    by: Actor,
    whom: Person | None = None,
    thing: str = "",
    before: object = "",
    after: object = "",
) -> Act:
    """Build the row that `write` writes."""
    row = Act(
        kind=kind,
        who_id=by.person_id,
        who_name=by.username,
        whom_id=whom.pk if whom else 0,
        whom_name=whom.username if whom else "",
        thing=thing,
        before=str(before),
        after=str(after),
        address=by.address,
    )
    for field in row._meta.get_fields():
        longest = getattr(field, "max_length", None)
        if longest:
            setattr(row, field.name, getattr(row, field.name)[:longest])
    return row
