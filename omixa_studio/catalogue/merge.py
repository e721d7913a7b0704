"""Merge the tables of a catalogue file into the existing models.

A change to a known model is applied key by key: invalid keys are skipped and reported. A new
model is added completely or not at all, since a half-understood one costs money.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from . import schema
from .fields import lay_fields
from .price_rows import read_price_rows
from .records import N_, Catalogue, Field, ImageModel, Problem, Sentence, Source

# The most input images where the gateway's pages give none.
USUAL_MAX_IMAGES = 3
# What models are called.
NAME = r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}"

PRICES = ("image_price", "minimum_hold", "input_token_price", "output_token_price")
TRACED = ("name", "provider", "operations", *PRICES)
NEEDED = ("name", "provider", "family", "operations", "fields")
PLAIN = (
    "name",
    "summary",
    "provider",
    "family",
    "operations",
    "mask_encoding",
    "mask_confirmed",
    "enabled",
    "retiring",
    "page",
)

Models = Mapping[str, ImageModel]
Values = Mapping[str, Any]


@dataclass(slots=True)
class CatalogueDraft:
    """A catalogue under construction."""

    models: dict[str, ImageModel] = field(default_factory=dict)
    unknown_price_hold: Decimal = Decimal("0.10")
    ask_above: Decimal = Decimal("1.00")
    default_model: str = ""
    aliases: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def lay_document(
    draft: CatalogueDraft, document: Mapping[str, object], file: str, *, built_in: bool
) -> None:
    """Merge one parsed file into the draft; errors are added to its problems."""
    values, mistakes = schema.clean(document, schema.DOCUMENT)
    draft.unknown_price_hold = values.get("unknown_price_hold", draft.unknown_price_hold)
    draft.ask_above = values.get("ask_above", draft.ask_above)
    tables = values.get("models", {})
    if not isinstance(tables, dict):
        no_tables = Sentence(N_("This must be a table of tables, one per model."))
        mistakes.append(("models", no_tables))
        tables = {}
    draft.problems += [Problem(file, "", key, said) for key, said in mistakes]
    for slug, table in tables.items():
        model, wrong = _lay_model(draft.models, slug, table, built_in=built_in)
        draft.problems += [Problem(file, slug, key, said) for key, said in wrong]
        if model is not None:
            draft.models[slug] = model
    _choose_default(draft, values.get("default_model", ""), file)
    _lay_aliases(draft, values.get("aliases", {}), file, built_in=built_in)


def finish(draft: CatalogueDraft) -> Catalogue:
    """Build the catalogue from the draft."""
    return Catalogue(
        models=MappingProxyType(dict(draft.models)),
        unknown_price_hold=draft.unknown_price_hold,
        ask_above=draft.ask_above,
        default_model=draft.default_model,
        aliases=MappingProxyType(dict(draft.aliases)),
        problems=tuple(draft.problems),
    )


def _lay_model(
    models: Models, slug: str, table: object, *, built_in: bool
) -> tuple[ImageModel | None, list[schema.Mistake]]:
    if not isinstance(table, dict):
        return None, [("", Sentence(N_("This must be a table, such as { enabled = false }.")))]
    readers = schema.BUILT_IN_MODEL if built_in else schema.MODEL
    values, mistakes = schema.clean(table, readers)
    known = models.get(slug)
    mistakes += _wrong_start(models, slug, values)
    if known is None and mistakes:
        return None, mistakes
    base = known or _blank(models, slug, values, built_in=built_in)
    model, wrong = _changed(base, values, built_in=built_in)
    mistakes += wrong
    misfits = list(_misfits(model))
    if misfits and known:
        # A model that was switched off stays off, whatever else is wrong with its table.
        return replace(known, enabled=model.enabled), mistakes + misfits
    if misfits or (known is None and mistakes):
        return None, mistakes + misfits
    return replace(model, origins=_origins(model, known, values, built_in=built_in)), mistakes


def _wrong_start(models: Models, slug: str, values: Values) -> Iterator[schema.Mistake]:
    like = values.get("like")
    if slug in models:
        if like:
            yield _about("like", N_("This model is built in; like is for models that are added."))
    elif not re.fullmatch(NAME, slug):
        yield _about(
            "", N_("A model's name is up to 100 letters, digits and . _ : / - without spaces.")
        )
    elif like:
        if like not in models:
            nobody = N_("There is no model %(name)s above this one.")
            yield _about("like", nobody, name=schema.shown(like))
    else:
        missing = [key for key in NEEDED if key not in values]
        if missing:
            unknown = N_(
                "There is no built-in model of this name. To add it, say which model it is like, "
                "or give %(keys)s."
            )
            yield _about("like", unknown, keys=", ".join(missing))


def _blank(models: Models, slug: str, values: Values, *, built_in: bool) -> ImageModel:
    """Start a new model with the fields of the one it is like, but no name, price or page."""
    if "like" not in values:
        return ImageModel(slug, slug, "", "", "", (), ())
    like = models[values["like"]]
    fields = like.fields
    if not built_in:
        fields = tuple(
            replace(one, source="configured", basis=f"like {like.slug}") for one in fields
        )
    priceless: dict[str, Any] = {**dict.fromkeys(PRICES), "prices": ()}
    return replace(
        like,
        slug=slug,
        name=slug,
        page="",
        enabled=True,
        retiring=False,
        fields=fields,
        **priceless,
    )


def _changed(
    base: ImageModel, values: Values, *, built_in: bool
) -> tuple[ImageModel, list[schema.Mistake]]:
    fields, mistakes = _without(base.fields, values.get("without", ()))
    fields, wrong = lay_fields(fields, values.get("fields", {}), built_in=built_in)
    fields, odd = _with_count(fields, values, built_in=built_in)
    own = {key: values[key] for key in (*PLAIN, *PRICES) if key in values}
    model = _with_cap(replace(base, **own, fields=fields), values, built_in=built_in)
    model, misread = _with_prices(model, values)
    return model, mistakes + wrong + odd + misread


def _without(
    fields: tuple[Field, ...], names: tuple[str, ...]
) -> tuple[tuple[Field, ...], list[schema.Mistake]]:
    known = {one.name for one in fields}
    mistakes = [
        _about("without", N_("There is no field %(name)s."), name=schema.shown(name))
        for name in names
        if name not in known
    ]
    return tuple(one for one in fields if one.name not in names), mistakes


def _with_count(
    fields: tuple[Field, ...], values: Values, *, built_in: bool
) -> tuple[tuple[Field, ...], list[schema.Mistake]]:
    """Apply max_count as the maximum of the field n."""
    if "max_count" not in values:
        return fields, []
    if not any(one.name == "n" for one in fields):
        return fields, [_about("max_count", N_("This model has no field n."))]
    table = {"n": {"maximum": values["max_count"]}}
    fields, wrong = lay_fields(fields, table, built_in=built_in)
    return fields, [("max_count", said) for _, said in wrong]


def _with_prices(model: ImageModel, values: Values) -> tuple[ImageModel, list[schema.Mistake]]:
    if "prices" not in values:
        return model, []
    fields = {one.name: one for one in model.fields}
    rows, mistakes = read_price_rows(values["prices"], fields, model.image_price)
    return (model if mistakes else replace(model, prices=rows)), mistakes


def _with_cap(model: ImageModel, values: Values, *, built_in: bool) -> ImageModel:
    """Set how many input images the model takes: configured, documented, or inferred."""
    images = model.field("input_images")
    source: Source = "inferred" if built_in else "configured"
    if "max_images" in values:
        return replace(model, max_images=values["max_images"], max_images_source=source)
    if images is None:
        return replace(model, max_images=0, max_images_source="documented")
    if model.max_images_source == "configured":
        return model
    if images.max_items is None:
        return replace(model, max_images=USUAL_MAX_IMAGES, max_images_source="inferred")
    return replace(model, max_images=images.max_items, max_images_source="documented")


def _misfits(model: ImageModel) -> Iterator[schema.Mistake]:
    images = model.field("input_images")
    if not model.takes_prompt and images is None:
        yield _about("fields", N_("A model needs a prompt or input_images."))
    if images is None and model.max_images:
        yield _about("max_images", N_("This model has no field input_images."))
    if images and model.max_images < model.min_images:
        few = N_("This model needs at least %(least)s input images.")
        yield _about("max_images", few, least=model.min_images)
    if model.field("mask") and images is None:
        yield _about("fields", N_("A mask needs input_images beside it."))


def _origins(
    model: ImageModel, known: ImageModel | None, values: Values, *, built_in: bool
) -> Mapping[str, str]:
    origins = dict(known.origins) if known else {}
    own = "documented" if built_in else "configured"
    for key in TRACED:
        if known is None or key in values:
            origins[key] = own if getattr(model, key) is not None else "unknown"
    if "prices" in values:
        origins["prices"] = own
    for key, basis in values.get("inferred", {}).items():
        origins[key] = f"inferred: {basis}"
    origins["max_images"] = model.max_images_source
    if model.max_images_source == "inferred":
        origins["max_images"] = "inferred: not documented, so this is a cautious assumption"
    count = model.field("n")
    configured = count and (count.source == "configured" or "maximum" in count.changed)
    origins["max_count"] = "configured" if configured else "documented"
    return MappingProxyType(origins)


def _choose_default(draft: CatalogueDraft, slug: str, file: str) -> None:
    model = draft.models.get(slug)
    if model is not None and model.enabled:
        draft.default_model = slug
    elif slug:
        off = N_("%(name)s is not an image model that is switched on.")
        said = Sentence(off, {"name": schema.shown(slug)})
        draft.problems.append(Problem(file, slug, "default_model", said))


def _lay_aliases(draft: CatalogueDraft, table: object, file: str, *, built_in: bool) -> None:
    """Add other names for models; an empty one takes a name away. Mistakes are about "aliases"."""
    if not isinstance(table, dict):
        said = Sentence(N_('This must be a table, such as { "gpt-image-1" = "gpt-image-1.5" }.'))
        draft.problems.append(Problem(file, "", "aliases", said))
        return
    for name, slug in table.items():
        if slug == "" and not built_in:
            draft.aliases.pop(name, None)
        elif isinstance(slug, str) and slug in draft.models and re.fullmatch(NAME, name):
            draft.aliases[name] = slug
        else:
            no_model = N_("%(name)s cannot stand for %(slug)s: no image model has that name.")
            said = Sentence(no_model, {"name": schema.shown(name), "slug": schema.shown(slug)})
            draft.problems.append(Problem(file, "", "aliases", said))


def _about(key: str, template: str, /, **params: object) -> schema.Mistake:
    return key, Sentence(template, params)
