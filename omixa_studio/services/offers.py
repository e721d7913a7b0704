"""Compare the gateway's models with the studio's, and write changes to models.toml."""

import fcntl
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from omixa_studio import storage
from omixa_studio.catalogue import Catalogue, ImageModel, load_catalogue
from omixa_studio.catalogue.records import N_, Sentence
from omixa_studio.catalogue.schema import keyed
from omixa_studio.gateway.money import parse_money
from omixa_studio.gateway.records import OfferedModel

Standing = Literal["offered", "new", "gone", "price"]
IMAGE_WORD = "image"
# Names under which a price per picture was seen or is likely; the format is not documented.
PICTURE_PRICES = ("image_per_unit", "image_price", "per_image", "image", "price_per_image", "price")


class NotChanged(ValueError):
    """models.toml was left unchanged; `said` is the sentence that tells people why."""

    def __init__(self, said: Sentence) -> None:
        self.said = said
        super().__init__(str(said))


@dataclass(frozen=True)
class Offer:
    """One slug in the gateway's list and in the catalogue, and how the two compare."""

    slug: str
    name: str
    standing: Standing
    known: ImageModel | None
    offered: OfferedModel | None
    price: Decimal | None
    family: str


def compare(catalogue: Catalogue, offered: Sequence[OfferedModel]) -> list[Offer]:
    """Compare the gateway's image models with the catalogue, every slug once.

    An entry with another modality is left out; one without any is kept, since the format of the
    list is not documented.
    """
    images = {one.slug: one for one in offered if _may_be_image(one)}
    slugs = [*catalogue.models, *(slug for slug in images if slug not in catalogue.models)]
    return [_offer(slug, catalogue, images.get(slug)) for slug in slugs]


def change_model(path: Path, slug: str, values: Mapping[str, object]) -> None:
    """Write values into a model's table of models.toml; its other lines and comments stay.

    Raises NotChanged if the file cannot be read, or would contain a mistake afterwards.
    """
    with _alone(path):
        document = _read(path)
        models = _table(document, "models", tomlkit.table(is_super_table=True), path)
        table = _table(models, slug, tomlkit.table(), path)
        for key, value in values.items():
            table[key] = value
        _write(path, document, slug)


def set_default_model(path: Path, slug: str) -> None:
    """Write the default model of the studio. Raises NotChanged."""
    with _alone(path):
        document = _read(path)
        document["default_model"] = slug
        _write(path, document, slug)


def nearest(
    catalogue: Catalogue, model: ImageModel, *, avoid: Collection[str] = ()
) -> ImageModel | None:
    """Return the enabled model that supports the most of what another does, None if none does.

    Slugs to `avoid` are never returned, models being retired only if there is no other.
    """
    wanted = set(model.operations)

    def likeness(other: ImageModel) -> tuple[int, bool, bool, int]:
        shared = {field.name for field in other.fields} & {field.name for field in model.fields}
        able = len(wanted & set(other.operations))
        return able, not other.retiring, other.family == model.family, len(shared)

    others = [other for other in catalogue.enabled if other.slug not in (model.slug, *avoid)]
    fitting = [other for other in others if wanted & set(other.operations)]
    return max(fitting, key=likeness, default=None)


def _offer(slug: str, catalogue: Catalogue, offered: OfferedModel | None) -> Offer:
    known = catalogue.find(slug)
    price = _picture_price(offered) if offered else None
    return Offer(
        slug=slug,
        name=known.name if known else (offered.name if offered else slug),
        standing=_standing(known, offered, price),
        known=known,
        offered=offered,
        price=price,
        family=_likely_family(catalogue, slug, offered),
    )


def _standing(
    known: ImageModel | None, offered: OfferedModel | None, price: Decimal | None
) -> Standing:
    if known is None:
        return "new"
    if offered is None:
        return "gone"
    return "price" if price is not None and price != known.image_price else "offered"


def _likely_family(catalogue: Catalogue, slug: str, offered: OfferedModel | None) -> str:
    """Return the known model that a new one resembles most: the longest common slug prefix."""

    def common(other: str) -> int:
        pairs = zip(slug.lower(), other.lower(), strict=False)
        return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(slug), len(other)))

    providers = [
        model.slug
        for model in catalogue.models.values()
        if offered and offered.provider and model.provider == offered.provider
    ]
    return max(providers or catalogue.models, key=common, default="")


def _picture_price(offered: OfferedModel) -> Decimal | None:
    prices = (parse_money(offered.prices.get(name, "")) for name in PICTURE_PRICES)
    return next((price for price in prices if price is not None), None)


def _may_be_image(offered: OfferedModel) -> bool:
    return not offered.modality or IMAGE_WORD in offered.modality.lower()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Lock the file while it is read, changed and written: two admins lose no change."""
    with path.with_name(f".{path.name}.lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return tomlkit.document()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        params = {"file": path.name, "why": str(error)}
        raise NotChanged(Sentence(N_("%(file)s cannot be read: %(why)s"), params)) from None


def _table(
    parent: MutableMapping[str, Any], name: str, empty: Table, path: Path
) -> MutableMapping[str, Any]:
    found = parent.setdefault(name, empty)
    if not isinstance(found, MutableMapping):
        odd = N_("%(file)s: %(name)s must be a table. An admin has to correct the file.")
        raise NotChanged(Sentence(odd, {"file": path.name, "name": name}))
    return found


def _write(path: Path, document: tomlkit.TOMLDocument, slug: str) -> None:
    """Validate the new file next to the old one, then rename it into place."""
    text = tomlkit.dumps(document).encode()
    trial = path.with_name(f"{path.name}.trial")
    try:
        storage.write_durably(trial, text)
        problems = load_catalogue(trial).problems
    finally:
        trial.unlink(missing_ok=True)
    wrong = [problem for problem in problems if problem.model == slug]
    if wrong:
        raise NotChanged(keyed(wrong[0].field, wrong[0].said))
    storage.write_durably(path, text)
