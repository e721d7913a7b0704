"""What a person asks for: text and files in, clean values or sentences out. Saves nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext

from omixa_studio.catalogue import Catalogue, Fault, ImageModel, check_choice, parse_choice

OURS = ("csrfmiddlewaretoken", "click", "model", "input_pictures")
FILE_FIELDS = ("input_images", "mask")
CLICK = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A form as it came: the typed values, the files, and what is wrong with them."""

    model: ImageModel | None
    texts: Mapping[str, str]
    values: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    images: tuple[UploadedFile, ...] = ()
    mask: UploadedFile | None = None
    pictures: tuple[int, ...] = ()
    click: str = ""
    faults: tuple[Fault, ...] = ()


def read_generation(
    catalogue: Catalogue,
    data: QueryDict,
    files: MultiValueDict[str, UploadedFile],
    *,
    upload_bytes: int,
) -> Asked:
    """Read the form that asks for pictures; an empty text is left to the model's default."""
    texts = option_texts(data)
    model = catalogue.find(data.get("model", ""))
    click = data.get("click", "")
    if model is None or not model.enabled:
        template = "%(model)s is not a model of this studio."
        fault = Fault("model", template, {"model": data.get("model", "")[:80] or "–"})
        return Asked(model=None, texts=texts, click=click, faults=(fault,))
    values, faults = parse_choice(model, texts)
    images = tuple(files.getlist("input_images"))
    mask = files.get("mask")
    pictures, strange = _picture_ids(data)
    faults += strange + _file_faults(files, upload_bytes)
    if click and not CLICK.fullmatch(click):
        faults += (Fault("click", "The one-time value of the form is not valid.", {}),)
    if not faults:
        count = len(images) + len(pictures)
        faults = check_choice(model, values, images=count, mask=mask is not None)
    return Asked(
        model=model,
        texts=texts,
        values=values,
        images=images,
        mask=mask,
        pictures=pictures,
        click=click,
        faults=faults,
    )


def read_click(data: QueryDict) -> str | None:
    """The one-time value of a form that asks for nothing else; None without a usable one."""
    click = data.get("click", "")
    return click if CLICK.fullmatch(click) else None


def option_texts(data: QueryDict) -> dict[str, str]:
    """The texts of the gateway's own fields; of a repeated one the last."""
    return {name: data[name] for name in data if name not in OURS}


def fault_sentence(fault: Fault) -> str:
    """Say a fault in the language of whoever asks."""
    params = {
        name: gettext(value) if name == "label" and value else value
        for name, value in fault.params.items()
    }
    return gettext(fault.template) % params


def _picture_ids(data: QueryDict) -> tuple[tuple[int, ...], tuple[Fault, ...]]:
    texts = [text for text in data.getlist("input_pictures") if text.strip()]
    good = tuple(dict.fromkeys(int(text) for text in texts if re.fullmatch(r"[0-9]{1,18}", text)))
    if len(good) < len(set(texts)):
        return good, (Fault("input_images", "There is no such picture.", {}),)
    return good, ()


def _file_faults(files: MultiValueDict[str, UploadedFile], upload_bytes: int) -> tuple[Fault, ...]:
    faults = [
        Fault(name, "%(name)s takes no file.", {"name": name[:40]})
        for name in files
        if name not in FILE_FIELDS
    ]
    for name in FILE_FIELDS:
        for file in files.getlist(name):
            if (file.size or 0) > upload_bytes:
                template = "%(file)s is larger than %(most)s MB."
                params = {"file": (file.name or "")[:80], "most": upload_bytes // 2**20}
                faults.append(Fault(name, template, params))
    return tuple(faults)
