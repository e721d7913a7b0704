"""Read what an admin has set for the whole studio."""

from omixa_studio.models import StudioSettings


def studio_settings() -> StudioSettings:
    """Return the one row of settings; with the defaults, unsaved, as long as nothing was set."""
    return StudioSettings.objects.first() or StudioSettings(pk=1)
