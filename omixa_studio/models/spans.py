"""A range of days with what it is narrowed to: what every page of costs is asked for."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

# Earlier and later than any day of the ledger, and still years from where dates end.
LONG_AGO, FAR_AWAY = date(1900, 1, 1), date(9000, 12, 31)


@dataclass(frozen=True)
class Span:
    """A range of days, inclusive, narrowed to one person, model and so on; None stands for all.

    A project of 0 is no project, a person of 0 is nobody.
    """

    first: date
    last: date
    person_id: int | None = None
    model: str | None = None
    operation: str | None = None
    project_id: int | None = None
    collection_id: int | None = None
    tag_id: int | None = None

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def is_month(self) -> bool:
        """Return whether the span is exactly one whole month."""
        next_day = self.last + timedelta(days=1)
        return self.first.day == next_day.day == 1 and (next_day - self.first).days < 32

    @property
    def narrowed(self) -> dict[str, Any]:
        """Return what it is narrowed to besides days, by the names of its fields."""
        names = ("person_id", "model", "operation", "project_id", "collection_id", "tag_id")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    @property
    def of_ledger(self) -> dict[str, Any]:
        """Return what it is narrowed to, as columns of the ledger."""
        columns = ("person_id", "model", "operation", "project_id")
        return {name: value for name, value in self.narrowed.items() if name in columns}

    @property
    def of_pictures(self) -> bool:
        """Return whether only pictures know what it is narrowed to, not the ledger."""
        return self.collection_id is not None or self.tag_id is not None

    def of_days(self, first: date, last: date) -> "Span":
        """Return other days, narrowed to the same."""
        return replace(self, first=first, last=last)

    def without(self, name: str) -> "Span":
        """Return the same days, not narrowed by one field."""
        wider: dict[str, Any] = {name: None}
        return replace(self, **wider)

    def ending(self, last: date) -> "Span":
        """Return the same span cut off after a day within it."""
        return replace(self, last=max(self.first, min(self.last, last)))

    @property
    def before(self) -> "Span":
        """Return as many days just before; for the start of a month, that of the last month."""
        eve = self.first - timedelta(days=1)
        if self.first.day == 1 and self.last.month == self.first.month:
            last = eve if self.is_month else eve.replace(day=min(self.last.day, eve.day))
            return replace(self, first=eve.replace(day=1), last=last)
        return replace(self, first=eve - (self.last - self.first), last=eve)


EVER = Span(LONG_AGO, FAR_AWAY)
