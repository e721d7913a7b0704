"""Turn a valid choice into a queued generation with its money held."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from omixa_studio import storage
from omixa_studio.catalogue import (
    Catalogue,
    Fault,
    ImageModel,
    check_choice,
)
from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.records import ImageRequest, InlineImage
from omixa_studio.gateway.wire import encode_body, stored_body
from omixa_studio.models import (
    Generation,
    GenerationInput,
    InputImage,
    LostCall,
    Person,
    Run,
    Token,
    micros,
)
from omixa_studio.queries import generations

from . import budget, ledger, outbox, projects, rules, storage_quotas, used_prompts
from .hashes import request_key, template_key
from .pricing import Terms, price, terms_now
from .refusals import ChoiceRefused, Refused

log = logging.getLogger(__name__)

NOT_OPTIONS = ("model", "prompt", "input_images", "mask")
SENT_BEFORE = N_(
    "This was already sent, before an older copy of the database was restored, and may have been "
    "charged: an admin finds it under Needs review. Nothing was sent now. Press the button again "
    "to buy it again."
)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a person asks for: typed values by the gateway's field names, and the inputs.

    `to_come` is the number of images it will send, while they are not prepared yet.
    """

    model: ImageModel
    values: Mapping[str, object]
    images: Sequence[InputImage] = ()
    mask: InputImage | None = None
    to_come: int = 0
    preset_id: int | None = None
    template: Mapping[str, object] | None = None
    project_id: int | None = None
    token_id: int | None = None

    @property
    def prompt(self) -> str:
        return str(self.values.get("prompt", ""))

    @property
    def count(self) -> int:
        count = self.values.get("n", 1)
        return count if isinstance(count, int) else 1

    @property
    def inputs(self) -> int:
        return len(self.images) or self.to_come

    @property
    def options(self) -> dict[str, object]:
        return {name: value for name, value in self.values.items() if name not in NOT_OPTIONS}


@dataclass(frozen=True)
class GenerationDraft:
    """An unsaved generation, and the choice it was made from."""

    row: Generation
    choice: Choice


# Looks at the drafts of a submission before anything is written.
First = Callable[[Sequence[GenerationDraft]], None]


class OrderRefused(budget.BudgetRefused):
    """What was to be queued does not fit: its drafts, and their run if they have one.

    `test` is what is kept of the form of a blind test.
    """

    test: Mapping[str, Any] | None = None

    def __init__(
        self, refusal: budget.BudgetRefused, drafts: Sequence[GenerationDraft], run: Run | None
    ) -> None:
        super().__init__(needed_micros=refusal.needed_micros, room=refusal.room)
        self.drafts, self.run = drafts, run


class AccountOff(Refused):
    """The account of the request is deactivated."""

    reason = "account_off"

    def __init__(self) -> None:
        super().__init__(Fault("", N_("The account was switched off."), {}))


class TokenOff(Refused):
    """The access token of the request was revoked meanwhile."""

    reason = "token_revoked"

    def __init__(self) -> None:
        super().__init__(Fault("", N_("This access token was revoked."), {}))


def submit(
    person: Person,
    choice: Choice,
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
    retry_of: Generation | None = None,
    first: First | None = None,
) -> Generation:
    """Queue one generation and hold its money; the same click again returns the first one.

    `first` is as of `queue`. Raises ChoiceRefused if the choice does not fit, OrderRefused if the
    money does not, AccountOff and TokenOff.
    """
    if click and (made := generations.of_click(person, click)):
        return made
    terms = terms_now(catalogue, [choice.model])
    draft = draft_for(person, choice, terms, click=click, retry_of=retry_of)
    try:
        queue([draft], terms, wake=wake, first=first)
    except (IntegrityError, budget.BudgetRefused):
        # The same click may have won a race: it has taken the click, or the last of the money.
        made = generations.of_click(person, click) if click else None
        if made is None:
            raise
        return made
    return draft.row


