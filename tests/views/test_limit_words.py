"""Every kind of limit that is kept can be said: when it refuses, and what it leaves."""

from types import SimpleNamespace

from django.template.loader import render_to_string

from omixa_studio.models.limits import KEPT
from omixa_studio.presenters.budgets import PER, RULES
from omixa_studio.templatetags.limits import WORDS


def test_it_has_words_for_every_kind_that_is_kept() -> None:
    periods = {period for _scope, period in KEPT}
    assert periods == set(WORDS) == set(PER) == set(RULES)


def test_it_names_no_period_where_there_is_no_limit() -> None:
    shell = SimpleNamespace(left=None, sandbox=False)
    said = render_to_string("studio/_leaves_words.html", {"leaves": None, "shell": shell})
    assert said.strip() == "no limit"
