"""What people and guests say about a picture, and the notices its maker gets."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

LONGEST_COMMENT = 4000
LONGEST_GUEST_NAME = 60


class Approval(models.TextChoices):
    APPROVED = "approved", _("Approved")
    NEEDS_WORK = "needs_work", _("Needs work")


class Comment(models.Model):
    """A comment on a picture by a person, or by a guest of a link under a name of their choice.

    Guests see the comments with their own `link`; those without one are for the team.
    `approval` is what the author said of the picture together with the text, or "". `guest` is a
    digest of the secret in the guest's browser. A deleted comment stays as a row for undo, by
    whoever deleted it: a person's id in `deleted_by`, 0 for a guest.
    """

    picture = models.ForeignKey(
        "omixa_studio.Picture", models.CASCADE, related_name="comments", db_index=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="comments"
    )
    link = models.ForeignKey(
        "omixa_studio.GuestLink", models.SET_NULL, null=True, related_name="left_comments"
    )
    guest = models.CharField(max_length=64, blank=True, default="")
    guest_name = models.CharField(max_length=LONGEST_GUEST_NAME, blank=True, default="")
    text = models.TextField(blank=True, default="")
    approval = models.CharField(max_length=10, choices=Approval.choices, blank=True, default="")
    # The one-time value of the form, so that a form sent twice is one comment.
    click = models.CharField(max_length=64, unique=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["picture", "id"], name="comment_of_picture"),
        ]


class Notice(models.Model):
    """News for a person: a comment on their picture or at their link, or another event.

    Without a comment, `kind` is a row of presenters/news.NEWS, `facts` are the values of its
    sentence, and `path` is where it leads. One `key` is told to a person once; "" any number of
    times. `mailed_at` is when a mail with it was begun, so that it is never in two.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", db_index=False
    )
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="notices")
    kind = models.CharField(max_length=30, blank=True, default="", db_default="")
    facts = models.JSONField(default=dict)
    path = models.CharField(max_length=300, blank=True, default="", db_default="")
    key = models.CharField(max_length=120, blank=True, default="", db_default="")
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "comment"], name="one_notice_per_comment"),
            models.UniqueConstraint(
                fields=["key", "person"], condition=~Q(key=""), name="one_notice_per_key"
            ),
            models.CheckConstraint(
                condition=Q(comment__isnull=False) | ~Q(kind=""), name="notice_is_about_something"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_of_person"),
            models.Index(
                fields=["created_at"],
                name="notice_to_mail",
                condition=Q(mailed_at__isnull=True, read_at__isnull=True),
            ),
        ]
