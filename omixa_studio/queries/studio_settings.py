"""Read what an admin has set for the whole studio."""

from omixa_studio.models import StudioSettings

from .prepared import Prepared

_FIRST = Prepared(lambda _nobody: StudioSettings.objects.order_by("pk")[:1])


def studio_settings() -> StudioSettings:
    """Return the one row of settings; with the defaults, unsaved, as long as nothing was set."""
    return _FIRST.first(None) or StudioSettings(pk=1)
