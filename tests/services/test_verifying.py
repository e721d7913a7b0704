"""`verify` says what does not fit together, each thing in a sentence, and no more."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from omixa_studio import storage
from omixa_studio.models import (
    Balance,
    CostTotal,
    IndexedPrompt,
    MonthCount,
    Person,
    Picture,
)
from omixa_studio.services import cost_totals
from omixa_studio.services.verifying import Checked, Finding, verify
from tests.factories import draw_png, make_bill_file, make_export, make_generation, make_person
from tests.workers import buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(settings: Any, tmp_path: Path) -> Person:
    """Somebody with two pictures, all of it whole."""
    settings.MEDIA_ROOT = tmp_path / "media"
    person = make_person()
    buy(person, [draw_png(), draw_png()], tmp_path)
    make_bill_file()
    make_export(person)
    cost_totals.add_rows()
    assert found() == []
    return person


def found(*, read_files: bool = True) -> list[str]:
    told = list(verify(read_files=read_files))
    assert {one.what for one in told if isinstance(one, Checked)} >= {"files", "prompts"}
    return [one.sentence for one in told if isinstance(one, Finding)]


def age(name: str, hours: float = 2) -> None:
    path = storage.backend().path(name)
    os.utime(path, (time.time() - hours * 3600,) * 2)


def lose_an_original() -> None:
    storage.remove(Picture.objects.earliest("pk").name)


def lose_a_thumbnail() -> None:
    storage.remove(Picture.objects.earliest("pk").thumb)


def spoil_an_original() -> None:
    picture = Picture.objects.earliest("pk")
    data = storage.get(picture.name)
    storage.put(picture.name, data[:-1] + bytes([data[-1] ^ 1]))


def leave_a_file() -> None:
    storage.put("inputs/ab/abcdef.png", b"left over")
    age("inputs/ab/abcdef.png")


def move_a_balance() -> None:
    balance = Balance.objects.first()
    assert balance is not None
    Balance.objects.filter(pk=balance.pk).update(counted_micros=balance.counted_micros + 1)


def move_a_total() -> None:
    CostTotal.objects.update(counted_micros=1)


def miscount() -> None:
    MonthCount.objects.filter(pictures__gt=0).update(pictures=7)


def lose_a_prompt() -> None:
    IndexedPrompt.objects.all().delete()


def rename_a_prompt() -> None:
    IndexedPrompt.objects.update(text="another one")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lose_an_original, "the file is missing"),
        (lose_a_thumbnail, "the file is missing"),
        (spoil_an_original, "the file has another content"),
        (leave_a_file, "inputs/ab/abcdef.png: no row names this file"),
        (move_a_balance, "A balance exceeds its ledger by 1 micro-dollars"),
        (move_a_total, "Totals of costs"),
        (miscount, "A count of a gallery is not what its pictures say"),
        (lose_a_prompt, "1 prompts are not in the index"),
        (rename_a_prompt, "1 prompts are not in the index"),
    ],
)
def test_each_harm_is_found(person: Person, harm: Callable[[], None], said: str) -> None:
    harm()
    sentences = found()
    assert any(said in one for one in sentences), sentences
    with pytest.raises(CommandError, match=r"^\d+ things are wrong\.$"):
        call_command("verify")


def test_the_quick_look_reads_no_originals(person: Person) -> None:
    spoil_an_original()
    assert found(read_files=False) == []


def test_what_is_being_written_is_no_harm(person: Person) -> None:
    """Files come before their rows, those of a request by hours where its pictures come late."""
    storage.put("inputs/cd/cdef.png", b"just now")
    row = make_generation(person, state="unknown")
    name = f"pictures/{row.file_token[:2]}/{row.file_token}-0.png"
    storage.put(name, b"early")
    age(name)
    assert found() == []
