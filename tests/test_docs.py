"""What the documents name exists, and what exists is documented: settings, commands, addresses."""

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import URLPattern, get_resolver

PROJECT = Path(__file__).resolve().parent.parent
HOUSE = PROJECT / "omixa_studio"
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")])
SETTING = re.compile(
    r"\b(?:(?:STUDIO|OMIXA)_[A-Z_]*[A-Z]|(?:(?:DATABASE|EMAIL|QUEUE|STORAGE)_URL|SENTRY_DSN)(?:_FILE)?)\b"
)
SECRET = re.compile(r"\b(?:secret|address)\(\"([A-Z_]+)\"")
# Paths of the system, which look like addresses of ours.
NOT_ADDRESSES = {"/proc"}


def in_documents(pattern: str) -> dict[str, str]:
    """Return what the pattern finds in any document, each with the last one that names it."""
    return {
        found: path.name
        for path in DOCUMENTS
        for found in re.findall(pattern, path.read_text(encoding="utf-8"))
    }


@cache
def settings_read() -> set[str]:
    """Return each variable whose name stands as a word of its own in the code."""
    texts = (path.read_text(encoding="utf-8") for path in HOUSE.rglob("*.py"))
    sources = [text for text in texts if SETTING.search(text) or SECRET.search(text)]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    words = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    told = {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
    secrets = {f"{name}_FILE" for source in sources for name in SECRET.findall(source)}
    return {word for word in words | told | secrets if SETTING.fullmatch(word)}


@cache
def make_targets() -> set[str]:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


@cache
def own_commands() -> set[str]:
    django_ones = {name for name, app in get_commands().items() if app == "omixa_studio"}
    return django_ones | set(import_module("manage").LIGHT_COMMANDS)


@cache
def addresses() -> set[str]:
    """Return every route of ours as people write it: `/pictures/<id>/file`."""
    routes = [one for one in get_resolver().url_patterns if isinstance(one, URLPattern)]
    return {re.sub(r"<\w+:\w+>", "<id>", f"/{one.pattern}") for one in routes}


def test_every_setting_is_documented() -> None:
    assert settings_read() - set(in_documents(SETTING.pattern)) == set()


def test_every_documented_setting_exists() -> None:
    named = in_documents(SETTING.pattern)
    assert {name: where for name, where in named.items() if name not in settings_read()} == {}


def test_every_make_command_is_documented() -> None:
    assert make_targets() - set(in_documents(r"\bmake ([a-z-]+)")) - {"help"} == set()


def test_every_documented_make_command_exists() -> None:
    named = in_documents(r"(?:`|^)make ([a-z-]+)") | in_documents(r"\n(?:[A-Z_]+=\S+ )?make (\S+)")
    assert {name: where for name, where in named.items() if name not in make_targets()} == {}


def test_every_management_command_is_documented() -> None:
    assert own_commands() - set(in_documents(r"manage\.py ([a-z]+)")) == set()


def test_every_documented_management_command_exists() -> None:
    known = own_commands() | set(get_commands())
    named = in_documents(r"manage\.py ([a-z_]+)")
    assert {name: where for name, where in named.items() if name not in known} == {}


def test_every_address_is_documented() -> None:
    assert addresses() - set(in_documents(r"`(/[^` ?]*)")) == set()


def test_every_documented_address_exists() -> None:
    named = in_documents(r"`(/[a-z0-9<>/.-]*)[?`]")
    unknown = {name: where for name, where in named.items() if name not in addresses()}
    assert {name: where for name, where in unknown.items() if name not in NOT_ADDRESSES} == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_and_path_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    missing = [link for link in links if not (document.parent / link).exists()]
    paths = re.findall(
        r"`((?:omixa_studio|templates|static|tests|scripts|docs|bench)/[\w/.-]*)`", text
    )
    written = {"bench/results/"}
    assert (
        missing + [one for one in paths if not (PROJECT / one).exists() and one not in written]
        == []
    )


def test_every_room_stands_in_the_architecture() -> None:
    told = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in HOUSE.iterdir()
        if not path.name.startswith("_") and path.name != "migrations"
    }
    assert {room for room in rooms if f"`{room}" not in told} == set()


def test_hooks_fetch_nothing() -> None:
    hooks = (PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert "://" not in hooks
    assert ".ci/run" in (PROJECT / ".github" / "workflows" / "ci.yaml").read_text(encoding="utf-8")
