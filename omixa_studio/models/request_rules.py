"""What may be asked for in one request: by role, by person, and in the whole studio."""

from django.db import models
from django.db.models import Q

from .limits import Scope

RULED = (Scope.PERSON, Scope.ROLE, Scope.STUDIO)


class RequestRule(models.Model):
    """What one request of a person, a role, or anybody ("" of the studio) must keep to.

    Every rule that applies has to be met; without a row nothing is ruled. An empty list of allowed
    models allows all; `forbidden` lists values that may not be chosen, by the gateway's field name.
    """

    scope = models.CharField(max_length=10, choices=[(one.value, one.label) for one in RULED])
    subject = models.CharField(max_length=120, blank=True, default="")
    dearest_micros = models.BigIntegerField(null=True)
    most_pictures = models.PositiveSmallIntegerField(null=True)
    allowed_models = models.JSONField(default=list)
    forbidden = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "subject"], name="one_rule_of_a_subject"),
            models.CheckConstraint(
                condition=Q(scope="studio", subject="")
                | (Q(scope__in=("person", "role")) & ~Q(subject="")),
                name="rule_names_its_subject",
            ),
        ]
