"""A guest link with comments, as they look after a few days of work with a client."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from omixa_studio.models import GuestLink, Person
from omixa_studio.queries.pictures import gallery
from omixa_studio.services.audit import Actor
from omixa_studio.services.comments import Author, add_comment
from omixa_studio.services.guest_links import LinkTerms, make_link

MOST_SHARED = 12
# What is said of the first pictures: a text, an approval.
SAID = (
    ("Love the light here. Could it be a little wider, so that the headline fits?", "needs_work"),
    ("", "approved"),
    ("This one for the cover!", "approved"),
)


def share_some(people: Sequence[Person]) -> GuestLink | None:
    """Make a guest link of the first person's newest pictures, unless they have one; comment."""
    maker = people[0]
    if GuestLink.objects.filter(person=maker).exists():
        return None
    shown = list(gallery(maker)[:MOST_SHARED])
    if not shown:
        return None
    link = make_link(
        maker,
        LinkTerms(
            title="Autumn campaign, first round",
            expires_at=timezone.now() + timedelta(days=30),
            password="",
            downloads=True,
            prompts=False,
            comments=True,
        ),
        by=Actor(maker.pk, maker.username),
        pictures=[picture.pk for picture in shown],
    )
    guest = Author(link=link, guest="demo", guest_name="Nora Halden")
    for picture, (text, approval) in zip(shown, SAID, strict=False):
        add_comment(picture, guest, text, approval=approval)
    add_comment(shown[0], Author(person=maker, link=link), "Of course. A new version tomorrow.")
    return link