def queue(
    drafts: Sequence[GenerationDraft],
    terms: Terms,
    *,
    wake: Callable[[], None],
    run: Run | None = None,
    beside: Callable[[Run], None] | None = None,
    first: First | None = None,
) -> None:
    """Hold the money of all drafts and queue them, all or none, with the run they belong to.

    `terms` are those on which the drafts were made; `beside` writes further rows of the run.
    `first` is called at the begin of the transaction, and raises Refused if it is not to be. Raises
    AccountOff, TokenOff, StorageFull, OrderRefused, ChoiceRefused if a rule of requests forbids it,
    the person may not spend on the project or an older copy of the database lost a call of the same
    click, or IntegrityError if a click has already made a row.
    """
    _refuse_unruly(drafts, run)
    try:
        _queue(drafts, terms, wake=wake, run=run, beside=beside, first=first)
    except OrderRefused as refusal:
        outbox.note_refusal(refusal.room, drafts[0].row.target)
        raise


def _queue(
    drafts: Sequence[GenerationDraft],
    terms: Terms,
    *,
    wake: Callable[[], None],
    run: Run | None,
    beside: Callable[[Run], None] | None,
    first: First | None,
) -> None:
    with transaction.atomic():
        if first is not None:
            first(drafts)
        _refuse_who_is_off_or_asks_again(drafts)
        _refuse_revoked_tokens(drafts)
        if run is not None:
            run.save(force_insert=True)
        used_prompts.note([draft.row for draft in drafts])
        for draft in drafts:
            draft.row.save(force_insert=True)
            _name_inputs(draft)
        if run is not None and beside is not None:
            beside(run)
        projects.take_up([draft.row for draft in drafts])
        # Last, so that others wait for the balances as briefly as possible.
        try:
            ledger.hold(*(draft.row for draft in drafts), day=terms.day)
        except budget.BudgetRefused as refusal:
            raise OrderRefused(refusal, drafts, run) from refusal
        transaction.on_commit(lambda: wake_quietly(wake), robust=True)


def retry(
    generation: Generation,
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
) -> Generation:
    """Request a failed generation again, as a new one that refers to the old.

    Raises ChoiceRefused if its model is gone or no longer accepts the choice.
    """
    model = catalogue.find(generation.model)
    if generation.person is None or model is None or not model.enabled:
        gone = Fault("model", N_("%(model)s is no longer available."), {"model": generation.model})
        raise ChoiceRefused(gone)
    values = dict(generation.options)
    if model.takes_prompt:
        values["prompt"] = generation.prompt
    sent = list(generation.sent_inputs.select_related("image"))
    choice = Choice(
        model=model,
        values=values,
        images=[use.image for use in sent if not use.is_mask],
        mask=next((use.image for use in sent if use.is_mask), None),
        preset_id=generation.preset_id,
        template=generation.template,
        project_id=generation.project_id,
    )
    return submit(
        generation.person,
        choice,
        catalogue=catalogue,
        wake=wake,
        click=click,
        retry_of=generation,
    )


def operation_of(model: ImageModel, images: int) -> str:
    """Return the operation of a request: the model's first one, or by the number of inputs."""
    if "generate" not in model.operations:
        return model.operations[0]
    return ("generate", "edit")[images] if images < 2 else "merge"


def draft_for(
    person: Person,
    choice: Choice,
    terms: Terms,
    *,
    click: str | None = None,
    retry_of: Generation | None = None,
) -> GenerationDraft:
    """Build the row of a choice, priced and with its body, but not saved.

    Raises ChoiceRefused if the choice does not fit the model or the body is too large.
    """
    request, body = _encoded(choice)
    asked = price(terms, choice.model, choice.values, choice.inputs)
    guessed = asked.estimate.amount
    row = Generation(
        person=person,
        target=settings.GATEWAY_TARGET,
        click=click or None,
        retry_of=retry_of,
        model=choice.model.slug,
        operation=operation_of(choice.model, len(choice.images)),
        prompt=choice.prompt,
        options=choice.options,
        count=choice.count,
        preset_id=choice.preset_id,
        template=choice.template,
        project_id=choice.project_id,
        token_id=choice.token_id,
        template_key=template_key(choice.template),
        body=stored_body(request),
        body_sha256=hashlib.sha256(body).hexdigest(),
        request_key=request_key(
            choice.model.slug, choice.prompt, choice.options, choice.images, choice.mask
        ),
        month=terms.month,
        estimate_micros=None if guessed is None else micros(guessed),
        held_micros=micros(asked.hold),
    )
    return GenerationDraft(row, choice)


