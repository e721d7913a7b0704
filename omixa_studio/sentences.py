"""Error and status sentences in the reader's language: the one table of keys and sentences.

Code reports what happened as keys with values (`gateway.errors.Told`), and rows store those, so
that no stored text is ever parsed. A key keeps its meaning as long as a row may hold it. A key that
is not in the table is itself a template, such as those of the catalogue.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext, override

from omixa_studio.catalogue.records import N_, Fault, Sentence
from omixa_studio.directions import isolated
from omixa_studio.gateway.errors import Told


@dataclass(frozen=True, slots=True)
class Counted:
    """A sentence with singular and plural forms; `count` names the value that decides."""

    one: str
    many: str
    count: str


# Sentences about the cost; a card takes the cost from its row instead.
COSTS: Mapping[str, str] = {
    "cost_none": N_("Nothing was charged."),
    "cost_charged": N_("The gateway charged for it."),
    "cost_unknown": N_("It is not known whether it was charged."),
    "cost_possible": N_("It may have been charged."),
}
SENTENCES: Mapping[str, str | Counted] = {
    **COSTS,
    # A stored text from before keys were introduced.
    "text": "%(text)s",
    # Background jobs
    "job_failed": N_(
        "It stopped because of an error in the studio. What was done until then stays done."
    ),
    "export_no_room": N_("There is not enough free space on the studio's disk for this export."),
    "export_no_costs": N_("You may not see costs any more."),
    "export_empty": N_("None of the pictures could be exported."),
    "undo_expired": N_("What was changed is not known any more, so it cannot be undone."),
    "collection_gone": N_("The collection is gone, or you may not change it any more."),
    "collection_full": N_("A collection holds up to %(most)s pictures."),
    "gallery_gone": N_("The gallery in which the pictures were selected is gone."),
    # Webhooks
    "hook_not_https": N_("The address must begin with https:// and name a server."),
    "hook_private": N_("The address leads into a private network, which is not allowed here."),
    "hook_unknown_host": N_("The name of the server is not known."),
    "hook_too_slow": N_("The server did not answer in time."),
    "hook_no_answer": N_("No answer came: %(why)s"),
    "hook_secret_lost": N_(
        "The secret cannot be read: the studio has another STUDIO_SECRET_KEY. Make a new secret."
    ),
    # The gateway refused
    "not_accepted": N_(
        "The gateway did not accept this request. Change the prompt or the options and try again."
    ),
    "key_refused": N_("The gateway did not accept the key. An admin has to set a valid key."),
    "key_sealed": N_(
        "Its secret is not here, or was sealed with another STUDIO_SECRET_KEY. An admin has to "
        "type it again; until then nothing is sent, and nothing with another key."
    ),
    "balance_low": N_(
        "The balance of the Omixa wallet is too low. An admin has to top it up and press Resume."
    ),
    "model_forbidden": N_(
        "The key may not use this model. Choose another model, or ask an admin to allow it."
    ),
    "model_not_found": N_("The gateway does not know this model or address. Choose another model."),
    "gave_up_waiting": N_("The gateway timed out. An admin has to check the gateway's usage log."),
    "conflict": N_(
        "The gateway reported a conflict. An admin has to check the gateway's usage log."
    ),
    "request_too_large": N_(
        "The request was too large for the gateway. Use fewer or smaller input images."
    ),
    "slow_down": N_("The gateway asked the studio to slow down. The request is retried later."),
    "no_route": N_(
        "The gateway has no available provider at the moment. The request is retried later."
    ),
    "redirected": N_(
        "The gateway's address is misconfigured: it redirects, and the key is never sent along a "
        "redirect. An admin has to correct the base address."
    ),
    "gateway_failed": N_(
        "The gateway failed. An admin has to check its usage log before this is tried again."
    ),
    "odd_status": N_(
        "The gateway gave an unexpected answer. An admin has to check its usage log before this "
        "is tried again."
    ),
    "policy": N_(
        "The prompt or a picture was blocked by the provider's content rules. Change it and "
        "try again."
    ),
    "signing_asked": N_(
        "The gateway requires signed requests, which this studio does not send. An admin has to "
        "turn off signing for this key."
    ),
    # The gateway's answer contains no picture
    "no_picture": N_(
        "The gateway sent no picture, which usually means that the prompt was blocked. Change "
        "the prompt before trying again."
    ),
    "error_inside": N_(
        "The gateway reported an error instead of a picture. An admin can read the details."
    ),
    "nothing_usable": N_(
        "The gateway's answer contains no picture that can be opened. An admin has to check the "
        "gateway's usage log."
    ),
    "nothing_opened": N_("The gateway's answer contains no picture that can be opened."),
    "unreadable": N_(
        "The gateway's answer cannot be read. An admin has to check the gateway's usage log."
    ),
    "pictures_awaited": N_(
        "The pictures could not be downloaded yet. The studio keeps trying for ten minutes."
    ),
    "answer_waits": N_(
        "The complete answer is on the disk of worker %(worker)s. Its pictures are added as soon "
        "as they can be stored."
    ),
    # No complete answer
    "unreachable": N_("The gateway could not be reached. The request is retried later."),
    "untrusted": N_(
        "A secure connection to the gateway failed. An admin has to check its address, its "
        "certificate and this machine's clock."
    ),
    "too_slow": N_(
        "The gateway took too long to answer. An admin has to check the gateway's usage log "
        "before this is tried again."
    ),
    "broken_off": N_(
        "The connection to the gateway was lost before the answer was complete. An admin has to "
        "check the gateway's usage log before this is tried again."
    ),
    "answer_too_large": N_(
        "The gateway's answer was larger than this studio accepts. An admin can raise the limit."
    ),
    "not_answered": N_("The gateway did not answer. Try again later."),
    "odd_list": N_("The gateway's list cannot be read. The studio's own list still applies."),
    "odd_bill": N_("The gateway's list of requests and costs cannot be read."),
    "given_up": N_("The gateway could not accept this request. It is not retried automatically."),
    # Some pictures are missing or incomplete
    "too_many_came": Counted(
        "The gateway sent %(came)s picture, more than the %(asked)s asked for.",
        "The gateway sent %(came)s pictures, more than the %(asked)s asked for.",
        "came",
    ),
    "too_few_came": Counted(
        "The gateway sent %(came)s of %(asked)s picture.",
        "The gateway sent %(came)s of %(asked)s pictures.",
        "asked",
    ),
    "error_beside": N_("The gateway also reported an error."),
    "picture_missing": N_("Picture %(n)s is missing."),
    "picture_empty": N_("Picture %(n)s is empty."),
    "picture_too_large": N_("Picture %(n)s is larger than allowed."),
    "picture_not_base64": N_("Picture %(n)s is not valid base64."),
    "picture_odd_format": N_(
        "Picture %(n)s is not in a known picture format. The data received can be downloaded."
    ),
    "picture_undrawn": N_("Picture %(n)s can only be downloaded. %(why)s"),
    "picture_not_https": N_("Picture %(n)s has an address that is not https."),
    "picture_because": N_("Picture %(n)s: %(why)s"),
    "not_fetched": N_(
        "A picture could not be downloaded from the gateway's address. An admin can see the "
        "details."
    ),
    "address_odd_format": N_("The address from the gateway is not a PNG, JPEG or WebP picture."),
    "no_time_to_fetch": N_("There was no time left to download this picture."),
    # Problems of the studio itself
    "not_rebuilt": N_("The request could not be rebuilt exactly as it was, so it was not sent."),
    "switched_off": N_("%(model)s has been switched off, so nothing was sent."),
    "nothing_sent": N_("Nothing was sent: %(why)s"),
    "stood_still": N_("The worker was suspended while sending. The request is not sent again."),
    "disk_failed": N_("The answer could not be written to disk."),
    "disk_full": N_(
        "The worker's disk is nearly full. Free some space; the queue then continues automatically."
    ),
    "folder_full": N_("The disk of %(folder)s is full or nearly full."),
    "folder_read_only": N_("%(folder)s is on a read-only disk."),
    "folder_denied": N_("The studio has no permission to write to %(folder)s."),
    "folder_missing": N_("The folder %(folder)s is missing."),
    "folder_failed": N_("Cannot write to %(folder)s: %(why)s."),
    "folder_then": N_("The queue continues automatically once this is fixed."),
    "older_copy": N_("This database is older than the requests sent from here."),
    "older_calls": Counted(
        "%(n)s paid request is missing from it; it is not sent again.",
        "%(n)s paid requests are missing from it; none of them is sent again.",
        "n",
    ),
    "older_unknown": N_(
        "It was sent before an older copy of the database was restored, so it is not sent again."
    ),
    "older_pressed_again": N_(
        "The same form was already sent, before an older copy of the database was restored, and "
        "may have been charged. It is not sent again. An admin sees it under Needs review."
    ),
    "older_perhaps": N_(
        "An older copy of the database was restored, so it is not certain whether this was sent. "
        "It is not sent again."
    ),
    "worker_stopped": N_("The worker was stopped during the request."),
    "worker_lost": N_("The worker stopped unexpectedly during the request."),
    "worker_lost_thrice": N_(
        "The worker stopped unexpectedly three times before the request was sent."
    ),
    "worker_lost_target_gone": N_(
        "The worker stopped unexpectedly, and %(target)s is no longer in use."
    ),
    "target_gone": N_("It was queued for %(target)s, which is no longer in use."),
    "cancelled_by": N_("Cancelled by %(name)s."),
    "account_off": N_("The account was switched off."),
    "token_revoked": N_("The access token “%(name)s” was revoked."),
    "cap_reached": N_("The run has reached its spending cap."),
    "limit_used_up": N_(
        "The limit was used up by pictures that cost more than expected, or it was lowered."
    ),
}


def tell(parts: Iterable[Told]) -> str:
    """Return stored parts as text in the reader's language."""
    return " ".join(_one(part["key"], part["values"]) for part in parts)


