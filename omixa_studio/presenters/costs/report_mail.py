"""The mail of a report: a review as HTML that mail programs show, as plain text, and as CSV.

Tables and inline styles only, no script and no picture from elsewhere; in the language of its
reader, and with what its reader may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from omixa_studio.dates import date_format
from omixa_studio.forms.costs import CostsAsked
from omixa_studio.forms.reports import asked_of
from omixa_studio.models import Person, Report, ReportMail
from omixa_studio.models.spans import Span
from omixa_studio.queries.cost_sums import LedgerSum
from omixa_studio.queries.review_sums import sums_by
from omixa_studio.tables import csv_pieces, harmless
from omixa_studio.templatetags.studio import billed

from .addresses import query_asked
from .review import CostReview, ReviewRow
from .review_table import review_head, review_rows, whole_review

# What a mail shows; the file beside it has everything.
MOST_ROWS, MOST_COLUMNS = 40, 7
LEAST_SHOWN = 1000


@dataclass(frozen=True)
class ReportLine:
    """A line of the table: the name at its left, and the figures beside it."""

    name: str
    figures: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """A report in finished words and figures, for the templates of its mail."""

    language: str
    is_rtl: bool
    name: str
    days: str
    figures: Sequence[tuple[str, str, str]]
    head: ReportLine
    rows: Sequence[ReportLine]
    foot: ReportLine | None
    more_rows: int
    more_columns: int
    is_empty: bool
    address: str


def mail_of_report(mail: ReportMail) -> EmailMultiAlternatives:
    """Return the mail of a report to its person. Raises ValueError for an unreadable address."""
    person, report = mail.person, mail.report
    with translation.override(person.language or settings.LANGUAGE_CODE):
        asked = asked_of(report.query, mail.first, mail.last)
        if asked is None:
            raise ValueError("the address of the review cannot be read")
        review = whole_review(asked, person)
        page = _page(report, review, asked)
        told = EmailMultiAlternatives(
            subject=f"{page.name}: {page.days}",
            body=render_to_string("reports/mail.txt", {"page": page}),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[person.email],
            headers={"Auto-Submitted": "auto-generated", "Message-ID": _message_id(mail)},
        )
        told.attach_alternative(html_of(page), "text/html")
        told.attach(f"costs-{mail.first}-{mail.last}.csv", _csv(review), "text/csv")
    return told


def preview_of(report: Report, reader: Person, first: date, last: date) -> str:
    """Return the HTML of a report's mail as its reader would get it about some days."""
    asked = asked_of(report.query, first, last) or CostsAsked(Span(first, last))
    return html_of(_page(report, whole_review(asked, reader), asked))


def html_of(page: ReportPage) -> str:
    """Return a report as HTML that needs nothing else."""
    return render_to_string("reports/mail.html", {"page": page})


def _message_id(mail: ReportMail) -> str:
    """Return the same id for each try, so that mail programs show a mail that came twice once."""
    host = urlsplit(settings.STUDIO_URL).hostname or "localhost"
    what = "extra" if mail.extra else "report"
    return f"<{what}-{mail.report_id}-{mail.person_id}-{mail.first}-{mail.pk}@{host}>"


def _page(report: Report, review: CostReview, asked: CostsAsked) -> ReportPage:
    kept = [column.kind for column in review.columns]
    shown = _shown_columns(len(kept))
    labels = [column.label for column in review.columns]
    return ReportPage(
        language=translation.get_language() or settings.LANGUAGE_CODE,
        is_rtl=get_language_bidi(),
        name=" ".join(report.name.split()),
        days=_days(asked.span.first, asked.span.last),
        figures=_summary(asked),
        head=ReportLine(labels[0], [labels[n] for n in shown[1:]]),
        rows=[_line(row, kept, shown) for row in review.rows[:MOST_ROWS]],
        foot=_line(review.total, kept, shown) if review.total else None,
        more_rows=max(len(review.rows) - MOST_ROWS, 0),
        more_columns=len(kept) - len(shown),
        is_empty=review.is_empty,
        address=f"{settings.STUDIO_URL}{reverse('costs')}{query_asked(asked)}",
    )


def _shown_columns(count: int) -> list[int]:
    """Return the places of the columns in the mail: the first ones, and the last one."""
    if count <= MOST_COLUMNS:
        return list(range(count))
    return [*range(MOST_COLUMNS - 1), count - 1]


def _line(row: ReviewRow, kinds: Sequence[str], shown: Sequence[int]) -> ReportLine:
    name, *figures = [_cell(row.values[n], kinds[n]) for n in shown]
    return ReportLine(name, figures)


def _cell(value: str | int | None, kind: str) -> str:
    if value is None:
        return "–"
    return _money(int(value)) if kind == "money" else str(value)


def _money(micros: int) -> str:
    """Return micro-dollars to a tenth of a cent, so that a column lines up."""
    if 0 < abs(micros) < LEAST_SHOWN:
        return f"{'-' if micros < 0 else ''}<$0.001"
    tenths = (abs(micros) + LEAST_SHOWN // 2) // LEAST_SHOWN
    return f"{'-' if micros < 0 else ''}${tenths // 1000:,}.{tenths % 1000:03}"


def _summary(asked: CostsAsked) -> list[tuple[str, str, str]]:
    """Return the figures above the table: label, figure, what is said below it."""
    now, before = (_sum(span) for span in (asked.span, asked.span.before))
    pictures = ngettext("%(n)d picture", "%(n)d pictures", now.pictures) % {"n": now.pictures}
    earlier = _("%(amount)s in the period before") % {"amount": _money(before.billed)}
    each = "–" if now.each is None else _money(now.each)
    return [
        (billed(settings.SANDBOX_MODE), _money(now.billed), earlier),
        (_("Reserved, not final yet"), _money(now.open), ""),
        (_("Per picture"), each, pictures),
    ]


def _sum(span: Span) -> LedgerSum:
    return sums_by(settings.GATEWAY_TARGET, span).get((), LedgerSum())


def _days(first: date, last: date) -> str:
    if first.day == 1 and (last.year, last.month) == (first.year, first.month) and last.day > 27:
        return date_format(first, "F Y")
    begins = "j E" if first.year == last.year else "j E Y"
    return f"{date_format(first, begins)} – {date_format(last, 'j E Y')}"


def _csv(review: CostReview) -> bytes:
    head = [harmless(label) for label in review_head(review)]
    return "".join(csv_pieces(head, review_rows(review))).encode()
