"""The wallet at the gateway; managers read, admins enter top-ups."""

from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.wallet import LeastForm, TopUpForm
from omixa_studio.models import TopUp, dollars, micros
from omixa_studio.presenters.bills.wallet import wallet_sheet
from omixa_studio.queries.gateway_keys import names_on_own_bills
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.services import wallet
from omixa_studio.templatetags.studio import money

from . import respond
from .access import sees_costs
from .once import came_before
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_safe
@sees_costs
def page(request: PersonRequest) -> HttpResponse:
    """Show what should be left, and every top-up."""
    return _page(request)


@require_POST
@admin_act
def add(request: PersonRequest) -> HttpResponse:
    """Enter a top-up; 422 for an amount or a day that cannot be."""
    form = TopUpForm(request.POST)
    if not form.is_valid():
        return _page(request, adding=form, status=422)
    given = form.cleaned_data
    if came_before(request):
        return respond.see_other("wallet")
    amount = micros(given["amount"])
    wallet.top_up(
        settings.GATEWAY_TARGET, amount, day=given["day"], note=given["note"], by=actor_of(request)
    )
    messages.success(request, _("%(amount)s entered.") % {"amount": money(given["amount"])})
    return respond.see_other("wallet")


@require_POST
@admin_act
def take_back(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a top-up back; both rows stay."""
    row = get_object_or_404(TopUp, target=settings.GATEWAY_TARGET, pk=pk)
    if wallet.take_back(row, by=actor_of(request)):
        messages.success(request, _("Taken back. Both entries stay in the list."))
    else:
        messages.warning(request, _("This was taken back before."))
    return respond.see_other("wallet")


@require_POST
@admin_act
def set_least(request: PersonRequest) -> HttpResponse:
    """Set below which amount admins are warned."""
    form = LeastForm(request.POST)
    if not form.is_valid():
        return _page(request, least=form, status=422)
    least = micros(form.cleaned_data["least"])
    wallet.set_least(settings.GATEWAY_TARGET, least, by=actor_of(request))
    messages.success(request, _("Saved."))
    return respond.see_other("wallet")


def _page(
    request: PersonRequest,
    *,
    adding: TopUpForm | None = None,
    least: LeastForm | None = None,
    status: int = 200,
) -> HttpResponse:
    amount = dollars(studio_settings().wallet_warn_micros) or Decimal(0)
    shown = {
        "sheet": wallet_sheet(),
        "own_bills": names_on_own_bills(settings.GATEWAY_TARGET),
        "may_enter": request.user.is_admin,
        "adding": adding or TopUpForm(),
        "click": new_click(),
        "least": least or LeastForm({"least": f"{amount:.2f}"}),
    }
    return render(request, "wallet/wallet.html", shown, status=status)
