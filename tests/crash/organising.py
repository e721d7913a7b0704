"""What else happens to one studio: budgets, projects, stars, trash, collections, exports.

Totals that are kept beside the ledger and the pictures, and every file of costs, must agree too.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from omixa_studio import gallery_counts, kept_counts, storage
from omixa_studio.models import (
    BudgetRequest,
    Charge,
    Collection,
    Export,
    Generation,
    Kind,
    Picture,
    Project,
    dollars,
)
from omixa_studio.queries.cost_check import wrong_totals
from omixa_studio.services import curating
from tests.crash.harness import MODEL
from tests.crash.operations import AMOUNT, FIGURE, STEPS, Studio, Visitor

MARKS = ("star", "unstar", "reject", "unreject", "share", "private", "trash", "trash", "restore")
BILL = Q(kind__in=(Kind.CAPTURE, Kind.ADJUSTMENT))
WAYS = ("person", "model", "operation", "project", "day", "week", "month")


@dataclass
class WholeStudio(Studio):
    """A studio whose people also ask for money, work for projects and sort their pictures."""

    chances: Mapping[str, int] = field(default_factory=lambda: STEPS | MORE_STEPS)

    # What makers do

    def click_for_a_project(self) -> None:
        projects = list(Project.objects.values_list("pk", flat=True))
        if not projects or self.luck.random() < 0.2:
            self.admin.post("/projects/new/", name=f"Project {len(projects)}")
            return
        project, maker = self.luck.choice(projects), self.maker()
        self.admin.post(f"/projects/{project}/add/", people=maker.person.pk)
        maker.post("/generations/", model=MODEL, prompt=self.prompt(), project=project)

    def close_or_reopen(self) -> None:
        for pk in Project.objects.values_list("pk", flat=True)[:1]:
            self.admin.post(f"/projects/{pk}/{self.luck.choice(['close', 'reopen', 'reopen'])}/")

    def ask_for_more(self) -> None:
        maker = self.maker()
        self.admin.post(f"/people/{maker.person.pk}/limit/", limit="0.01")
        more = {"ask-for": "more", "ask-dollars": "0.50", "ask-until": "day"}
        if self.luck.random() < 0.3:
            more |= {"mode": "list", "prompts": f"{self.prompt()}\n{self.prompt()}"}
            maker.post("/many/", model=MODEL, step="start", confirmed="yes", **more)
        else:
            form = {"prompt": self.prompt(), "click": f"click-{self.clicks}"}
            maker.post("/generations/", model=MODEL, **form, **more)

    def answer(self) -> None:
        for pk in self._asked("waiting"):
            if self.luck.random() < 0.8:
                self.admin.post(f"/requests/{pk}/grant/")
            else:
                self.admin.post(f"/requests/{pk}/decline/", note="No")

    def withdraw(self) -> None:
        for pk in self._asked("waiting", "granted"):
            person = BudgetRequest.objects.get(pk=pk).person_id
            self._visitor(person).post(f"/requests/{pk}/withdraw/")

    def mark(self) -> None:
        for picture in self._pictures():
            owner = self._visitor(picture.person_id)
            owner.post(f"/pictures/{picture.pk}/{self.luck.choice(MARKS)}")

    def collect(self) -> None:
        for picture in self._pictures():
            name = self.luck.choice(["Sea", "Land"])
            self._visitor(picture.person_id).post("/collections/add/", ids=picture.pk, name=name)

    def delete_or_restore_a_collection(self) -> None:
        for one in Collection.objects.order_by("?")[:1]:
            what = self.luck.choice(["delete", "restore", "restore"])
            self._visitor(one.owner_id).post(f"/collections/{one.pk}/{what}/")

    def download(self) -> None:
        for picture in self._pictures():
            owner = self._visitor(picture.person_id)
            owner.client.force_login(owner.person)
            answer = owner.client.get(f"/pictures/{picture.pk}/file?download=1")
            owner.person.refresh_from_db(fields=["is_active"])
            right = (200, 404) if owner.person.is_active else (302,)
            assert answer.status_code in right, answer.status_code

    def export(self) -> None:
        by_owner: dict[int | None, list[int]] = {}
        for picture in self._pictures():
            by_owner.setdefault(picture.person_id, []).append(picture.pk)
        for person, ids in by_owner.items():
            self._visitor(person).post("/exports/new/", ids=ids, step="start", pack="internal")

    def sheet(self) -> None:
        self.admin.post(f"/costs/sheet/?{_days()}")

    # What time does

    def erase(self) -> None:
        """Let what is in the trash be there for longer than it is kept."""
        long_ago = timezone.now() - timedelta(days=curating.TRASH_DAYS + 1)
        Picture.objects.exclude(trashed_at=None).update(trashed_at=long_ago)
        self.start()

    # What must agree

    def wrong(self) -> list[str]:
        found = super().wrong()
        return found if found else [*self._counts(), *self._files()]

    def _counts(self) -> Iterator[str]:
        yield from (f"totals of costs: {key} {more}" for key, more in wrong_totals().items())
        yield from (f"counts of galleries: {one}" for one in gallery_counts.differences())
        yield from (f"kept pictures: {one}" for one in kept_counts.differences())

    def _files(self) -> Iterator[str]:
        billed, whole = _dollars(Charge.objects.filter(BILL)), _dollars(Charge.objects.all())
        by = self.luck.choice(WAYS)
        rows = self._table(f"/costs/review.csv?{_days()}&by={by}")
        told = [_total(rows, name) for name in ("Practice", "Reserved")]
        if told != [billed, whole - billed]:
            yield f"the review by {by} sums to {told}, not {billed} and {whole - billed}"
        focus = _total(self._table(f"/costs/focus.csv?{_days()}"), "BilledCost")
        if focus != billed:
            yield f"FOCUS sums to {focus}, not {billed}"
        unknown = len(self._table(f"/costs/focus-unknown.csv?{_days()}"))
        if unknown != Generation.objects.filter(charged="unknown").count():
            yield f"{unknown} unknown costs are in the companion file"
        yield from self._spending()
        yield from self._exports()

    def _spending(self) -> Iterator[str]:
        maker = self.maker()
        maker.person.refresh_from_db()
        if not maker.person.is_active:
            return
        billed = _dollars(Charge.objects.filter(BILL, person_id=maker.person.pk))
        maker.client.force_login(maker.person)
        shown = maker.client.get(f"/spending/?{_days()}").content.decode()
        [told, *_others] = AMOUNT.findall(" ".join(FIGURE.findall(shown)))
        if Decimal(told.replace(",", "")) != billed:
            yield f"{maker.person} sees {told}, not {billed}"

    def _exports(self) -> Iterator[str]:
        for one in Export.objects.exclude(file=""):
            book = zipfile.ZipFile(io.BytesIO(storage.get(one.file)))
            if book.testzip():
                yield f"export {one.pk} is broken"

    def _table(self, address: str) -> list[dict[str, str]]:
        answer = self.admin.client.get(address)
        text = answer.getvalue().decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def _asked(self, *states: str) -> list[int]:
        found = BudgetRequest.objects.filter(state__in=states).order_by("pk")
        return list(found.values_list("pk", flat=True)[:2])

    def _pictures(self) -> list[Picture]:
        found = list(Picture.objects.order_by("pk"))
        return self.luck.sample(found, min(len(found), 3))

    def _visitor(self, person: int | None) -> Visitor:
        return next(one for one in (*self.makers, self.admin) if one.person.pk == person)


def _dollars(rows: QuerySet[Charge]) -> Decimal:
    return dollars(rows.aggregate(sum=Sum("amount_micros"))["sum"] or 0) or Decimal(0)


def _total(rows: list[dict[str, str]], name: str) -> Decimal:
    return sum((Decimal(row[name] or 0) for row in rows), Decimal(0))


def _days() -> str:
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    return f"from={today - timedelta(3)}&to={today + timedelta(3)}"


MORE_STEPS: dict[str, int] = {
    "click_for_a_project": 10,
    "close_or_reopen": 2,
    "ask_for_more": 10,
    "answer": 12,
    "withdraw": 2,
    "mark": 20,
    "collect": 8,
    "delete_or_restore_a_collection": 3,
    "download": 4,
    "export": 4,
    "sheet": 2,
    "erase": 3,
}
