"""What one request may ask for, by role and person; for admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.rules import RuleForm
from omixa_studio.models import micros
from omixa_studio.presenters.admin.rules import model_slugs, option_pairs, rule_cards
from omixa_studio.queries.people import subject_of
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.services import rules
from omixa_studio.services.rules import RuleTerms

from . import respond
from .access import admin_only
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_safe
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show what one request may ask for."""
    return _page(request)


@require_POST
@admin_act
def save(request: PersonRequest) -> HttpResponse:
    """Make, change or remove one rule."""
    form = RuleForm(request.POST, models=model_slugs(), options=option_pairs(), known=subject_of)
    if not form.is_valid():
        return _page(request, form.sentence, status=422)
    given = form.cleaned_data
    terms = RuleTerms(
        dearest_micros=None if given["dearest"] is None else micros(given["dearest"]),
        most_pictures=given["most_pictures"],
        allowed_models=given["allowed_models"],
        forbidden=form.forbidden_by_name,
    )
    rules.set_rule(given["scope"], given["subject"], terms, by=actor_of(request))
    messages.success(request, _("The rule is saved."))
    return respond.see_other(f"{reverse('rules')}#{given['scope']}-{given['subject'] or 'all'}")


@require_POST
@admin_act
def admins(request: PersonRequest) -> HttpResponse:
    """Choose whether the rules leave admins free."""
    rules.free_admins(request.POST.get("free") == "yes", by=actor_of(request))
    messages.success(request, _("Saved."))
    return respond.see_other(reverse("rules"))


def _page(request: PersonRequest, fault: str = "", *, status: int = 200) -> HttpResponse:
    shown = {
        "cards": rule_cards(),
        "admins_unruled": studio_settings().admins_unruled,
        "fault": fault,
    }
    return render(request, "budgets/rules.html", shown, status=status)
