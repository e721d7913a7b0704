"""Projects: what requests are for. A closed one is kept, but nothing more is spent on it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .search import FoldedCopy

LONGEST_NAME = 80


class Project(models.Model):
    """Something that requests and their costs belong to; it is closed, never deleted."""

    name = models.CharField(max_length=LONGEST_NAME)
    name_search = FoldedCopy("name")
    note = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    # Its requests are sent with this key; None for the environment's.
    gateway_key = models.ForeignKey(
        "omixa_studio.GatewayKey", models.PROTECT, null=True, related_name="projects"
    )

    class Meta:
        constraints = [
            # Folded here, since SQLite ignores the case of ASCII letters alone.
            models.UniqueConstraint(fields=["name_search"], name="one_project_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class ProjectMember(models.Model):
    """A person who may use a project and see it. Managers and admins see all projects."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="project_memberships"
    )
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "person"], name="one_membership_of_a_person"
            ),
        ]
