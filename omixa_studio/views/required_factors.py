"""Whose login needs two steps, and people who have lost theirs; for admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omixa_studio.directions import isolated
from omixa_studio.forms.factors import FactorRolesForm
from omixa_studio.models import Person
from omixa_studio.services import factors

from . import respond
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_POST
@admin_act
def require(request: PersonRequest) -> HttpResponse:
    """Choose the roles whose login has to have two steps."""
    form = FactorRolesForm(request.POST)
    then = f"{reverse('people')}#two-step"
    if not form.is_valid():
        return respond.refuse(request, form.sentence, then)
    factors.require_factors(form.cleaned_data["roles"], by=actor_of(request))
    messages.success(request, _("Saved."))
    return respond.see_other(then)


@require_POST
@admin_act
def reset(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove the second steps of somebody else who has lost them."""
    person = get_object_or_404(Person, pk=pk)
    then = respond.came_from(request) or reverse("person", args=[pk])
    if person.pk == request.user.pk:
        own = _("Remove your own second steps on your account page.")
        return respond.refuse(request, own, then)
    if factors.reset_factors(person, by=actor_of(request)):
        sentence = _("%(name)s logs in with the password alone now, and is logged out everywhere.")
        messages.success(request, sentence % {"name": isolated(person.name)})
    return respond.see_other(then)
