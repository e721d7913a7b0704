"""Guest links: addresses at which strangers see chosen pictures, and how often they did."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

LONGEST_TITLE = 120


class GuestLink(models.Model):
    """An address that shows chosen pictures, or a collection as it is now, without an account.

    The address itself is not stored: `digest` finds the link of a token, and with the studio's
    secret key the token follows from `seed`. `expires_at` is None for a link without an end, and
    `password` is "" or a hash. `revoked_by` is the id of who closed it, None for the studio itself.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="guest_links", db_index=False
    )
    # What the link shows, for a link of pictures None; a link ends with its collection.
    collection = models.ForeignKey(
        "omixa_studio.Collection", models.CASCADE, null=True, related_name="guest_links"
    )
    title = models.CharField(max_length=LONGEST_TITLE, blank=True, default="")
    seed = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    password = models.CharField(max_length=128, blank=True, default="")
    # The last number given to a picture; of a link of pictures, how many it was made of.
    pictures = models.PositiveIntegerField(default=0)
    downloads = models.BooleanField(default=False)
    prompts = models.BooleanField(default=False)
    comments = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["person", "-id"], name="guest_link_of_person"),
        ]


class LinkPicture(models.Model):
    """The number of a picture at a guest link, which never changes.

    A link of pictures has a row for each of them; one of a collection has a row for each picture
    that a guest has seen.
    """

    link = models.ForeignKey(GuestLink, models.CASCADE, related_name="numbers", db_index=False)
    number = models.PositiveIntegerField()
    picture = models.ForeignKey(
        "omixa_studio.Picture", models.CASCADE, related_name="guest_numbers"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "number"], name="one_picture_per_number"),
            models.UniqueConstraint(fields=["link", "picture"], name="one_number_per_picture"),
        ]


class LinkVisits(models.Model):
    """How many browsers opened a guest link on a day of the studio's time zone."""

    link = models.ForeignKey(GuestLink, models.CASCADE, related_name="visits", db_index=False)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "day"], name="one_count_of_visits_per_day"),
        ]
