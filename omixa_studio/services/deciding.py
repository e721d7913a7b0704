"""Manual decisions of an admin outside the accounts, each with its row in the audit log."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from django.db import transaction

from omixa_studio.catalogue import load_catalogue
from omixa_studio.catalogue.records import N_, Sentence
from omixa_studio.forms.offers import ADD, DEFAULT
from omixa_studio.models import ActKind, Generation, Pause, Person, Scope, State, dollars
from omixa_studio.models.pauses import Reason
from omixa_studio.queries.pauses import names_of_keys
from omixa_studio.queries.people import monthly_limit, monthly_limits

from . import audit, lost_calls, models_file, offers, pauses, pricing, settling
from .audit import Actor
from .budget import set_limit, set_limits
from .ledger import in_batches


def decide_cost(generation: Generation, *, billed_micros: int, by: Actor) -> bool:
    """Record a call's cost as decided by an admin, 0 for none; return False if already decided."""
    settle = settling.decide if generation.state == State.UNKNOWN else settling.decide_cost
    with transaction.atomic():
        if not settle(generation, billed_micros=billed_micros, by=by.shown):
            return False
        thing = f"G-{generation.pk}"
        audit.write(ActKind.COST, by=by, thing=thing, after=_plain(billed_micros))
    return True


def change_limit(amount_micros: int | None, *, by: Actor, whom: Person | None = None) -> None:
    """Set the monthly limit of a person, or of the studio; None removes it."""
    scope, subject = (Scope.PERSON, str(whom.pk)) if whom else (Scope.STUDIO, "")
    with transaction.atomic():
        before = monthly_limit(scope, subject)
        if before == amount_micros:
            return
        set_limit(scope, subject, amount_micros)
        audit.write(
            ActKind.LIMIT,
            by=by,
            whom=whom,
            thing="" if whom else "studio",
            before=_plain(before),
            after=_plain(amount_micros),
        )


def change_limits(amount_micros: int | None, *, by: Actor, whom: Iterable[Person]) -> int:
    """Set one monthly limit for several people, None removes it; return the number changed."""
    with transaction.atomic():
        return sum(_change_some(amount_micros, by, batch) for batch in in_batches(list(whom)))


def _change_some(amount_micros: int | None, by: Actor, people: Sequence[Person]) -> int:
    before = monthly_limits([person.pk for person in people])
    changed = [person for person in people if before.get(person.pk) != amount_micros]
    set_limits(Scope.PERSON, [person.pk for person in changed], amount_micros)
    after = _plain(amount_micros)
    audit.write_each(
        audit.row_of(
            ActKind.LIMIT, by=by, whom=person, before=_plain(before.get(person.pk)), after=after
        )
        for person in changed
    )
    return len(changed)


def resume(target: str, *, by: Actor, pk: int | None = None) -> bool:
    """End the pauses of a target, or one of them; return False if there was none.

    If the database is an older copy, this also accepts the lost calls.
    """
    with transaction.atomic():
        row = Pause.objects.filter(target=target, pk=pk).first() if pk else None
        older = pauses.resume(target, reason=Reason.OLDER, pk=pk)
        accepted = lost_calls.accept(target, by=by) if older else 0
        if not (older or pauses.resume(target, pk=pk)):
            return False
        names = names_of_keys([row.gateway_key]) if row else {}
        after = f"older_copy {accepted}" if older else ", ".join(names.values())
        audit.write(ActKind.RESUMED, by=by, thing=target, after=after)
    return True


def change_model(path: Path, slug: str, values: Mapping[str, object], *, by: Actor) -> None:
    """Write values into a model's table of models.toml. Raises NotChanged."""
    told = ", ".join(f"{name} = {value}" for name, value in values.items())
    # Write the log row first: a refused file rolls it back, a database error leaves the file alone.
    with models_file.in_turn(path), transaction.atomic():
        audit.write(ActKind.MODEL, by=by, thing=slug, after=told)
        offers.change_model(path, slug, values)


def set_default_model(path: Path, slug: str, *, by: Actor) -> None:
    """Write the default model of the studio to models.toml. Raises NotChanged."""
    with models_file.in_turn(path), transaction.atomic():
        audit.write(ActKind.MODEL, by=by, thing=slug, after="default_model")
        offers.set_default_model(path, slug)


def apply_offer(
    path: Path, slug: str, change: str, values: Mapping[str, object], *, by: Actor
) -> None:
    """Apply one difference from the gateway: a change of `ChangeForm` with its values.

    Raises NotChanged, also if the catalogue has changed since the page was shown.
    """
    known = load_catalogue(path).find(slug)
    if change == DEFAULT:
        if known is None or not known.enabled:
            off = N_("Only a model that is switched on can be the default.")
            raise offers.NotChanged(Sentence(off))
        set_default_model(path, slug, by=by)
        return
    if (known is not None) is (change == ADD):
        reason = (
            N_("The studio already has this model.")
            if known
            else N_("The studio does not know this model.")
        )
        raise offers.NotChanged(Sentence(reason))
    change_model(path, slug, values, by=by)


def forget_prices(target: str, slug: str, *, by: Actor) -> bool:
    """Clear the billed prices of a model; return False if there were none."""
    with transaction.atomic():
        dearest = pricing.forget(target, slug)
        if dearest:
            audit.write(ActKind.PRICES_FORGOTTEN, by=by, thing=slug, before=_plain(dearest))
    return bool(dearest)


def _plain(amount_micros: int | None) -> str:
    amount = dollars(amount_micros)
    return "" if amount is None else f"{amount:.6f}"
