"""The gateway's bill, as far as it is known, and how it matches the ledger."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class BillSource(models.TextChoices):
    """Where lines of a bill come from; each source is compared by itself."""

    LOG = "log", _("Gateway's log")
    FILE = "file", _("Imported bill")


class MatchKind(models.TextChoices):
    EQUAL = "equal", _("Matches")
    AMOUNT = "amount", _("Different amounts")
    BILL_ONLY = "bill_only", _("In the bill, not here")
    HERE_ONLY = "here_only", _("Here, not in the bill")
    UNKNOWN = "unknown", _("Cost unknown here")
    UNCLEAR = "unclear", _("Amount in the bill unclear")
    UNCOVERED = "uncovered", _("Bill not known yet")


# What somebody has to explain or to settle.
DIFFERENCES = (
    MatchKind.AMOUNT,
    MatchKind.BILL_ONLY,
    MatchKind.HERE_ONLY,
    MatchKind.UNKNOWN,
    MatchKind.UNCLEAR,
)


class Proof(models.TextChoices):
    """Why a line and a request are taken for the same: their request id, or model and time."""

    ID = "id", _("Same request ID")
    NEAR = "near", _("Near in time")
    NONE = "", _("No proof")


class BillAnswer(models.Model):
    """An answer of the gateway about usage as it came, without the key; cut if it was long."""

    target = models.CharField(max_length=200)
    what = models.CharField(max_length=20)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True, default="")
    bytes = models.PositiveBigIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    error = models.JSONField(blank=True, default=list)
    asked_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["target", "-id"], name="bill_answer_by_time")]


class BillFile(models.Model):
    """A file with a bill. It is imported once its columns are chosen (`mapping`)."""

    target = models.CharField(max_length=200)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    stored = models.CharField(max_length=120)
    bytes = models.PositiveBigIntegerField()
    # The names of its columns as one hash: files with the same ones are read alike.
    columns_key = models.CharField(max_length=64)
    mapping = models.JSONField(null=True)
    rows = models.PositiveIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    # The first rows that could not be read: number and reason of each.
    faults = models.JSONField(default=list)
    by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now())
    imported_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "sha256"], name="one_bill_of_a_file"),
        ]


class BillEntry(models.Model):
    """A line of the bill. `key` is its request id, or a hash of all that it says.

    `amount_micros` is None where the amount is unclear; `amount_text` is what was received.
    """

    target = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=BillSource.choices)
    key = models.CharField(max_length=210)
    request_id = models.CharField(max_length=200, blank=True, default="")
    model = models.CharField(max_length=120, blank=True, default="")
    operation = models.CharField(max_length=60, blank=True, default="")
    status = models.CharField(max_length=60, blank=True, default="")
    at = models.DateTimeField(null=True)
    amount_micros = models.BigIntegerField(null=True)
    amount_text = models.CharField(max_length=80, blank=True, default="")
    file = models.ForeignKey(BillFile, models.SET_NULL, null=True, db_index=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "source", "key"], name="one_bill_entry"),
        ]
        indexes = [models.Index(fields=["target", "source", "at"], name="bill_entry_by_time")]


class BillCover(models.Model):
    """A stretch of time of which the bill is known: what is missing there is missing in it."""

    target = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=BillSource.choices)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["target", "source", "until"], name="bill_cover_by_time")]


class BillDay(models.Model):
    """A day (in UTC, as bills have them) compared: both sums in micro-dollars and the counts.

    `told_micros` is the day's total as the gateway told it, None if it did not; `bill_micros` that
    or the sum of the lines of a whole day, None if neither is known. `digest` is a hash of the
    matches, so that a day which did not change is not written again.
    """

    target = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=BillSource.choices)
    day = models.DateField()
    here_micros = models.BigIntegerField(default=0)
    bill_micros = models.BigIntegerField(null=True)
    told_micros = models.BigIntegerField(null=True)
    calls_here = models.PositiveIntegerField(default=0)
    calls_bill = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    open = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")
    matched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "source", "day"], name="one_bill_day"),
        ]


class BillNote(models.Model):
    """Somebody's word on a difference; rows are never changed or deleted.

    It holds for the two amounts that it was said of.
    """

    target = models.CharField(max_length=200)
    # A difference of a whole day has its day and source, one of a pair has the ids.
    day = models.DateField(null=True)
    source = models.CharField(max_length=10, blank=True, default="")
    entry_id = models.BigIntegerField(default=0)
    generation_id = models.BigIntegerField(default=0)
    here_micros = models.BigIntegerField(null=True)
    bill_micros = models.BigIntegerField(null=True)
    # What the ledger was changed by, None if it was only explained.
    change_micros = models.BigIntegerField(null=True)
    note = models.CharField(max_length=500)
    by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["target", "entry_id", "generation_id"], name="bill_note_of_pair"),
            models.Index(fields=["target", "day"], name="bill_note_of_day"),
        ]


class BillMatch(models.Model):
    """A line of the bill, or a request, or both side by side. Written anew with its day.

    `entry_id` and `generation_id` are 0 where there is none. The rows of a day are in the order in
    which they are shown: differences first, then by time.
    """

    bill_day = models.ForeignKey(BillDay, models.CASCADE, related_name="matches", db_index=False)
    kind = models.CharField(max_length=10, choices=MatchKind.choices)
    proof = models.CharField(max_length=10, choices=Proof.choices, blank=True, default="")
    entry_id = models.BigIntegerField(default=0)
    generation_id = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)
    model = models.CharField(max_length=120, blank=True, default="")
    here_micros = models.BigIntegerField(null=True)
    bill_micros = models.BigIntegerField(null=True)
    note = models.ForeignKey(BillNote, models.PROTECT, null=True, db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["bill_day", "id"], name="bill_match_of_day"),
            models.Index(fields=["bill_day", "kind", "id"], name="bill_match_by_kind"),
        ]

    @property
    def is_open(self) -> bool:
        return self.kind in DIFFERENCES and self.note_id is None


class TopUp(models.Model):
    """Money put into the wallet; negative where it corrects an earlier row. Never changed."""

    target = models.CharField(max_length=200)
    amount_micros = models.BigIntegerField()
    day = models.DateField()
    note = models.CharField(max_length=200, blank=True, default="")
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="correction")
    by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(corrects=None, amount_micros__gt=0)
                | Q(corrects__isnull=False, amount_micros__lt=0),
                name="top_up_has_its_sign",
            ),
        ]
        indexes = [models.Index(fields=["target", "day"], name="top_up_by_day")]


class WalletWarning(models.Model):
    """There while the wallet should hold less than the threshold; one row per target."""

    target = models.CharField(max_length=200, unique=True)
    left_micros = models.BigIntegerField()
    since = models.DateTimeField(db_default=Now())