def _refuse_unruly(drafts: Sequence[GenerationDraft], run: Run | None) -> None:
    for person in {draft.row.person for draft in drafts}:
        if person is not None:
            storage_quotas.refuse_full(person)
            theirs = [draft for draft in drafts if draft.row.person == person]
            asked = [(one.row, one.choice.model, one.choice.options) for one in theirs]
            rules.refuse_unruly(person, asked, run)


def _refuse_who_is_off_or_asks_again(drafts: Sequence[GenerationDraft]) -> None:
    """Refuse deactivated accounts, and forms whose paid call was lost by an older copy.

    Locks the accounts, so that deactivating one, or noticing the older copy, either comes first, or
    later and cancels what is queued here.
    """
    people = {draft.row.person_id or 0 for draft in drafts}
    clicks = [draft.row.click for draft in drafts if draft.row.click]
    there = Person.objects.filter(pk__in=people, is_active=True).order_by("pk")
    if set(there.select_for_update(no_key=True).values_list("pk", flat=True)) != people:
        raise AccountOff
    # A statement of its own: one that waits for a lock sees what was there before it waited.
    if clicks and LostCall.objects.filter(person_id__in=people, click__in=clicks).exists():
        raise ChoiceRefused(Fault("click", SENT_BEFORE, {}))


def _refuse_revoked_tokens(drafts: Sequence[GenerationDraft]) -> None:
    """Lock the tokens of drafts, so that revoking one comes first, or cancels what is queued."""
    pks = {draft.row.token_id for draft in drafts if draft.row.token_id}
    there = Token.objects.filter(pk__in=pks, revoked_at=None).order_by("pk")
    if pks and len(there.select_for_update(no_key=True)) < len(pks):
        raise TokenOff


def _encoded(choice: Choice) -> tuple[ImageRequest, bytes]:
    """Return a choice as a request, and as the body of its call. Raises ChoiceRefused."""
    faults = check_choice(
        choice.model, choice.values, images=len(choice.images), mask=choice.mask is not None
    )
    if faults:
        raise ChoiceRefused(*faults)
    try:
        request = _request(choice)
    except FileNotFoundError as error:
        missing = N_("The file of this picture is missing.")
        raise ChoiceRefused(Fault("input_images", missing, {})) from error
    body = encode_body(request)
    if len(body) > settings.BODY_BYTES:
        raise ChoiceRefused(_too_big(len(body)))
    return request, body


def _request(choice: Choice) -> ImageRequest:
    return ImageRequest(
        model=choice.model.slug,
        prompt=choice.prompt if "prompt" in choice.values else None,
        options=choice.options,
        images=tuple(_inline(image) for image in choice.images),
        mask=_inline(choice.mask) if choice.mask else None,
        mask_encoding=choice.model.mask_encoding,
    )


def _inline(image: InputImage) -> InlineImage:
    return InlineImage(storage.get(image.name), image.mime)


def _too_big(size: int) -> Fault:
    return Fault(
        "input_images",
        N_(
            "The request would be %(size)s MB, more than the %(most)s MB that may be sent. "
            "Use fewer or smaller images."
        ),
        {"size": round(size / 2**20, 1), "most": settings.BODY_BYTES // 2**20},
    )


def _name_inputs(draft: GenerationDraft) -> None:
    generation, choice = draft.row, draft.choice
    masks = [choice.mask] if choice.mask else []
    GenerationInput.objects.bulk_create(
        GenerationInput(generation=generation, image=image, position=position, is_mask=is_mask)
        for images, is_mask in ((choice.images, False), (masks, True))
        for position, image in enumerate(images)
    )


def wake_quietly(wake: Callable[[], None]) -> None:
    """Wake a worker; a failure is only logged, since the sweep finds the rows."""
    try:
        wake()
    except Exception:  # any error of the driver: the row is committed, the sweep finds it
        log.warning("Could not wake a worker; the next sweep will find the row.", exc_info=True)
