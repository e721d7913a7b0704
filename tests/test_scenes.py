"""Screens with nothing to show have a drawing, and each drawing stands in the sprite."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TEMPLATES = {
    path.relative_to(PROJECT / "templates").as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((PROJECT / "templates").rglob("*.html"))
}
EMPTY = re.compile(r'class="empty[ "]')
NAMED = re.compile(r'{% scene "(\w+)" %}')
DRAWN = re.findall(r'id="empty-(\w+)"', (PROJECT / "static/img/scenes.svg").read_text("utf-8"))


def test_an_empty_screen_shows_a_drawing() -> None:
    bare = [
        name for name, text in TEMPLATES.items() if EMPTY.search(text) and not NAMED.search(text)
    ]
    assert bare == []


def test_every_drawing_stands_in_the_sprite_and_is_shown() -> None:
    named = {name for text in TEMPLATES.values() for name in NAMED.findall(text)}
    assert sorted(DRAWN) == sorted(named)


def test_drawings_take_their_colours_from_the_theme() -> None:
    sprite = (PROJECT / "static/img/scenes.svg").read_text("utf-8")
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', sprite)) <= {
        "none",
        *(f"var(--{name})" for name in ("raised", "sunk", "line", "edge", "dot")),
    }
