"""Calls of which nobody knows what they cost, for admins, who decide."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio import tasks
from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.unknown import UnknownForm
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.records import UsageEntry
from omixa_studio.models import Generation, State, micros
from omixa_studio.queries.unknown import taken_request_ids, unknown_calls, unknown_count
from omixa_studio.services import settling, usage
from omixa_studio.spool import Leftover, leftovers
from omixa_studio.templatetags.studio import money

from . import respond
from .access import admin_only
from .requests import PersonRequest

MOST_ROWS = 100


@dataclass(frozen=True, kw_only=True)
class UnknownCall:
    """One unknown call. `found` is None while the gateway was not asked."""

    generation: Generation
    model_name: str
    spooled: Leftover | None
    found: Sequence[UsageEntry] | None = None
    amount: str = ""
    error: str = ""


@require_safe
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show every unknown call."""
    return render(request, "unknown/unknown.html", _shown(_rows()))


@require_safe
@admin_only
def ask(request: PersonRequest) -> HttpResponse:
    """Show what the gateway's log says about them: a part for script, else the whole page."""
    rows, told = _rows(), {"asked": True}
    try:
        entries = tasks.ask_for_usage()
    except GatewayError as error:
        shown = _shown(rows) | told | {"trouble": error}
    else:
        shown = _shown(_compared(rows, entries)) | told | {"reaches": usage.oldest(entries)}
    if respond.wants_part(request):
        return respond.part(request, "unknown/_answer.html", shown)
    return render(request, "unknown/unknown.html", shown)


@require_POST
@admin_only
def decide(request: PersonRequest, pk: int) -> HttpResponse:
    """Book what an admin says a call cost, once; 422 for an amount that is none."""
    generation = get_object_or_404(Generation, pk=pk, target=settings.GATEWAY_TARGET)
    form = UnknownForm(request.POST)
    if not form.is_valid():
        return _refused(request, pk, form)
    settle = settling.decide if generation.state == State.UNKNOWN else settling.decide_cost
    if not settle(generation, billed_micros=micros(form.billed), by=request.user.username):
        messages.warning(request, _("This was decided before. Nothing was booked twice."))
    elif form.billed:
        said = {"id": pk, "amount": money(form.billed)}
        messages.success(request, _("G-%(id)s: %(amount)s is booked.") % said)
    else:
        messages.success(request, _("G-%(id)s: the hold is given back.") % {"id": pk})
    return respond.see_other("unknown")


def _refused(request: PersonRequest, pk: int, form: UnknownForm) -> HttpResponse:
    typed = request.POST.get("amount", "")[:20]
    rows = [
        replace(row, amount=typed, error=form.sentence) if row.generation.pk == pk else row
        for row in _rows()
    ]
    return render(request, "unknown/unknown.html", _shown(rows), status=422)


def _shown(rows: Sequence[UnknownCall]) -> dict[str, object]:
    left_out = unknown_count(settings.GATEWAY_TARGET) - len(rows) if len(rows) == MOST_ROWS else 0
    return {"rows": rows, "left_out": left_out}


def _rows() -> list[UnknownCall]:
    catalogue = load_catalogue(settings.MODELS_TOML)
    spooled = leftovers(settings.SPOOL_DIR)
    rows = []
    for generation in unknown_calls(settings.GATEWAY_TARGET).prefetch_related("pictures")[
        :MOST_ROWS
    ]:
        model = catalogue.find(generation.model)
        owner = generation.attempt and (generation.pk, generation.attempt)
        rows.append(
            UnknownCall(
                generation=generation,
                model_name=model.name if model else generation.model,
                spooled=spooled.get(owner) if owner else None,
            )
        )
    return rows


def _compared(rows: Iterable[UnknownCall], entries: Sequence[UsageEntry]) -> list[UnknownCall]:
    """Set the entries beside the rows, but none that belongs to a call we know the cost of."""
    rows = list(rows)
    likely = [one.id for row in rows for one in usage.fitting(row.generation, entries) if one.id]
    taken = taken_request_ids(settings.GATEWAY_TARGET, likely)
    found = [usage.fitting(row.generation, entries, taken=taken) for row in rows]
    claims = Counter(id(one) for fits in found for one in fits)
    return [
        replace(row, found=fits, amount=_typed(fits, claims))
        for row, fits in zip(rows, found, strict=True)
    ]


def _typed(found: Sequence[UsageEntry], claims: Counter[int]) -> str:
    """Fill the form where one entry fits, unless it may be the bill of another call too."""
    amount = usage.suggested(found)
    alone = all(claims[id(one)] == 1 for one in found)
    return f"{amount:f}" if amount is not None and alone else ""
