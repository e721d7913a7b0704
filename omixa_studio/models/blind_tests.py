"""Blind tests: the same prompts by several models, judged in pairs without their names."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from .generations import Generation
from .pictures import Picture
from .runs import Run


class BlindTest(models.Model):
    """A blind test: what is compared and who judges it; its run made the pictures.

    `pairs` is the number of pairs, 0 until the pictures are ready; each person judges `pairs_each`
    of them.
    """

    run = models.OneToOneField(Run, models.CASCADE, related_name="blind_test")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="blind_tests"
    )
    target = models.CharField(max_length=200)
    name = models.CharField(max_length=120)
    prompts = models.JSONField(default=list)
    pictures_each = models.PositiveSmallIntegerField()
    pairs_each = models.PositiveSmallIntegerField()
    open_to_all = models.BooleanField(default=True)
    pairs = models.PositiveIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            # The studio's page queries the newest open test.
            models.Index(fields=["closed_at", "-id"], name="blind_test_open"),
        ]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def quota(self) -> int:
        """Return the number of pairs that one person judges."""
        return min(self.pairs_each, self.pairs)


class Contestant(models.Model):
    """A model with the options that distinguish it from the other contestants of its test."""

    test = models.ForeignKey(BlindTest, models.CASCADE, related_name="contestants")
    position = models.PositiveSmallIntegerField()
    model = models.CharField(max_length=120)
    options = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["test", "position"], name="one_contestant_per_place"),
        ]


class Sample(models.Model):
    """The link from a generation of a test to its contestant and its prompt."""

    generation = models.OneToOneField(Generation, models.CASCADE, related_name="sample")
    contestant = models.ForeignKey(Contestant, models.CASCADE, related_name="samples")
    prompt = models.PositiveSmallIntegerField()


class Pair(models.Model):
    """Two pictures of one prompt by two contestants; `votes` counts the votes that are not skips.

    Pairs are written in random order, so that neither key nor position reveals the contestant.
    """

    test = models.ForeignKey(BlindTest, models.CASCADE, related_name="+", db_index=False)
    prompt = models.PositiveSmallIntegerField()
    first = models.ForeignKey(Picture, models.SET_NULL, null=True, related_name="+")
    second = models.ForeignKey(Picture, models.SET_NULL, null=True, related_name="+")
    first_by = models.ForeignKey(Contestant, models.CASCADE, related_name="+")
    second_by = models.ForeignKey(Contestant, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    votes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["test", "position"], name="one_pair_per_position"),
            models.CheckConstraint(
                condition=~Q(first_by=F("second_by")), name="pair_has_two_contestants"
            ),
        ]
        indexes = [
            # The next pair to judge is the one with the fewest votes.
            models.Index(fields=["test", "votes", "position"], name="pair_by_votes"),
        ]


class Ballot(models.Model):
    """One person's part in a test. A finished ballot shows the results and takes no more votes."""

    test = models.ForeignKey(BlindTest, models.CASCADE, related_name="ballots")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="ballots"
    )
    finished_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["test", "person"], name="one_ballot_per_person"),
        ]


class Verdict(models.TextChoices):
    """The possible verdicts on a pair, named by the position of its pictures in the row."""

    FIRST = "first"
    SECOND = "second"
    EQUAL = "equal"
    SKIP = "skip"


class Vote(models.Model):
    """The single verdict of a ballot on a pair; undoing it deletes the row."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="votes")
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ballot", "pair"], name="one_vote_per_pair"),
        ]
