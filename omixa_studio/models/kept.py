"""How many pictures people kept or threw away, by day, person, model, project and recipe."""

from django.db import models

# Stand in a total for all people, models, projects or recipes.
ALL_IDS, ALL_MODELS = -1, ""


class Level(models.TextChoices):
    """What a total tells apart: nothing, one kind of name, or each combination of names."""

    ALL = "all"
    PERSON = "person"
    MODEL = "model"
    PROJECT = "project"
    RECIPE = "recipe"
    EACH = "each"


class Grain(models.TextChoices):
    """A total is of a day, or of the month that begins on it."""

    DAY = "day"
    MONTH = "month"


class KeptFigures(models.Model):
    """What pictures or bills add, for the day and the names that the ledger has of their request.

    `recipe` is the id of a preset, or the (negative) key of a template, or 0. Of `kept` pictures
    each is counted in the four figures that follow as often as it applies. `rejected` ones are
    rejected or in the trash; `repeats` are requests whose pictures somebody else had shared.
    `pictures` and `billed_micros` are what the ledger says, of requests with a recipe alone.
    """

    target = models.CharField(max_length=200)
    day = models.DateField()
    person_id = models.BigIntegerField()
    model = models.CharField(max_length=120)
    project_id = models.BigIntegerField()
    recipe = models.BigIntegerField()
    kept = models.BigIntegerField(default=0, db_default=0)
    starred = models.BigIntegerField(default=0, db_default=0)
    downloaded = models.BigIntegerField(default=0, db_default=0)
    approved = models.BigIntegerField(default=0, db_default=0)
    collected = models.BigIntegerField(default=0, db_default=0)
    rejected = models.BigIntegerField(default=0, db_default=0)
    rejected_micros = models.BigIntegerField(default=0, db_default=0)
    repeats = models.BigIntegerField(default=0, db_default=0)
    repeat_micros = models.BigIntegerField(default=0, db_default=0)
    pictures = models.BigIntegerField(default=0, db_default=0)
    billed_micros = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


class KeptChange(KeptFigures):
    """A change that is in no total yet: triggers insert it in the transaction of the change.

    Inserted, never updated, so that no two changes wait for each other; the worker adds them up.
    """


class KeptTotal(KeptFigures):
    """A sum of changes; those of each combination of names are by day alone.

    What a total does not tell apart is ALL_IDS or ALL_MODELS.
    """

    grain = models.CharField(max_length=5, choices=Grain.choices)
    level = models.CharField(max_length=7, choices=Level.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "target",
                    "grain",
                    "level",
                    "day",
                    "person_id",
                    "model",
                    "project_id",
                    "recipe",
                ],
                name="one_total_of_kept",
            ),
        ]
        indexes = [
            models.Index(fields=["target", "level", "person_id", "day"], name="kept_of_person"),
            models.Index(fields=["target", "level", "model", "day"], name="kept_of_model"),
            models.Index(fields=["target", "level", "project_id", "day"], name="kept_of_project"),
        ]
