"""Russian and Chinese: each catalogue is whole, compiled and in step with what the studio says."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from omixa_studio.catalogue import check_choice, load_catalogue
from omixa_studio.dates import date_format
from omixa_studio.gateway import outcomes
from omixa_studio.gateway.errors import told
from omixa_studio.gateway.outcomes import with_cost
from omixa_studio.models import Person, State
from omixa_studio.sentences import SENTENCES, Counted, say, tell
from omixa_studio.services import pauses
from omixa_studio.templatetags.studio import grouped, money, seconds, size
from tests.factories import make_charge, make_generation, make_person, make_picture

PROJECT = Path(__file__).resolve().parent.parent
LOCALES = {"ru": ("ru", "[а-яё]"), "zh-hans": ("zh_Hans", "[一-龥]")}
PLACE = re.compile(r"%(?:\(\w+\))?[sd]|\{\}")
# What stays as it is in every language: names, formats, keys, and words the gateway uses.
SAME = {"UTC", "PNG", "JPEG", "WebP"}
# Where a language writes a slash between two figures, or units as English does.
SAME_IN = {
    "ru": set(),
    "zh-hans": {"kB", "MB", "GB", "TB", "%(done)s of %(total)s", "{} of {}"},
}
TAGS = re.compile(r"<(script|style|svg|code|kbd|textarea)\b.*?</\1>|<!--.*?-->", re.S)
COLUMN = re.compile("[«“][a-z]+[»”]")  # a name that is typed as it stands
SHOWN = re.compile(r">([^<>]+)<|(?:placeholder|aria-label|title|alt)=\"([^\"]+)\"")
# Two English words side by side that no model name or prompt of these tests holds.
ENGLISH = re.compile(
    r"\b(the|this|your|you|and|not|was|were|nothing|picture|pictures|with|for|from|of|to|"
    r"cost|held|billed|left|model|prompt|every|all|by|day|month|here|new|old|save|sent)\b",
    re.I,
)


@dataclass(frozen=True)
class Catalogue:
    """One language's messages, and the letters that tell that something is said in it."""

    language: str
    path: Path
    letters: re.Pattern[str]
    messages: polib.POFile


@pytest.fixture(scope="module", params=LOCALES)
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    folder, letters = LOCALES[request.param]
    path = PROJECT / "locale" / folder / "LC_MESSAGES" / "django.po"
    return Catalogue(request.param, path, re.compile(letters, re.I), polib.pofile(str(path)))


def test_each_language_of_the_studio_has_one() -> None:
    assert {"en", *LOCALES} == {code for code, _ in settings.LANGUAGES}


def test_it_holds_every_message_of_the_code() -> None:
    if not shutil.which("xgettext"):
        pytest.skip("gathering the messages needs the programs of GNU gettext")
    command = [sys.executable, "scripts/messages.py", "--check"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, f"run scripts/messages.py and translate:\n{done.stdout}"


def test_it_is_compiled_from_what_stands_there(catalogue: Catalogue) -> None:
    compiled = catalogue.path.with_suffix(".mo")
    assert compiled.read_bytes() == catalogue.messages.to_binary(), "run scripts/messages.py"


def test_it_has_nothing_empty_or_fuzzy(catalogue: Catalogue) -> None:
    found = catalogue.messages
    assert [one.msgid for one in found if not one.translated() or one.fuzzy or one.obsolete] == []


def test_it_keeps_the_places_of_values(catalogue: Catalogue) -> None:
    wrong = []
    for entry in catalogue.messages:
        known = Counter(PLACE.findall(entry.msgid)) | Counter(PLACE.findall(entry.msgid_plural))
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            if Counter(PLACE.findall(text)) != known:
                wrong.append((entry.msgid, text))
    assert wrong == []


def test_it_keeps_the_tags(catalogue: Catalogue) -> None:
    tag = re.compile(r"</?[a-z-]+>")
    for entry in catalogue.messages:
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            assert sorted(tag.findall(text)) == sorted(tag.findall(entry.msgid)), entry.msgid


def test_it_leaves_no_message_in_english(catalogue: Catalogue) -> None:
    same = SAME | SAME_IN[catalogue.language]
    for entry in catalogue.messages:
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            bare = PLACE.sub("", entry.msgid)
            spoken = re.search("[a-z]{2}", bare, re.I) and entry.msgid not in same
            assert not spoken or catalogue.letters.search(text) or text[0] == "≈", entry.msgid


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 картинка"),
        (3, "3 картинки"),
        (5, "5 картинок"),
        (11, "11 картинок"),
        (21, "21 картинка"),
    ],
)
def test_it_makes_counts_and_words_agree(count: int, said: str) -> None:
    with translation.override("ru"):
        assert ngettext("%(n)s picture", "%(n)s pictures", count) % {"n": count} == said


def test_it_gives_figures_a_comma_but_keeps_money_as_it_is() -> None:
    with translation.override("ru"):
        assert money(Decimal("0.16")) == "$0.160"
        assert seconds(5.2) == "5,2\u00a0с"
        assert size(1_500_000) == "1,5\N{NO-BREAK SPACE}МБ"


def test_it_writes_a_day_in_the_genitive() -> None:
    with translation.override("ru"):
        assert date_format(date(2026, 3, 8), "j E") == "8 марта"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("j E", "3月8日"),
        ("l, j E", "3月8日 星期日"),
        ("j E Y, H:i", "2026年3月8日 14:05"),
        ("F Y", "2026年3月"),
    ],
)
def test_chinese_puts_the_year_before_the_month_before_the_day(form: str, said: str) -> None:
    moment = datetime(2026, 3, 8, 14, 5, tzinfo=UTC)
    with translation.override("zh-hans"):
        assert date_format(moment, form) == said
        shown = Template("{{ moment|date:form }}").render(Context({"moment": moment, "form": form}))
    assert shown == said


def test_chinese_groups_figures_in_threes_as_money_does() -> None:
    with translation.override("zh-hans"):
        assert grouped(1_234_567) == intcomma(1_234_567) == "1,234,567"
        assert money(Decimal("1234.5")) == "$1,234.50"


@pytest.mark.parametrize("asked", ["zh-CN,zh;q=0.9,en;q=0.5", "zh", "zh-SG", "zh-Hans-CN"])
def test_a_chinese_browser_is_spoken_to_in_chinese(asked: str, db: None, client: Client) -> None:
    make_person()
    page = client.get("/login/", headers={"accept-language": asked}).content.decode()
    assert '<html lang="zh-hans"' in page
    assert leftovers(page) == []


@pytest.mark.parametrize("key", SENTENCES)
def test_it_says_every_error(key: str) -> None:
    entry = SENTENCES[key]
    places = re.findall(r"%\((\w+)\)s", entry.many if isinstance(entry, Counted) else entry)
    part = told(key, **dict.fromkeys(places, 7))
    with translation.override("ru"):
        said = tell([part])
    assert said.count("7") == len(places)
    assert key == "text" or re.search("[а-я]", said)


@pytest.mark.parametrize(
    ("came", "asked", "said"),
    [
        (1, 2, "Шлюз прислал 1 из 2 картинок."),
        (20, 21, "Шлюз прислал 20 из 21 картинки."),
        (2, 1, "Шлюз прислал 2 картинки — больше, чем просили (1)."),
        (5, 4, "Шлюз прислал 5 картинок — больше, чем просили (4)."),
    ],
)
def test_it_makes_stored_counts_and_words_agree(came: int, asked: int, said: str) -> None:
    key = "too_few_came" if came < asked else "too_many_came"
    with translation.override("ru"):
        assert tell([told(key, came=came, asked=asked)]) == said


def test_it_says_a_fault_with_its_label() -> None:
    model = load_catalogue(None).find("imagen-4.0-generate-001")
    assert model is not None
    (fault,) = check_choice(model, {})
    with translation.override("ru"):
        assert say(fault) == "Промпт: опишите, что хотите увидеть."


MISTAKEN = """
unknown_price_hold = 0.1
default_model = "nobody"
odd = 1
[models."imagen-4.0-generate-001"]
like = "gpt-image-1.5"
image_price = "a lot"
enabled = "yes"
max_count = 99
operations = ["dance"]
without = ["horns"]
name = ""
[models."imagen-4.0-generate-001".fields.size]
minimum = 3
accepted = ["1K", "1K"]
[models."imagen-4.0-generate-001".fields.n]
minimum = 9
maximum = 2
[models."new"]
name = "New"
[models."newer"]
like = "nobody"
"""


def test_it_says_what_is_wrong_with_models_toml(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(MISTAKEN, encoding="utf-8")
    problems = load_catalogue(path).problems
    assert len(problems) > 10
    with translation.override("ru"):
        said = [say(problem.said) for problem in problems]
    assert [one for one in said if not re.search("[а-я]", one)] == []


@pytest.fixture
def admin(db: None) -> Person:
    person = make_person("anna", role="admin", language="ru", first_name="Анна")
    _fill(person)
    return person


def _fill(person: Person) -> None:
    """Something of everything, with words that are no English."""
    done = make_generation(person, prompt="Гавань")
    picture = make_picture(done, shared=True)
    make_charge(done)
    bill = {"error_kind": "policy", "error": with_cost(outcomes.POLICY, "no")}
    make_generation(person, state=State.FAILED, prompt="Сбой", **bill)
    make_generation(person, state=State.QUEUED, prompt="Ждёт")
    lost = [told("worker_lost"), told("cost_possible")]
    make_generation(person, state=State.UNKNOWN, prompt="Неясно", charged="unknown", error=lost)
    thrown = make_picture(make_generation(person, prompt="Выброшено"))
    type(thrown).objects.filter(pk=thrown.pk).update(trashed_at=picture.created_at)
    pauses.pause("sandbox", "balance", error=with_cost(outcomes.OUTCOMES[402], "no"))


PAGES = ["studio", "gallery", "team", "trash", "costs", "models", "people", "account", "unknown"]
PAGES += ["new_run", "reference_picker"]


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", PAGES)
def test_it_renders_a_page_without_english(
    name: str, language: str, admin: Person, client: Client
) -> None:
    Person.objects.filter(pk=admin.pk).update(language=language)
    client.force_login(admin)
    page = client.get(reverse(name)).content.decode()
    assert f'<html lang="{language}"' in page
    assert leftovers(page) == []


def test_it_renders_the_page_of_a_picture_without_english(admin: Person, client: Client) -> None:
    client.force_login(admin)
    picture = admin.pictures.earliest("pk")
    page = client.get(reverse("picture", args=[picture.pk])).content.decode()
    assert leftovers(page) == []


@pytest.mark.parametrize("path", ["/login/", "/no/such/page/"])
def test_it_speaks_a_strangers_browser_language(path: str, admin: Person, client: Client) -> None:
    page = client.get(path, headers={"accept-language": "ru"}).content.decode()
    assert '<html lang="ru"' in page
    assert leftovers(page) == []


def leftovers(page: str) -> list[str]:
    """Texts a person can see or hear that still hold English words."""
    names = {model.name for model in load_catalogue(settings.MODELS_TOML).models.values()}
    shown = [unescape(one or other) for one, other in SHOWN.findall(TAGS.sub("", page))]
    texts = {" ".join(text.split()) for text in shown}
    return sorted(text for text in texts - names if ENGLISH.search(COLUMN.sub("", text)))
