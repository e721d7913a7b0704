"""The page of all limits: by scope, each with what is spent, held and left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Limit, LimitRaise, Project, Role, Scope
from omixa_studio.presenters.budgets import per, reset_moment
from omixa_studio.queries import budget
from omixa_studio.queries.budget import Room
from omixa_studio.queries.limits import counts_by_scope, held_now, key_now, limits_of, names_of
from omixa_studio.queries.past_limits import Past, past_of

PAGE = 50
TITLES: Mapping[str, Promise] = {
    Scope.STUDIO: gettext_lazy("The whole studio"),
    Scope.ROLE: gettext_lazy("Roles"),
    Scope.PROJECT: gettext_lazy("Projects"),
    Scope.MODEL: gettext_lazy("Models"),
    Scope.PERSON: gettext_lazy("People"),
    Scope.TOKEN: gettext_lazy("Access tokens"),
}
TOGETHER: Mapping[str, Promise] = {
    Role.MEMBER: gettext_lazy("All members together"),
    Role.MANAGER: gettext_lazy("All managers together"),
    Role.ADMIN: gettext_lazy("All admins together"),
}


@dataclass(frozen=True)
class Raise:
    """A raise that is valid now; `last_day` is the last day of it."""

    row: LimitRaise
    last_day: date


@dataclass(frozen=True)
class Budget:
    """One limit on the page; money is micro-dollars. `past` are queued requests beyond it."""

    limit: Limit
    name: str
    per: str
    resets: str
    room: Room
    held_micros: int
    raises: Sequence[Raise]
    past: Past

    @property
    def spent_micros(self) -> int:
        return self.room.counted_micros - self.held_micros

    @property
    def is_used_up(self) -> bool:
        return self.room.left_micros == 0

    @property
    def spent_percent(self) -> int:
        return self._percent(self.spent_micros)

    @property
    def held_percent(self) -> int:
        return min(self._percent(self.held_micros), 100 - self.spent_percent)

    def _percent(self, micros: int) -> int:
        whole = max(self.room.limit_micros, 1)
        return max(0, min(100, round(micros * 100 / whole)))


@dataclass(frozen=True)
class BudgetGroup:
    """The limits of one scope; the queries of its pages begin with "?", "" is none."""

    scope: str
    title: Promise
    budgets: Sequence[Budget]
    count: int
    earlier: str
    later: str


def budget_groups(scope: str, page: int) -> list[BudgetGroup]:
    """Read all scopes' first limits, or one page of one scope if it is given."""
    target, counts = settings.GATEWAY_TARGET, counts_by_scope()
    held = held_now(target)
    wanted = [one for one in TITLES if counts.get(one) and scope in ("", one)]
    pages: dict[str, list[Limit]] = {}
    for one in wanted:
        first = PAGE * min(page - 1, (counts[one] - 1) // PAGE)
        pages[one] = list(limits_of(one).prefetch_related("raises")[first : first + PAGE])
    shown = [limit for limits in pages.values() for limit in limits]
    found = {room.limit_id: room for room in budget.rooms({key_now(one, target) for one in shown})}
    names = names_of(shown)
    return [
        BudgetGroup(
            scope=one,
            title=TITLES[one],
            budgets=[
                _budget(limit, found[limit.pk], held.get(key_now(limit, target), 0), names)
                for limit in pages[one]
                if limit.pk in found
            ],
            count=counts[one],
            earlier=f"?scope={one}&page={page - 1}" if page > 1 else "",
            later=f"?scope={one}&page={page + 1}" if page * PAGE < counts[one] else "",
        )
        for one in wanted
    ]


def project_choices() -> list[tuple[str, str]]:
    """Return the open projects, by id and name."""
    rows = Project.objects.filter(closed_at=None).order_by("name")[:200]
    return [(str(row.pk), row.name) for row in rows]


def model_choices() -> list[tuple[str, str]]:
    """Return the models of the catalogue, by slug and name."""
    models = load_catalogue(settings.MODELS_TOML).models.values()
    return [(model.slug, model.name) for model in models]


def _budget(
    limit: Limit, room: Room, held_micros: int, names: Mapping[tuple[str, str], str]
) -> Budget:
    now = timezone.now()
    raises = [one for one in limit.raises.all() if one.until > now]
    return Budget(
        limit=limit,
        name=_name(limit, names),
        per=per(limit.period),
        resets=reset_moment(room.resets_at),
        room=room,
        held_micros=held_micros,
        past=past_of(key_now(limit, settings.GATEWAY_TARGET), room),
        raises=[Raise(one, timezone.localdate(one.until - timedelta(seconds=1))) for one in raises],
    )


def _name(limit: Limit, names: Mapping[tuple[str, str], str]) -> str:
    if limit.scope == Scope.STUDIO:
        return _("Everybody together")
    if limit.scope == Scope.ROLE:
        return str(TOGETHER.get(limit.subject, limit.subject))
    if limit.scope == Scope.MODEL:
        model = load_catalogue(settings.MODELS_TOML).find(limit.subject)
        return model.name if model else limit.subject
    known = names.get((limit.scope, limit.subject))
    return known or _("deleted, number %(number)s") % {"number": limit.subject}
