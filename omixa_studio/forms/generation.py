"""The studio's form: text and files in, clean values or faults out. Saves nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from omixa_studio.catalogue import Catalogue, Fault, ImageModel, check_choice, parse_choice
from omixa_studio.catalogue.records import N_
from omixa_studio.catalogue.rules import check_value

from .clicks import ASK
from .controls import ABOUT_REFERENCES
from .variables import (
    FIELD,
    Template,
    fill,
    read_variables,
    template_of,
    too_many_variables,
    unfilled,
    variables_in,
)

# References: stored uploads and pictures from a gallery; spare ones are kept for another model.
REFERENCES = ("input_uploads", "input_pictures", "spare_uploads", "spare_pictures")
OURS = ("csrfmiddlewaretoken", "click", "model", "preset", "project", *REFERENCES)
FILE_FIELDS = ("input_images", "mask")
# The maximum per click; what one call cannot return is split into several calls.
MOST_PICTURES = 40
ID = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Named:
    """The references that a form names: ids of stored uploads and of pictures, spare ones last."""

    uploads: tuple[int, ...] = ()
    pictures: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A form as submitted: the typed values, the files, and what is wrong with them."""

    model: ImageModel | None
    texts: Mapping[str, str]
    values: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    images: "tuple[UploadedFile[bytes], ...]" = ()
    mask: "UploadedFile[bytes] | None" = None
    uploads: tuple[int, ...] = ()
    pictures: tuple[int, ...] = ()
    mask_picture: int | None = None
    preset: int | None = None
    project: int | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    template: Template | None = None
    faults: tuple[Fault, ...] = ()


def read_generation(
    catalogue: Catalogue,
    data: QueryDict,
    files: "MultiValueDict[str, UploadedFile[bytes]]",
    *,
    upload_bytes: int,
) -> Asked:
    """Read the form that asks for pictures; an empty text leaves the model's default."""
    texts = option_texts(data)
    model = catalogue.find_enabled(data.get("model", ""))
    if model is None:
        template = N_("%(model)s is not a model of this studio.")
        fault = Fault("model", template, {"model": data.get("model", "")[:80] or "–"})
        return Asked(model=None, texts=texts, faults=(fault,))
    written, variables = texts.get("prompt", ""), read_variables(data)
    names = variables_in(written)
    empty = too_many_variables(names) or unfilled(names, variables)
    prompt = {"prompt": fill(written, variables)} if written and not empty else {}
    of_click = of_one_click(model)
    values, faults = parse_choice(of_click, {**texts, **prompt})
    faults += empty
    images = tuple(files.getlist("input_images"))
    mask = files.get("mask")
    uploads, pictures = read_ids(data, "input_uploads"), read_ids(data, "input_pictures")
    project, no_project = read_project(data)
    faults += no_project + strange_ids(data) + file_faults(files, upload_bytes)
    count = len(images) + len(uploads) + len(pictures)
    if not count:
        values = {name: values[name] for name in values if name not in ABOUT_REFERENCES}
    if not faults:
        faults = check_choice(of_click, values, images=count, mask=mask is not None)
    return Asked(
        model=model,
        texts=texts,
        values=values,
        images=images,
        mask=mask,
        uploads=uploads,
        pictures=pictures,
        preset=read_id(data.get("preset", "")),
        project=project,
        variables=variables,
        template=template_of(written, variables) if names else None,
        faults=faults,
    )


def of_one_click(model: ImageModel) -> ImageModel:
    """Return the model with the count of one click, which may be split into several calls."""
    fields = (
        replace(one, maximum=Decimal(MOST_PICTURES)) if one.name == "n" else one
        for one in model.fields
    )
    return replace(model, fields=tuple(fields))


def wrong_count(
    model: ImageModel, values: Mapping[str, str | int | float | bool]
) -> tuple[Fault, ...]:
    """Return a fault if a form asks for no picture, or for more than one click may make."""
    count = of_one_click(model).field("n")
    fault = check_value(count, values["n"]) if count and "n" in values else None
    return (fault,) if fault else ()


def option_texts(data: QueryDict) -> dict[str, str]:
    """Return the texts of the gateway's own fields; the last one of a repeated field."""
    theirs = (name for name in data if name not in OURS and not name.startswith((FIELD, ASK)))
    return {name: data.get(name, "") for name in theirs}


def read_named(data: QueryDict) -> Named:
    """Return the references that an address or a form names, including the spare ones."""
    return Named(
        (*read_ids(data, "input_uploads"), *read_ids(data, "spare_uploads")),
        (*read_ids(data, "input_pictures"), *read_ids(data, "spare_pictures")),
    )


def count_references(data: QueryDict) -> int:
    """Return how many references a form sends, without its files."""
    return sum(len(read_ids(data, name)) for name in REFERENCES[:2])


def read_ids(data: QueryDict, name: str) -> tuple[int, ...]:
    """Return the ids under a repeated name, once each, in their order; invalid ids are left out."""
    return tuple(dict.fromkeys(int(text) for text in data.getlist(name) if ID.fullmatch(text)))


def read_id(text: str) -> int | None:
    """Return an id from an address; None for anything else."""
    return int(text) if ID.fullmatch(text) else None


def written_project(data: QueryDict) -> int | None:
    """Return the id of the project that a form begins with, 0 for none; None if it says nothing."""
    return read_project(data)[0] or 0 if "project" in data else None


def read_project(data: QueryDict) -> tuple[int | None, tuple[Fault, ...]]:
    """Return the id of the project that a form names, None for none, and what is wrong with it."""
    text = data.get("project", "").strip()
    if not text or ID.fullmatch(text):
        return (int(text) if text else None), ()
    return None, (Fault("project", N_("There is no such project."), {}),)


def strange_ids(data: QueryDict) -> tuple[Fault, ...]:
    """Return what is wrong with the ids of references."""
    texts = [text for name in REFERENCES[:2] for text in data.getlist(name) if text.strip()]
    if all(ID.fullmatch(text) for text in texts):
        return ()
    return (Fault("input_images", N_("There is no such picture."), {}),)


def file_faults(
    files: "MultiValueDict[str, UploadedFile[bytes]]", upload_bytes: int
) -> tuple[Fault, ...]:
    """Return what is wrong with files: a field that takes none, more than `upload_bytes`."""
    faults = [
        Fault(name, N_("%(name)s takes no file."), {"name": name[:40]})
        for name in files
        if name not in FILE_FIELDS
    ]
    for name in FILE_FIELDS:
        for file in files.getlist(name):
            if (file.size or 0) > upload_bytes:
                template = N_("%(file)s is larger than %(most)s MB.")
                params = {"file": (file.name or "")[:80], "most": upload_bytes // 2**20}
                faults.append(Fault(name, template, params))
    return tuple(faults)
