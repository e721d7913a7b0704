"""Addresses in answers to programs."""

from django.conf import settings
from django.urls import reverse

from omixa_studio.models import Picture, Token
from omixa_studio.queries import api_files


def signed_address(picture: Picture, token: Token) -> str:
    """Return where a picture can be fetched without a token, for an hour or until this one ends."""
    text = api_files.sign(picture, token)
    return settings.STUDIO_URL + reverse("v1_picture_file", args=[text])


def page_of_picture(pk: int) -> str:
    """Return the address of the page of a picture, for people."""
    return settings.STUDIO_URL + reverse("picture", args=[pk])