def tell_in_english(parts: Iterable[Told]) -> str:
    """Return stored parts in English, for logs and for an admin's details."""
    with override("en"):
        return tell(parts)


def without_cost(parts: Iterable[Told]) -> list[Told]:
    """Return the parts without the sentence about the cost."""
    return [part for part in parts if part["key"] not in COSTS]


def say(said: Sentence | Fault) -> str:
    """Return a sentence of the catalogue as text, with nested sentences filled in."""
    return _filled(gettext(said.template), said.params)


def as_told(fault: Fault) -> Told:
    """Return a fault in the form that rows store: its template is its key."""
    return {"key": fault.template, "values": dict(fault.params)}


def _one(key: str, values: Mapping[str, object]) -> str:
    entry = SENTENCES.get(key, key)
    if isinstance(entry, Counted):
        count = values.get(entry.count)
        number = count if isinstance(count, int) else 0
        return _filled(ngettext(entry.one, entry.many, number), values)
    return _filled(gettext(entry), values)


def _filled(template: str, values: Mapping[str, object]) -> str:
    try:
        return template % {name: _shown(name, value) for name, value in values.items()}
    except (KeyError, TypeError, ValueError):
        # A row written by a newer version: an unfilled template is better than a failing page.
        return template


def _shown(name: str, value: object) -> object:
    if isinstance(value, Sentence):
        return say(value)
    if isinstance(value, dict) and "key" in value:
        return _one(value["key"], value.get("values", {}))
    if not isinstance(value, str):
        return value
    # Labels of built-in models are translated; others are written by an admin.
    return isolated(gettext(value) if name == "label" and value else value)
