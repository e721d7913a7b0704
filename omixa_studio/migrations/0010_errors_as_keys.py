"""Errors become keys with values; the sentences of old rows become these where that is sure."""

import json
import re

from django.db import migrations, models

COSTS = {
    "Nothing was charged.": "cost_none",
    "The gateway charged for it.": "cost_charged",
    "Whether it was charged is not known.": "cost_unknown",
    "It may have been charged.": "cost_possible",
}
USAGE_LOG = "An admin has to look at the gateway's usage log"
KNOWN = {
    "The gateway did not accept this request. Change the prompt or the options and try "
    "again.": "not_accepted",
    "The gateway did not accept the key. An admin has to set a valid key.": "key_refused",
    "The wallet's balance is too low. An admin has to top it up and press Resume.": "balance_low",
    "The key may not use this model. Choose another model, or ask an admin to allow "
    "it.": "model_forbidden",
    "The gateway does not know this model or address. Choose another model.": "model_not_found",
    f"The gateway gave up waiting. {USAGE_LOG}.": "gave_up_waiting",
    f"The gateway reported a conflict. {USAGE_LOG}.": "conflict",
    "The request was too large for the gateway. Use fewer or smaller input "
    "images.": "request_too_large",
    "The gateway asked us to slow down. The request is tried again after a while.": "slow_down",
    "The gateway has no healthy route at the moment. The request is tried again after a "
    "while.": "no_route",
    "The gateway's address is misconfigured: it redirects, which is never followed with the key. "
    "An admin has to correct the base address.": "redirected",
    "The gateway failed. An admin has to look at its usage log before this is tried "
    "again.": "gateway_failed",
    "The gateway answered in an unexpected way. An admin has to look at its usage log before this "
    "is tried again.": "odd_status",
    "The gateway refused this prompt or picture by its safety rules. Change it and try "
    "again.": "policy",
    "The gateway asks for signed requests, which this studio does not send. An admin has to "
    "switch signing off for this key.": "signing_asked",
    "The gateway sent no picture, which is how it refuses a prompt. Change the prompt before "
    "trying again.": "no_picture",
    "The gateway reported an error instead of a picture. An admin can read the "
    "details.": "error_inside",
    f"The gateway's answer holds no picture that can be opened. {USAGE_LOG}.": "nothing_usable",
    "The gateway's answer held no picture that can be opened.": "nothing_opened",
    f"The gateway's answer cannot be read. {USAGE_LOG}.": "unreadable",
    "The pictures could not be fetched yet. This is tried again for ten "
    "minutes.": "pictures_awaited",
    "The gateway could not be reached. The request is tried again after a while.": "unreachable",
    "No safe connection to the gateway could be made. An admin has to check its address, its "
    "certificate and this machine's clock.": "untrusted",
    f"The gateway took longer than this studio waits. {USAGE_LOG} before this is tried "
    "again.": "too_slow",
    f"The connection to the gateway broke before the answer was complete. {USAGE_LOG} before this "
    "is tried again.": "broken_off",
    "The gateway's answer was larger than this studio accepts. An admin can raise the "
    "limit.": "answer_too_large",
    "The gateway could not take this request, and it is not tried again by itself.": "given_up",
    "The gateway also reported an error.": "error_beside",
    "The request could not be put together again as it was, so it was not sent.": "not_rebuilt",
    "The worker stood still at the moment of sending. Nothing is sent twice.": "stood_still",
    "The answer could not be written to disk.": "disk_failed",
    "The disk of the worker is nearly full. Free some space; the queue goes on by "
    "itself.": "disk_full",
    "The worker was stopped while the call was under way.": "worker_stopped",
    "The worker was lost while the call was under way.": "worker_lost",
    "The worker was lost three times before the call was sent.": "worker_lost_thrice",
    "The run has reached its cap.": "cap_reached",
}
# Each reads its text once: no two of its parts can take the same letters.
SHAPED = {
    r"(?P<model>\S+) has been switched off, so nothing was sent\.": "switched_off",
    r"Nothing was sent: (?P<why>.+)": "nothing_sent",
    r"It was queued for (?P<target>\S+), which is no longer in use\.": "target_gone",
    r"The worker was lost, and (?P<target>\S+) is no longer in use\.": "worker_lost_target_gone",
    r"The gateway sent (?P<came>\d+) of (?P<asked>\d+) pictures\.": "too_few_came",
    r"The gateway sent (?P<came>\d+) pictures, more than the (?P<asked>\d+) asked for\.": (
        "too_many_came"
    ),
    r"Picture (?P<n>\d+) is missing\.": "picture_missing",
    r"Picture (?P<n>\d+) is empty\.": "picture_empty",
    r"Picture (?P<n>\d+) is larger than allowed\.": "picture_too_large",
    r"Picture (?P<n>\d+) is not valid base64\.": "picture_not_base64",
    r"Picture (?P<n>\d+) is not a PNG, JPEG or WebP picture\.": "picture_odd_format",
    r"Picture (?P<n>\d+) has an address that is not https\.": "picture_not_https",
    r"Picture (?P<n>\d+): (?P<why>.+)": "picture_because",
}
# These are their own keys.
REASONS = ("The picture is broken or cut off.", "The picture has more than 50 megapixels.")
BATCH = 500


def as_keys(stored):
    """The keys and values of a stored text; of what is not known the text as it stands."""
    if not stored:
        return []
    costs = [cost for cost in COSTS if stored.endswith(f" {cost}")]
    whole = stored.removesuffix(costs[0]).rstrip() if costs else stored
    pieces = [whole] if whole in KNOWN else re.split(r"(?<=[.!?]) ", whole)
    return [as_key(piece) for piece in (*pieces, *costs)]


def as_key(sentence):
    for shape, key in SHAPED.items():
        found = re.fullmatch(shape, sentence)
        if found:
            return {"key": key, "values": {k: value_of(k, v) for k, v in found.groupdict().items()}}
    return whole_key(sentence)


def whole_key(sentence):
    key = KNOWN.get(sentence) or COSTS.get(sentence)
    if key or sentence in REASONS:
        return {"key": key or sentence, "values": {}}
    return {"key": "text", "values": {"text": sentence}}


def value_of(name, text):
    if name == "why":
        return whole_key(text)
    return int(text) if text.isdecimal() and name in ("n", "came", "asked") else text


def write_keys(apps, _schema_editor):
    for name in ("Generation", "Pause"):
        rows = apps.get_model("omixa_studio", name).objects
        batch = []
        for row in rows.exclude(error="").only("pk", "error").iterator(BATCH):
            row.error = json.dumps(as_keys(row.error))
            batch.append(row)
            if len(batch) == BATCH:
                rows.bulk_update(batch, ["error"])
                batch = []
        rows.bulk_update(batch, ["error"])
        rows.filter(error="").update(error="[]")


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0009_limits_and_balances_as_rows"),
    ]

    operations = [
        migrations.RenameField("pause", "sentence", "error"),
        migrations.RunPython(write_keys, migrations.RunPython.noop),
        migrations.AlterField("generation", "error", models.JSONField(blank=True, default=list)),
        migrations.AlterField("pause", "error", models.JSONField(blank=True, default=list)),
    ]
