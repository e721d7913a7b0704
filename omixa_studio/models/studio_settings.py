"""What an admin has set for the whole studio: one row."""

from django.db import models

from .periods import Period


class StudioSettings(models.Model):
    """The settings of the studio; read by queries/studio_settings.py, which makes up the row."""

    # Whether each request has to name a project.
    project_required = models.BooleanField(default=False, db_default=False)
    # The limit that accounts made from now on get, in micro-dollars; None for no limit.
    default_limit_micros = models.BigIntegerField(null=True)
    default_limit_period = models.CharField(
        max_length=10, choices=Period.choices, default=Period.MONTH, db_default=Period.MONTH
    )
    # Whether the rules of requests leave admins free.
    admins_unruled = models.BooleanField(default=False, db_default=False)
    # The wallet's admins are warned when less should be left, in micro-dollars.
    wallet_warn_micros = models.BigIntegerField(default=5_000_000, db_default=5_000_000)
    # Whether managers may answer requests for money too.
    managers_approve = models.BooleanField(default=False, db_default=False)
    # The roles, as a list of Role's values, whose login has to have two steps.
    factor_roles = models.JSONField(default=list)
