"""What a program asks of OpenAI's images API: fields and files in, one `Asked` out. Saves nothing.

A field that cannot be honoured is a fault. Left out are only those that ask for what happens
without them, as OpenAI documents it: docs/api.md lists them.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from omixa_studio.catalogue import Catalogue, Fault, ImageModel, check_choice
from omixa_studio.catalogue.records import N_
from omixa_studio.catalogue.rules import check_value, parse_value

from .clicks import digest_of
from .controls import ABOUT_REFERENCES
from .generation import ID, Asked, file_faults, of_one_click

# How the answer comes, which is no part of what is bought.
ABOUT_THE_ANSWER = ("response_format", "stream", "partial_images")
# Who asks, for OpenAI's own monitoring: the gateway has no field for it.
ABOUT_THE_USER = ("user", "safety_identifier")
MOST_PARTIAL = 3
# Of an idempotency key.
LONGEST_KEY = 255
LONGEST_USER = 512
# Values that ask for nothing: they name what a model does without the field.
NO_WISH: Mapping[str, Sequence[str]] = {
    "n": ("1",),
    "size": ("auto",),
    "quality": ("auto", "standard"),
    "background": ("auto",),
    "moderation": ("auto",),
    "style": ("vivid",),
    "input_fidelity": ("low",),
    "output_compression": ("100",),
}
# Names of files as clients send them, several of one name too.
IMAGES = ("image", "image[]", "image[0]", "images", "images[]")
# What our own fields are called there.
NAMES = {"input_images": "image"}
# What the studio has already, by id: pictures of its galleries, files that were uploaded.
STORED = ("input_pictures", "input_uploads")
MOST_STORED = 100
TWICE = N_("%(name)s was sent more than once.")
NO_OPTIONS = (*ABOUT_THE_USER, *STORED, "mask_picture")


class FieldRefused(ValueError):
    """A field that cannot be honoured: its fault, and a `code` for programs."""

    def __init__(self, fault: Fault, code: str = "invalid_value") -> None:
        super().__init__(f"{fault.field}: {fault.sentence}")
        self.fault, self.code = fault, code

    @property
    def param(self) -> str | None:
        """The name of the field as the program wrote it, None if it is not about one."""
        return NAMES.get(self.fault.field, self.fault.field) or None


@dataclass(frozen=True, kw_only=True)
class ImagesBody:
    """A body as it came: what is asked for in `fields`, and how the answer should come.

    Equal bodies have equal digests, however they are encoded; the form of the answer does not
    count. `is_text` says that values are texts, not JSON. `pictures` and `uploads` are ids of what
    the studio has, which go before the `images`; `mask_picture` that of a picture as the mask.
    """

    fields: Mapping[str, Any]
    pictures: tuple[int, ...]
    uploads: tuple[int, ...]
    mask_picture: int | None
    images: "tuple[UploadedFile[bytes], ...]"
    mask: "UploadedFile[bytes] | None"
    is_edit: bool
    is_text: bool
    as_url: bool
    streams: bool
    digest: str

    @property
    def inputs(self) -> int:
        """How many images are sent along, without a mask."""
        return len(self.images) + len(self.pictures) + len(self.uploads)


def texts_in(form: "MultiValueDict[str, str]") -> dict[str, Any]:
    """Return the texts of a form, and those that may be several as lists. Raises FieldRefused."""
    for name in form:
        _refuse_several(name, [] if name in STORED else form.getlist(name))
    return {name: form.getlist(name) if name in STORED else form[name] for name in form}


def read_body(
    fields: Mapping[str, Any],
    files: "MultiValueDict[str, UploadedFile[bytes]]",
    *,
    is_edit: bool | None,
    is_text: bool,
) -> ImagesBody:
    """Read a body of JSON values, or of texts and files; with `is_edit` None images make it one.

    Raises FieldRefused.
    """
    given = {name: value for name, value in fields.items() if value is not None and value != ""}
    pictures, uploads = (_ids_of(name, given.get(name, [])) for name in STORED)
    mask_picture = next(iter(_ids_of("mask_picture", [given.get("mask_picture")])), None)
    if is_edit is None:
        is_edit = bool(files or pictures or uploads)
    _refuse_odd_files(files, is_edit=is_edit)
    _refuse_several("mask", files.getlist("mask"))
    if not is_edit and (
        odd := next((name for name in (*STORED, "mask_picture") if name in given), "")
    ):
        raise FieldRefused(Fault(odd, N_("%(name)s takes no picture."), {"name": odd}))
    if mask_picture and files.get("mask"):
        raise wrong("mask_picture", mask_picture)
    images = tuple(file for name in IMAGES for file in files.getlist(name))
    mask = files.get("mask")
    asked = {name: given[name] for name in given if name not in ABOUT_THE_ANSWER}
    for name in ABOUT_THE_USER:
        if not isinstance(user := given.get(name, ""), str) or len(user) > LONGEST_USER:
            raise wrong(name, given[name])
    told = [is_edit, sorted(asked.items()), [digest_of(file) for file in images]]
    told.append(digest_of(mask) if mask else None)
    return ImagesBody(
        fields={name: asked[name] for name in asked if name not in NO_OPTIONS},
        pictures=pictures,
        uploads=uploads,
        mask_picture=mask_picture,
        images=images,
        mask=mask,
        is_edit=is_edit,
        is_text=is_text,
        as_url=_is_url(given),
        streams=_streams(given),
        digest=hashlib.sha256(json.dumps(told).encode()).hexdigest(),
    )


def choose(
    body: ImagesBody, catalogue: Catalogue, usual: ImageModel | None, *, upload_bytes: int
) -> Asked:
    """Return what a body asks for; `usual` is the model of one that names none.

    Raises FieldRefused for the first field that cannot be honoured.
    """
    fields = dict(body.fields)
    model = _model_of(fields.pop("model", None), catalogue, usual)
    project = _project_of(fields.pop("project", None))
    values = {
        name: _value_of(body, model, name, value)
        for name, value in fields.items()
        if not _is_no_wish(model, name, value)
    }
    faults = _faults(body, model, values, upload_bytes)
    if faults:
        known = faults[0].field in (*NAMES, "mask") or model.field(faults[0].field)
        raise FieldRefused(faults[0], "invalid_value" if known else "unknown_parameter")
    return Asked(
        model=model,
        texts={},
        values=values,
        images=body.images,
        mask=body.mask,
        pictures=body.pictures,
        uploads=body.uploads,
        mask_picture=body.mask_picture,
        project=project,
    )


def _faults(
    body: ImagesBody, model: ImageModel, values: Mapping[str, Any], upload_bytes: int
) -> tuple[Fault, ...]:
    if body.is_edit and not body.inputs:
        return (Fault("input_images", N_("An edit needs at least one image."), {}),)
    files = MultiValueDict({"input_images": list(body.images)})
    if body.mask:
        files["mask"] = body.mask
    has_mask = bool(body.mask or body.mask_picture)
    too_large = file_faults(files, upload_bytes)
    return too_large or check_choice(of_one_click(model), values, images=body.inputs, mask=has_mask)


def _model_of(name: object, catalogue: Catalogue, usual: ImageModel | None) -> ImageModel:
    model = catalogue.find_named(name) if isinstance(name, str) else None
    if name is None:
        model = usual
    if model is None:
        unknown = N_("%(model)s is not a model of this studio.")
        fault = Fault("model", unknown, {"model": str(name or "–")[:80]})
        raise FieldRefused(fault, "model_not_found")
    return model


def _project_of(written: object) -> int | None:
    if written is None:
        return None
    if isinstance(written, bool) or not ID.fullmatch(str(written)):
        raise FieldRefused(Fault("project", N_("There is no such project."), {}))
    return int(str(written))


def _ids_of(name: str, value: object) -> tuple[int, ...]:
    """Return ids of a list or of one, once each. Raises FieldRefused."""
    listed = value if isinstance(value, list) else [value]
    written = [one for one in listed if one is not None and one != ""]
    if len(written) > MOST_STORED or any(
        isinstance(one, bool) or not ID.fullmatch(str(one)) for one in written
    ):
        raise FieldRefused(Fault(name, N_("There is no such picture."), {}))
    return tuple(dict.fromkeys(int(str(one)) for one in written))


def _is_no_wish(model: ImageModel, name: str, value: object) -> bool:
    """Return whether a field asks for what happens without it, as long as the model has no word."""
    if isinstance(value, bool) or str(value) not in NO_WISH.get(name, ()):
        return False
    field = model.field(name)
    return field is None or bool(field.accepted and str(value) not in field.accepted)


def _value_of(body: ImagesBody, model: ImageModel, name: str, value: object) -> Any:
    field = of_one_click(model).field(name)
    if field is None or (name in ABOUT_REFERENCES and not body.is_edit):
        unknown = N_("%(model)s has no option called %(name)s.")
        fault = Fault(name[:40], unknown, {"model": model.name, "name": name[:40]})
        raise FieldRefused(fault, "unknown_parameter")
    read = parse_value(field, str(value)) if body.is_text else value
    found = read if isinstance(read, Fault) else check_value(field, read)
    if found is not None:
        raise FieldRefused(found)
    return read


def _is_url(given: Mapping[str, Any]) -> bool:
    as_url = _one_of(given, "response_format", {"b64_json": False, "url": True})
    # The events of a stream have no field for an address.
    if as_url and _streams(given):
        raise wrong("response_format", "url")
    return as_url


def _streams(given: Mapping[str, Any]) -> bool:
    partial = given.get("partial_images", 0)
    if isinstance(partial, bool) or str(partial) not in map(str, range(MOST_PARTIAL + 1)):
        raise wrong("partial_images", partial)
    # Zero partial pictures may come, however many are asked for.
    return _one_of(given, "stream", {"False": False, "false": False, "True": True, "true": True})


def _one_of(given: Mapping[str, Any], name: str, meant: Mapping[str, bool]) -> bool:
    """Return what the value of a field means; absent, the first one."""
    value = given.get(name, next(iter(meant)))
    if str(value) not in meant:
        raise wrong(name, value)
    return meant[str(value)]


def _refuse_odd_files(files: "MultiValueDict[str, UploadedFile[bytes]]", *, is_edit: bool) -> None:
    for name in files:
        if not is_edit or name not in (*IMAGES, "mask"):
            fault = Fault(name[:40], N_("%(name)s takes no file."), {"name": name[:40]})
            raise FieldRefused(fault, "unknown_parameter")


def _refuse_several(name: str, values: Sequence[object]) -> None:
    if len(values) > 1:
        raise FieldRefused(Fault(name[:40], TWICE, {"name": name[:40]}))


def wrong(name: str, value: object) -> FieldRefused:
    """Return the refusal of a value that a field cannot have."""
    template = N_("%(name)s cannot be %(value)s here.")
    return FieldRefused(Fault(name, template, {"name": name, "value": str(value)[:40]}))
