"""Nothing of the house is there for its tests alone: what only they call, nobody gets."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
HOUSE = PROJECT / "omixa_studio"
# What others call by name: Django, gunicorn, and the addresses of urls/.
CALLED_FROM_OUTSIDE = ("webserver.py", "settings.py", "apps.py", "wsgi.py")
MORE = [*(PROJECT / "templates").rglob("*"), *(PROJECT / "bench").glob("*.py")]


def test_every_function_is_called_by_the_house() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in HOUSE.rglob("*.py")}
    named = Counter(name for tree in trees.values() for name in _names(tree))
    texts = [path.read_text(encoding="utf-8") for path in MORE if path.is_file()]
    elsewhere = set(re.findall(r"\w+", " ".join(texts)))
    unused = [
        f"{path.relative_to(HOUSE)}: {node.name}"
        for path, tree in sorted(trees.items())
        if path.name not in CALLED_FROM_OUTSIDE and "migrations" not in path.parts
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.decorator_list
        if not named[node.name] and node.name not in elsewhere
    ]
    assert not unused, "Only tests call these.\n" + "\n".join(unused)


def _names(tree: ast.AST) -> Iterator[str]:
    """Yield what code refers to; an import alone, or a function within itself, is no use of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.rpartition(".")[2]
