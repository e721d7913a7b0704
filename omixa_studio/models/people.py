"""The accounts of the studio."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .reading import ReadQuickly
from .search import UnaccentedCopy


class Role(models.TextChoices):
    MEMBER = "member", _("Member")
    MANAGER = "manager", _("Manager")
    ADMIN = "admin", _("Admin")


class Theme(models.TextChoices):
    AUTO = "auto", _("Like the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Person(ReadQuickly, AbstractUser):
    """An account. Former members stay as rows with is_active off."""

    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    language = models.CharField(max_length=10, blank=True, default="")
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.AUTO)
    # Set while an admin knows the password, so the owner has to choose another one first.
    must_change_password = models.BooleanField(default=False)
    # Set while the role requires a two-step login and the person has not set one up: kept here, so
    # that no page has to look it up.
    must_add_factor = models.BooleanField(default=False, db_default=False)
    # How many notices are not read yet, and whether and when they were mailed.
    unread = models.PositiveIntegerField(default=0, db_default=0)
    mail_notices = models.BooleanField(default=True, db_default=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    # Whether there are background jobs to show: spares every page a statement while there are none.
    has_jobs = models.BooleanField(default=False, db_default=False)
    # The project chosen last in a form, which the next one begins with.
    last_project = models.ForeignKey(
        "omixa_studio.Project", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # The text that a search for people matches. It begins with the displayed name, so it also sorts
    # by it.
    search = UnaccentedCopy(of="first_name last_name username email", db_default="")

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="person_role_is_known"
            ),
            # People can log in by e-mail.
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="one_account_per_email"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the display name."""
        return self.get_full_name() or self.username

    @property
    def sees_costs(self) -> bool:
        return self.role in (Role.MANAGER, Role.ADMIN)

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN
