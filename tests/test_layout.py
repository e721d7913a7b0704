"""The house has floors and imports point downwards; each test says which rule was broken."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent / "omixa_studio"
OURS = "omixa_studio"

FLOORS = {
    "env": 1,
    "program_paths": 1,
    "single_sign_on": 1,
    "app_access": 1,
    "hosts": 1,
    "awaiting": 3,
    "parent": 1,
    "heap": 1,
    "logs": 1,
    "gateway": 1,
    "catalogue": 1,
    "models": 1,
    "storage": 1,
    "geometry_files": 1,
    "jobs": 1,
    "tables": 1,
    "cache": 1,
    "sessions": 2,
    "backends": 2,
    "connections": 1,
    "queries": 2,
    "forms": 2,
    "filters": 2,
    "converters": 1,
    "places": 2,
    "settings": 2,
    "apps": 2,
    "checks": 2,
    "ledger_guard": 2,
    "prompt_index": 2,
    "gallery_counts": 2,
    "kept_counts": 2,
    "webhook_outbox": 2,
    "database_file": 2,
    "visitors": 2,
    "reporting": 2,
    "known_migrations": 2,
    "directions": 1,
    "dates": 1,
    "formats": 1,
    "sentences": 2,
    "spool": 2,
    "sent": 2,
    "services": 3,
    "devices": 3,
    "presenters": 4,
    "views": 5,
    "worker": 5,
    "tasks": 5,
    "middleware": 5,
    "context": 5,
    "adapters": 5,
    "identity_provider": 5,
    "templatetags": 3,
    "sandbox": 5,
    "demo": 5,
    "urls": 6,
    "wsgi": 6,
    "management": 6,
    "boot": 5,
    "healthcheck": 5,
    "family": 5,
    "serving": 5,
    "webserver": 6,
    "supervisor": 6,
}
# A room imports from the floors below it; within a floor only these do.
BESIDE = {
    ("env", "hosts"),  # how an address may be written
    ("env", "gateway"),  # the address is checked before anything starts
    ("single_sign_on", "env"),  # settings of one subject, in a file of their own
    ("single_sign_on", "hosts"),  # which addresses may be asked
    ("app_access", "env"),  # settings of one subject, too
    ("app_access", "hosts"),  # how a host may be written
    ("sessions", "queries"),  # the statement of every request is built once
    ("backends", "queries"),  # that of the person as well
    ("visitors", "sessions"),  # when somebody logged in
    ("views", "identity_provider"),  # the way back from it
    ("adapters", "identity_provider"),  # how refusals look
    ("gateway", "hosts"),  # how an address may be written
    ("parent", "env"),  # a child reads which pipe it was handed
    ("apps", "checks"),  # loading them is what an app does
    ("apps", "ledger_guard"),  # a hook after every migration
    ("apps", "prompt_index"),  # hooks before and after every migration
    ("queries", "database_file"),  # whether the database can be asked
    ("queries", "prompt_index"),  # names of the index
    ("apps", "gallery_counts"),  # another one
    ("apps", "kept_counts"),  # and another
    ("apps", "webhook_outbox"),  # one more
    ("webhook_outbox", "gallery_counts"),  # triggers are made in one way
    ("kept_counts", "gallery_counts"),  # triggers are made in one way
    ("apps", "known_migrations"),  # the first hook before every migration
    ("apps", "reporting"),  # it listens from the start
    ("apps", "visitors"),  # a hook after every login
    ("spool", "storage"),
    ("forms", "filters"),  # a filter is one row of a table: how it is read ...
    ("queries", "filters"),  # ... and what it narrows to
    ("queries", "forms"),  # the query of a live collection is read like that of an address
    ("worker", "tasks"),
    ("views", "tasks"),  # the free questions
    ("middleware", "views"),  # the health answer comes before everything else
    ("middleware", "serving"),  # what strangers may send is what a thread need not wait for
    ("demo", "sandbox"),  # demonstration pictures are drawn by the sandbox
}
STANDARD_ONLY = {"catalogue"}
NO_DJANGO = {
    "gateway",
    "catalogue",
    "sandbox",
    "env",
    "program_paths",
    "single_sign_on",
    "app_access",
    "hosts",
    "parent",
    "supervisor",
    "family",
    "boot",
    "healthcheck",
    "serving",
}
ONLY_THERE = {
    "requests": {
        f"gateway/{name}.py" for name in ("asking", "client", "fetch", "line", "faults", "posting")
    },
    "django_htmx": {"views/respond.py", "views/requests.py"},
}


# What is no screen in views/: a screen imports these and no other screen.
SHARED_BY_SCREENS = {
    *(
        "access",
        "api_access",
        "api_errors",
        "api_orders",
        "api_queries",
        "byte_ranges",
        "csv_files",
        "deliveries",
        "guest_access",
        "mcp_messages",
        "mcp_tools",
        "oauth_server",
        "once",
        "openai_bodies",
        "passkeys",
        "proof",
        "requests",
        "respond",
        "stored",
    ),
    *("refusals", "selected", "undos"),
}


@dataclass(frozen=True)
class Import:
    file: str
    module: str
    line: int
    inside_function: bool

    @property
    def room(self) -> str:
        return self.file.split("/")[0].removesuffix(".py")

    @property
    def other_room(self) -> str:
        return self.module.split(".")[1] if self.is_ours else ""

    @property
    def is_ours(self) -> bool:
        return self.module.startswith(OURS + ".")

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


@cache
def all_imports() -> tuple[Import, ...]:
    return tuple(found for path in sorted(HOUSE.rglob("*.py")) for found in imports_of(path))


def imports_of(path: Path) -> Iterator[Import]:
    if "migrations" in path.parts:
        return
    file = path.relative_to(HOUSE).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        for module in modules_named(node, path):
            yield Import(file, module, node.lineno, id(node) in inside)  # type: ignore[attr-defined]


def modules_named(node: ast.AST, path: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        package = path.relative_to(HOUSE.parent).with_suffix("").parts[: -node.level]
        base = ".".join([*package, *([node.module] if node.module else [])])
    # `from . import ledger` names a module, `from .ledger import hold` is in one.
    return [
        f"{base}.{alias.name}" if is_module(f"{base}.{alias.name}") else base
        for alias in node.names
    ]


def is_module(name: str) -> bool:
    path = HOUSE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def broken(wrong: list[Import], rule: str) -> None:
    assert not wrong, rule + "\n" + "\n".join(sorted(str(one) for one in wrong))


def test_every_room_has_a_floor() -> None:
    rooms = {path.name.removesuffix(".py") for path in HOUSE.iterdir() if path.name[0] != "_"}
    assert rooms - {"migrations"} <= set(FLOORS)


def test_imports_point_downwards() -> None:
    wrong = [
        one
        for one in all_imports()
        if one.other_room
        and one.room != one.other_room
        and FLOORS[one.room] <= FLOORS[one.other_room]
        and (one.room, one.other_room) not in BESIDE
    ]
    broken(wrong, "A room imports only from floors below it.")


def test_no_import_hides_in_a_function() -> None:
    wrong = [
        one
        for one in all_imports()
        if one.is_ours and one.inside_function and one.file != "apps.py"
    ]
    broken(wrong, "Own modules are imported at the top of a file.")


def test_no_circle_of_files() -> None:
    arrows: dict[str, set[str]] = {}
    for one in all_imports():
        if one.is_ours and not one.inside_function:
            arrows.setdefault(file_of(one.file), set()).add(one.module)
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join([*trail[trail.index(name) :], name])
        if name not in done:
            for other in arrows.get(name, ()):
                walk(other, (*trail, name))
            done.add(name)

    for name in list(arrows):
        walk(name, ())


def file_of(file: str) -> str:
    return ".".join([OURS, *Path(file).with_suffix("").parts]).removesuffix(".__init__")


def test_the_catalogue_needs_the_standard_library_alone() -> None:
    wrong = [
        one
        for one in all_imports()
        if one.room in STANDARD_ONLY
        and not one.is_ours
        and one.module.split(".")[0] not in sys.stdlib_module_names
    ]
    broken(wrong, "The catalogue is pure data and pure functions.")


@pytest.mark.parametrize("room", sorted(NO_DJANGO))
def test_rooms_without_django(room: str) -> None:
    wrong = [one for one in all_imports() if one.room == room and one.module.startswith("django")]
    broken(wrong, f"{room} knows no Django.")


def test_the_sandbox_imports_the_catalogue_only() -> None:
    allowed = {"sandbox", "catalogue", "env", "parent"}
    wrong = [one for one in all_imports() if one.room == "sandbox" and one.is_ours]
    broken([one for one in wrong if one.other_room not in allowed], "The sandbox stands alone.")


def test_services_do_not_import_the_gateways_client() -> None:
    wrong = [
        one
        for one in all_imports()
        if one.room in ("services", "presenters", "views")
        and one.module == "omixa_studio.gateway.client"
    ]
    broken(wrong, "The gateway is handed to a service; only the worker builds it.")


@pytest.mark.parametrize("library", sorted(ONLY_THERE))
def test_a_foreign_protocol_has_one_home(library: str) -> None:
    wrong = [
        one
        for one in all_imports()
        if one.module.split(".")[0] == library and one.file not in ONLY_THERE[library]
    ]
    broken(wrong, f"{library} is known to {sorted(ONLY_THERE[library])} alone.")


def test_htmx_headers_are_named_in_one_file() -> None:
    readers = {
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        if '"HX-' in path.read_text(encoding="utf-8")
    }
    assert readers <= {"views/respond.py"}, "What script wants stands in request.htmx."


def test_the_environment_is_read_in_one_file() -> None:
    readers = {
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        if "os.environ[" in (text := path.read_text(encoding="utf-8"))
        or "os.environ.get" in text
        or "getenv" in text
    }
    readable = {"env/readers.py"}
    assert readers <= readable, "os.environ is read in env/readers.py alone."


def test_a_screen_imports_no_screen() -> None:
    wrong = [
        one
        for one in all_imports()
        if one.room == one.other_room == "views"
        and one.module.removeprefix(f"{OURS}.views").lstrip(".") not in SHARED_BY_SCREENS
    ]
    broken(wrong, "What two screens need stands a floor below them, in presenters/ or services/.")


def test_presenters_take_no_request() -> None:
    wrong = [
        one
        for one in all_imports()
        if one.room == "presenters" and one.module.startswith(("django.http", "django.shortcuts"))
    ]
    broken(wrong, "A presenter is told who asks and what is asked, not how it came.")


def test_every_presenter_says_what_it_draws() -> None:
    silent = [
        f"{path.relative_to(HOUSE)}: {node.name}"
        for path in (HOUSE / "presenters").rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name[0] != "_"
        if not ast.get_docstring(node)
    ]
    assert silent == [], "A public function of presenters/ has a docstring."


def test_only_services_save() -> None:
    wrong = [
        f"{path.relative_to(HOUSE)}:{number}"
        for room in ("views", "presenters", "forms")
        for path in (HOUSE / room).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(verb in line for verb in (".save(", ".objects.create(", ".bulk_create("))
    ]
    assert not wrong, "Views, presenters and forms read; services write.\n" + "\n".join(wrong)


def test_no_class_name_stands_for_two_things() -> None:
    places: dict[str, list[str]] = {}
    for path in sorted(HOUSE.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            # Django finds commands and migrations by these two names.
            if isinstance(node, ast.ClassDef) and node.name not in ("Command", "Migration"):
                places.setdefault(node.name, []).append(path.relative_to(HOUSE).as_posix())
    twice = {name: files for name, files in places.items() if len(files) > 1}
    assert not twice, "A class name means one thing in the whole house."
