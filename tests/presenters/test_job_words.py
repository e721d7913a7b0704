"""Whatever works in the background can be said, and so can every step on many pictures."""

from omixa_studio.gateway.records import RawAnswer
from omixa_studio.presenters.background.kinds import WORDS
from omixa_studio.presenters.pictures import steps
from omixa_studio.services.background_kinds import kinds_asking
from omixa_studio.services.selections import STEPS, STEPS_INTO


def ask(what: str, query: str) -> RawAnswer:
    raise AssertionError("Nothing is asked here.")


def test_every_kind_of_job_has_words() -> None:
    assert set(WORDS) == set(kinds_asking(ask))


def test_every_step_has_words_and_says_why_it_left_some() -> None:
    assert set(steps.WORDS) == set(STEPS) | set(STEPS_INTO)
    for name, step in STEPS.items():
        assert bool(step.withheld) == bool(steps.WORDS[name].withheld), name


def test_an_undo_of_an_undo_is_the_step() -> None:
    assert all(STEPS[step.undo].undo == name for name, step in STEPS.items() if step.undo)
