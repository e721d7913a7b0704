"""The card of a generation on the board, the same in a page and in a poll."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from omixa_studio.catalogue import Catalogue, ImageModel
from omixa_studio.catalogue.records import N_
from omixa_studio.dates import date_format
from omixa_studio.directions import isolated
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.controls import AUTO, ratio_of
from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import AnswerFile, Generation, Person, Picture, State, dollars
from omixa_studio.models.generations import Charged
from omixa_studio.presenters.ratios import ratio_text
from omixa_studio.presenters.targets import elsewhere
from omixa_studio.queries import generations, history, inputs
from omixa_studio.queries.holdups import Cause, Holdup, holdups_of
from omixa_studio.queries.refusals import REFUSED
from omixa_studio.sentences import tell
from omixa_studio.services import offers, pricing
from omixa_studio.templatetags.studio import money

from .failures import Failure, cost_of, failure_of
from .hung import Hung, hung
from .lately import Lately
from .mask_trial import MaskTrial, trial_of
from .model_options import usually
from .stamps import ended_stamp, stamp

SQUARE = Fraction(1)
PICTURE = N_("Picture")
# If no picture will come, the tile is as large as its sentences need.
SENTENCE = Fraction(4, 3)
TITLES = {
    "remove_background": N_("Background removed"),
    "upscale": N_("Enlarged"),
    "edit": N_("Edited"),
    "merge": N_("Merged"),
}
# Shown beside a prompt, when the title cannot say it.
KINDS = {"edit": N_("Edit"), "merge": N_("Merge")}
HELD_UP = {
    Cause.CAP: N_("Waiting at the run's spending cap"),
    Cause.LIMIT: N_("Waiting because of the limit"),
    Cause.RUN_PAUSED: N_("Paused"),
}
USED_UP = (Cause.CAP, Cause.LIMIT)


@dataclass(frozen=True, slots=True)
class CardHead:
    """The head of a card, as the texts that `{% tiles %}` fills in."""

    pk: str
    title: str
    meta: str


@dataclass(frozen=True, kw_only=True)
class PlainCard:
    """A card of which nothing has to be said but what it is made of, so that it can be kept."""

    marks: str
    heads: tuple[CardHead, ...]
    note: str
    hung: tuple[Hung, ...]
    is_emptied: bool


@dataclass(frozen=True, kw_only=True)
class Card:
    """A generation for the templates. Money in dollars, times in seconds."""

    pk: int
    group: uuid.UUID
    state: str
    title: str
    has_prompt: bool
    meta: str
    pictures: Sequence[Picture]
    places: range
    ratio: str
    says: str
    more: str
    failure: Failure | None
    note: str
    passed: int | None
    usual: str
    estimate: Decimal | None
    again: Decimal | None
    stamp: str
    is_open: bool
    retry_click: str
    came: Sequence[AnswerFile] = ()
    trial: MaskTrial | None = None

    @property
    def marks(self) -> SafeString:
        """Return the attributes by which scripts and polls know it."""
        stamped = "data-seen" if self.is_open else "data-shown"
        html = 'id="generation-{}" data-group="{}" data-generation="{}" data-state="{}" {}="{}"'
        return format_html(html, self.pk, self.group, self.pk, self.state, stamped, self.stamp)

    @property
    def heads(self) -> tuple[CardHead, ...]:
        """Return its head, alone."""
        return (CardHead(str(self.pk), self.title, self.meta),)

    @property
    def hung(self) -> tuple[Hung, ...]:
        """Return its pictures for the board."""
        found = hung(self.pictures, ratio=self.ratio, title=self.title, worded=self.has_prompt)
        return tuple(found)

    @property
    def is_emptied(self) -> bool:
        """Return whether all its pictures were moved to the trash."""
        return self.state == State.DONE and not self.pictures and not self.places

    @cached_property
    def plain(self) -> PlainCard | None:
        """Return the card of a request that ended well, else None."""
        if self.failure or self.came or self.places or self.trial:
            return None
        return PlainCard(
            marks=self.marks,
            heads=self.heads,
            note=self.note,
            hung=self.hung,
            is_emptied=self.is_emptied,
        )


def cards_for(
    rows: Iterable[Generation],
    catalogue: Catalogue,
    viewer: Person,
    lately: Lately | None = None,
) -> list[Card]:
    """Draw cards as `viewer` may see them.

    Queries the queue and the usual durations only if rows are open.
    """
    rows, lately = list(rows), lately or Lately(catalogue)
    target = settings.GATEWAY_TARGET
    queued = any(row.state == State.QUEUED for row in rows)
    places = generations.places_in_queue(target) if queued else {}
    running = [row for row in rows if row.state == State.RUNNING]
    took = history.usual_durations(target, [_kind(row) for row in running])
    holdups = holdups_of(target, rows)
    refused = _refused(rows, lately)
    came = _came(rows)
    again = _prices_again(rows, lately)
    return [
        _card(
            row,
            catalogue,
            place=places.get(row.pk),
            holdup=holdups.get(row.pk),
            usual=usually(took.get(_kind(row), ())),
            refused=refused,
            came=came.get(row.pk, ()),
            again=again.get(row.pk),
            for_admin=viewer.is_admin,
        )
        for row in rows
    ]


def _kind(row: Generation) -> tuple[str, str]:
    return row.model, history.size_of(row.options)


def _refused(rows: Iterable[Generation], lately: Lately) -> set[str]:
    """Return the models not to suggest; queries only if a card has something to suggest."""
    if not any(row.error_kind == REFUSED for row in rows):
        return set()
    return lately.refused


def _came(rows: Iterable[Generation]) -> dict[int, list[AnswerFile]]:
    """Return answer files that are not pictures, by generation; queries only for odd results."""
    odd = [row.pk for row in rows if row.error and row.charged != Charged.NO and not row.is_open]
    came: dict[int, list[AnswerFile]] = {}
    for file in generations.came_with(odd):
        came.setdefault(file.generation_id, []).append(file)
    return came


def _prices_again(rows: Iterable[Generation], lately: Lately) -> dict[int, Decimal]:
    """Return what each failed request would cost now, in dollars by generation, if known.

    Queries only if a card offers to buy again, since bills may have come after its own click.
    """
    failed = [row for row in rows if row.state == State.FAILED]
    models = {row.pk: lately.catalogue.find(row.model) for row in failed}
    if not any(models.values()):
        return {}
    sent = inputs.counts_of(row.pk for row in failed if row.operation != "generate")
    found = {
        row.pk: pricing.price(
            lately.terms, model, {**row.options, "n": row.count}, sent.get(row.pk, 0)
        )
        for row in failed
        if (model := models[row.pk])
    }
    return {pk: one.estimate.amount for pk, one in found.items() if one.estimate.amount is not None}


def _instead(row: Generation, catalogue: Catalogue, refused: set[str]) -> ImageModel | None:
    model = catalogue.find(row.model)
    if row.state != State.FAILED or row.error_kind != REFUSED or model is None:
        return None
    return offers.nearest(catalogue, model, avoid=refused)


def _card(
    row: Generation,
    catalogue: Catalogue,
    *,
    place: int | None,
    holdup: Holdup | None,
    usual: str,
    refused: set[str],
    came: Sequence[AnswerFile],
    again: Decimal | None,
    for_admin: bool,
) -> Card:
    model = catalogue.find(row.model)
    ratio = _ratio(row, row.kept_pictures)
    return Card(
        pk=row.pk,
        group=row.group,
        state=row.state,
        title=row.prompt or _(TITLES.get(row.operation, PICTURE)),
        has_prompt=bool(row.prompt),
        meta=_meta(row, model.short_name if model else row.model),
        pictures=row.kept_pictures,
        places=range(_empty_places(row)),
        ratio=ratio_text(ratio.numerator, ratio.denominator),
        says=_says(row, place, holdup),
        more=_more(row, holdup),
        failure=failure_of(
            row,
            _instead(row, catalogue, refused),
            kept=bool(row.kept_pictures),
            for_admin=for_admin,
        ),
        note=_note(row),
        passed=_passed(row),
        usual=usual,
        estimate=dollars(row.estimate_micros),
        again=again,
        stamp=_stamp(row, place, holdup, len(row.kept_pictures)),
        is_open=row.is_open,
        retry_click=new_click(),
        came=came,
        trial=trial_of(row, model) if for_admin else None,
    )


def _stamp(row: Generation, place: int | None, holdup: Holdup | None, kept: int) -> str:
    return stamp(row, place, holdup) if row.is_open else ended_stamp(row.pk, row.state, kept)


def _ratio(row: Generation, pictures: Sequence[Picture]) -> Fraction:
    if pictures:
        return Fraction(pictures[0].shown_width, pictures[0].shown_height)
    if not row.is_open:
        return SENTENCE
    for name in ("aspect_ratio", "size"):
        ratio = ratio_of(str(row.options.get(name, "")))
        if ratio is not None:
            return ratio
    return SQUARE


def _empty_places(row: Generation) -> int:
    """Return the number of tiles without a picture: all while it is open, one if cancelled."""
    if row.is_open:
        return row.count
    # Pictures that were moved to the trash leave no gap; a failure has words instead.
    return 1 if row.state == State.CANCELLED else 0


def _meta(row: Generation, model_name: str) -> str:
    kind = _(KINDS[row.operation]) if row.prompt and row.operation in KINDS else ""
    chosen = [row.options.get(name) for name in ("aspect_ratio", "size")]
    parts = [kind, model_name, *(one for one in chosen if one != AUTO), _cost(row)]
    return " · ".join(str(part) for part in parts if part)


def _cost(row: Generation) -> str:
    if row.is_open:
        return reserved(row.held_micros)
    if row.billed_micros:
        return billed(row.billed_micros, row.target)
    return _("cost unknown") if row.charged == Charged.UNKNOWN else ""


def reserved(micros: int) -> str:
    """Format the hold, given in micro-dollars."""
    return _("%(amount)s reserved") % {"amount": money(dollars(micros))}


def billed(micros: int, target: str) -> str:
    """Format the bill, given in micro-dollars; in practice nothing is billed."""
    said = _("practice %(amount)s") if target == SANDBOX else _("billed %(amount)s")
    return said % {"amount": money(dollars(micros))}


def _says(row: Generation, place: int | None, holdup: Holdup | None) -> str:
    if holdup and holdup.brake:
        return _("Paused by %(name)s") % {"name": isolated(holdup.brake.by)}
    if holdup and holdup.pause and holdup.key:
        told = {"reason": holdup.pause.get_reason_display(), "key": isolated(holdup.key)}
        return _("Paused: %(reason)s (key %(key)s)") % told
    if holdup and holdup.key:
        return _("Paused by an admin (key %(key)s)") % {"key": isolated(holdup.key)}
    if holdup and holdup.pause:
        return _("Paused: %(reason)s") % {"reason": holdup.pause.get_reason_display()}
    if holdup:
        return _(HELD_UP[holdup.cause])
    if row.state == State.QUEUED:
        if name := elsewhere(row):
            return _("Waits for %(target)s") % {"target": name}
        if _is_put_off(row):
            return _("Waiting for the gateway")
        return _("Queued, %(place)s") % {"place": ordinal(place)} if place else _("Queued")
    if row.state == State.RUNNING:
        return _("Generating") if row.sent_at else _("Starting")
    return _("Cancelled") if row.state == State.CANCELLED else ""


def _more(row: Generation, holdup: Holdup | None) -> str:
    if holdup and holdup.cause in USED_UP:
        return _("Requests in progress may use it up · free to cancel")
    if row.state == State.QUEUED and elsewhere(row):
        return _("The studio now uses another gateway · free to cancel")
    if row.not_before and not holdup and _is_put_off(row):
        clock = date_format(timezone.localtime(row.not_before), "H:i:s")
        return _("Next try at %(time)s · free to cancel") % {"time": clock}
    if row.state == State.QUEUED:
        return _("Free to cancel")
    if row.state == State.CANCELLED:
        return f"{tell(row.error)} {_('Not charged.')}".lstrip()
    return ""


def _is_put_off(row: Generation) -> bool:
    put_off = row.not_before is not None and row.not_before > timezone.now()
    return row.state == State.QUEUED and put_off


def _note(row: Generation) -> str:
    """Return what is not in order with a call that brought pictures."""
    if row.state != State.DONE:
        return ""
    held = {"held": money(dollars(row.held_micros))}
    parts = [tell(row.error)]
    if row.charged == Charged.UNKNOWN:
        told = _(
            "The gateway did not report the cost. %(held)s stays reserved until an admin reviews "
            "it."
        )
        parts.append(told % held)
    elif row.decided_by:
        parts.append(cost_of(row))
    elif row.over_hold:
        parts.append(_("The bill is higher than the %(held)s reserved.") % held)
    return " ".join(part for part in parts if part)


def _passed(row: Generation) -> int | None:
    if row.state != State.RUNNING or row.sent_at is None:
        return None
    return max(0, int((timezone.now() - row.sent_at).total_seconds()))
